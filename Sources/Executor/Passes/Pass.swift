import EspalierGraph

/// A rewriting of a program, with a name by which it can be switched off and dumped.
package struct Pass: Sendable {
  /// The name, `merge-duplicates`.
  package let name: String
  /// Whether a plan cannot be made without it.
  package let isRequired: Bool
  private let body: @Sendable (inout Program, PassContext) throws(ExecutionError) -> Void

  init(
    _ name: String, isRequired: Bool = false,
    _ body: @escaping @Sendable (inout Program, PassContext) throws(ExecutionError) -> Void
  ) {
    self.name = name
    self.isRequired = isRequired
    self.body = body
  }

  /// Runs the pass and drops what nobody needs any more.
  package func run(_ program: inout Program, _ context: PassContext) throws(ExecutionError) {
    try body(&program, context)
    program.dropUnused()
  }
}

/// What passes need besides the program.
package struct PassContext {
  /// The threads that compute what is folded.
  package let pool: ThreadPool

  package init(pool: ThreadPool) {
    self.pool = pool
  }
}

/// The passes in their order, some of them left out.
package struct Pipeline: Sendable {
  /// All passes in order.
  package static let all: [Pass] = [
    .variables, .dropGates, .specialize, .decompose, .foldConstants, .mergeDuplicates, .simplify, .layout,
    .mergeDuplicates,
    .simplify, .foldPadding, .foldScales, .epilogues, .fuse, .recompute, .joinGradients, .fuseResults, .fuseSources,
    .schedule,
  ]

  /// The passes that run.
  package let passes: [Pass]
  /// The folder that the program is written to after each pass.
  private let dump: String?
  /// Whether the shape rules are run again after each pass.
  private let verifies: Bool

  /// Returns all passes but those of these names.
  package init(without disabled: Set<String> = [], dump: String? = nil, verifies: Bool = false) {
    passes = Self.all.filter { $0.isRequired || !disabled.contains($0.name) }
    self.dump = dump
    self.verifies = verifies
  }

  /// Runs all passes on a program.
  package func run(_ program: inout Program, _ context: PassContext) throws(ExecutionError) {
    let dumps = dump.map { ProgramDump(folder: $0) }
    dumps?.write(program, number: 0, name: "built")
    for (index, pass) in passes.enumerated() {
      try pass.run(&program, context)
      dumps?.write(program, number: index + 1, name: pass.name)
      if verifies { try program.verify(after: pass.name) }
    }
  }
}
