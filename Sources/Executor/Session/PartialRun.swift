import EspalierGraph

extension Session {
  /// Returns a run that is made in parts: each computes some of `fetches` from what is fed by then.
  ///
  ///     let partial = try session.partialRun([first, second], feeds: [a, b])
  ///     let x = try partial.run([first], feeding: [a: 1])
  ///     let y = try partial.run([second], feeding: [b: f(x)])
  ///
  /// - Throws: `ExecutionError` if there is nothing to fetch, or it is not of this session's graph.
  ///
  /// Source: `tf.Session.partial_run_setup`.
  public func partialRun(_ fetches: [Tensor], feeds: [Tensor] = []) throws(ExecutionError) -> PartialRun {
    guard !fetches.isEmpty else {
      throw ExecutionError("Must specify at least one target to fetch or execute.", kind: .invalidArgument)
    }
    for tensor in fetches + feeds { _ = try fetchable(tensor) }
    return PartialRun(self, fetches: Set(fetches), feeds: Set(feeds))
  }
}

/// A run that is made in parts.
///
/// What an earlier part has fetched is not computed again; all parts are one run to operations that draw random numbers.
public final class PartialRun {
  private let session: Session
  private let fetches: Set<Tensor>
  private let feeds: Set<Tensor>
  private var fed: [Tensor: HostTensor] = [:]
  private var fetched: [Tensor: HostTensor] = [:]
  private var written: Set<String> = []
  private var invocation: UInt64?

  init(_ session: Session, fetches: Set<Tensor>, feeds: Set<Tensor>) {
    self.session = session
    self.fetches = fetches
    self.feeds = feeds
  }

  /// Returns the values of some of the tensors that the run was set up with; each can be fetched once.
  ///
  /// - Parameter feeding: Values of some of the feeds that the run was set up with; each can be fed once.
  /// - Throws: `ExecutionError` for other tensors, for those that cannot be computed yet, and where a variable would be
  ///   assigned a second time; what `Session.run` throws.
  ///
  /// Source: `tf.Session.partial_run`.
  public func run(_ wanted: [Tensor], feeding: [Tensor: HostTensor] = [:]) throws -> [HostTensor] {
    for tensor in wanted {
      guard fetches.contains(tensor) else {
        throw Self.refusal("The fetch \(tensor.name) was not specified in partial_run_setup.")
      }
      guard fetched[tensor] == nil else { throw Self.refusal("The fetch \(tensor.name) has already been fetched.") }
    }
    for tensor in feeding.keys {
      guard feeds.contains(tensor) else {
        throw Self.refusal("The feed \(tensor.name) was not specified in partial_run_setup.")
      }
      guard fed[tensor] == nil else { throw Self.refusal("The feed \(tensor.name) has already been fed.") }
    }
    let known = fed.merging(feeding) { $1 }
    let values = fetched.merging(known) { $1 }
    try checkComputable(wanted, known: Set(values.keys))
    // What runs in stages assigns nothing.
    if let plan = try? session.plan(wanted, feeding: values) { try checkAssignments(plan.writtenVariables.map(\.name)) }
    let results = try asOneRun { try session.run(wanted, feeding: values) }
    fed = known
    for (tensor, value) in zip(wanted, results) { fetched[tensor] = value }
    return results
  }

  /// Throws unless what is known is enough.
  private func checkComputable(_ wanted: [Tensor], known: Set<Tensor>) throws(ExecutionError) {
    var stack = wanted
    var seen: Set<Tensor> = []
    while let tensor = stack.popLast() {
      guard !known.contains(tensor), seen.insert(tensor).inserted else { continue }
      guard !feeds.contains(tensor) else {
        throw Self.refusal("Fetch \(tensor.name) can't be computed from the feeds that have been fed so far.")
      }
      stack += tensor.node.inputs
    }
  }

  private func checkAssignments(_ names: [String]) throws(ExecutionError) {
    if let name = names.first(where: written.contains) {
      throw ExecutionError("a partial run would assign '\(name)' a second time", kind: .unimplemented)
    }
    written.formUnion(names)
  }

  /// Lets random operations draw what they drew in earlier parts.
  private func asOneRun<Result>(_ body: () throws -> Result) rethrows -> Result {
    let current = session.randomInvocation
    let first = invocation ?? current
    invocation = first
    session.randomInvocation = first
    defer { session.randomInvocation = max(current, session.randomInvocation) }
    return try body()
  }

  private static func refusal(_ message: String) -> ExecutionError {
    ExecutionError(message, kind: .invalidArgument)
  }
}
