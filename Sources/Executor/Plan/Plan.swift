import EspalierGraph

/// A program made ready to run: its kernels in order, and where every value lies.
package final class Plan {
  /// One kernel of a plan.
  package struct Step {
    /// The node that it computes.
    package let node: Program.Node
    package let kernel: Kernel
    let number: Int
    // Addresses in the table: inputs, then outputs.
    let table: Int
    /// Whether its results are kept, so that it runs only after a variable was changed from outside.
    package let isSteady: Bool
    /// Whether what its kernel prepares is kept in the same way.
    package let keepsPreparation: Bool
  }

  /// The program after all passes.
  package let program: Program
  /// The kernels in the order in which they run.
  package let kernels: [Step]
  let memory: MemoryPlan
  let scratchBytes: Int
  /// Whether it draws random numbers.
  let isRandom: Bool
  let variables: [VariableStorage]
  /// The variables whose value from before the run is used.
  let requiredVariables: [(storage: VariableStorage, node: Program.Node)]
  let writtenVariables: [VariableStorage]
  let slots: HostSlots
  /// The number of its last use.
  var lastUse = 0
  /// The variables that what is kept was made of.
  private let keptVariables: [VariableStorage]
  /// What was computed from constants and variables that the plan does not write.
  private(set) lazy var kept = AlignedMemory(byteCount: memory.keptBytes)
  /// The versions of those variables when it was computed, added up; nil before that.
  var keptVersion: Int?

  /// Returns the plan of a program that all passes have been over.
  init(_ program: Program, store: VariableStore) throws(ExecutionError) {
    self.program = program
    var selected: [Kernel?] = []
    for node in program.nodes { selected.append(try program.kernel(for: node)) }
    let steady = program.steadyNodes()
    memory = try MemoryPlan(program, selected, steady: steady)
    variables = try memory.variables.map { (name, type) throws(ExecutionError) in
      try store.storage(named: name, type.dataType, type.shape.known ?? [])
    }
    slots = HostSlots(count: memory.slots)
    var steps: [Step] = []
    var table = 0
    for (index, node) in program.nodes.enumerated() {
      guard let kernel = selected[index] else { continue }
      let isPrepared = kernel.preparation.map { steady[node.inputs[$0.input].node] } ?? false
      steps.append(
        Step(
          node: node, kernel: kernel, number: index, table: table, isSteady: steady[index],
          keepsPreparation: isPrepared && !steady[index]))
      table += node.inputs.count + node.outputs.count
    }
    kernels = steps
    scratchBytes = steps.reduce(0) { max($0, $1.kernel.scratchBytes) }
    isRandom = program.nodes.contains { $0.operation.effect == .random }
    let usage = program.variableUsage()
    let byName = Dictionary(variables.map { ($0.name, $0) }) { first, _ in first }
    requiredVariables = usage.read.compactMap { node in
      (node.operation as? ReadVariable).flatMap { byName[$0.variable] }.map { ($0, node) }
    }
    writtenVariables = usage.written.compactMap { byName[$0] }
    let written = Set(usage.written)
    keptVariables = variables.filter { !written.contains($0.name) }
  }

  /// A number that changes whenever one of the variables changes that what is kept was made of.
  var steadyVersion: Int { keptVariables.reduce(0) { $0 + $1.version } }

  /// The bytes of what the plan computes: the sum of what is alive at the worst moment.
  package var arenaBytes: Int { memory.arenaBytes }
  /// The bytes that it would be if nothing shared memory.
  package var unsharedBytes: Int { memory.unsharedBytes }

  /// The bytes that the session needs while the plan runs, feeds and fetched copies apart: what the plan computes, the
  /// variables and the constants.
  package var peakBytes: Int {
    memory.arenaBytes + memory.keptBytes + variables.reduce(0) { $0 + $1.memory.byteCount }
      + memory.constants.reduce(0) { $0 + $1.byteCount }
  }
}

extension Plan {
  /// Throws if running the plan needs more memory than `limit`, with the largest tensors.
  func checkSize(limit: Int) throws(ExecutionError) {
    guard peakBytes > limit else { return }
    let sizes = program.nodes.flatMap { node in node.outputs.map { ($0.byteCount, "\($0)  \(node.name)") } }
    let largest = sizes.sorted { $0.0 > $1.0 }.prefix(8).map { "\n  \($0.0 >> 20) MiB  \($0.1)" }.joined()
    throw ExecutionError(
      "The run needs \(peakBytes >> 20) MiB of memory, and there are \(limit >> 20) MiB. The largest tensors:\(largest)",
      kind: .resourceExhausted)
  }
}

/// The values of a plan that are not in memory of the plan's own: tensors of strings.
final class HostSlots {
  var values: [HostTensor?]

  init(count: Int) {
    values = [HostTensor?](repeating: nil, count: count)
  }
}

extension Program {
  /// Returns what computes a node, or nil if nothing has to be done.
  fileprivate func kernel(for node: Node) throws(ExecutionError) -> Kernel? {
    switch node.operation.fusion {
    case .source, .view: return nil
    default: return node.operation is NoOp ? nil : try node.kernel(node.inputs.map(type))
    }
  }

  /// Returns the nodes that stand for variables whose old value somebody reads, and the names of those written.
  fileprivate func variableUsage() -> (read: [Node], written: [String]) {
    // Views of a variable's old value, by the variable's node.
    var origin: [TensorID: Int] = [:]
    var read: Set<Int> = []
    var written: Set<String> = []
    for (index, node) in nodes.enumerated() {
      if node.operation is ReadVariable { origin[TensorID(node: index, index: 0)] = index }
      for (position, input) in node.inputs.enumerated() {
        guard let variable = origin[input] else { continue }
        if node.operation.fusion == .view {
          if position == 0 { origin[TensorID(node: index, index: 0)] = variable }
        } else if !node.ignoresValue(ofInput: position) {
          read.insert(variable)
        }
      }
      for write in node.writes { written.formUnion(variableName(node.inputs[write.input])) }
    }
    for fetch in fetches { if let variable = origin[fetch] { read.insert(variable) } }
    return (read.sorted().map { nodes[$0] }, written.sorted())
  }

  /// The name of the variable that a value is a version of.
  private func variableName(_ value: TensorID) -> [String] {
    var current = value
    while true {
      let node = nodes[current.node]
      if let read = node.operation as? ReadVariable { return [read.variable] }
      if let write = node.writes.first(where: { $0.output == current.index }) {
        current = node.inputs[write.input]
      } else if node.operation.fusion == .view {
        current = node.inputs[0]
      } else {
        return []
      }
    }
  }
}
