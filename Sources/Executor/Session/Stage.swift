import EspalierGraph

/// What a run has to find out before the rest of it can be planned, because shapes depend on it.
enum Stage {
  /// The values of small integer tensors: axes, shapes, sizes.
  case values([TensorID])
  /// The outputs of a node whose shapes only its values tell.
  case outputs(node: Program.Node, id: Int, inputs: [TensorID])

  /// The tensors whose values are needed.
  var inputs: [TensorID] {
    switch self {
    case .values(let tensors): tensors
    case .outputs(_, _, let inputs): inputs
    }
  }
}

extension Session {
  /// Returns what has to be known before `request` can be planned, or nil if all shapes follow from the feeds.
  func stage(of request: Request) throws(ExecutionError) -> Stage? {
    if let known = stages[request] { return known }
    let found = try findStage(request)
    stages[request] = .some(found)
    return found
  }

  private func findStage(_ request: Request) throws(ExecutionError) -> Stage? {
    var program = try Program(graph, request)
    try Pass.specialize.run(&program, PassContext(pool: pool))
    // Whatever follows from an unknown shape is unknown too: the first node is the cause.
    guard let node = program.nodes.first(where: { $0.outputs.contains { !$0.shape.isKnown } }),
      let original = graph.node(named: node.name), !node.inputs.isEmpty
    else { return nil }
    let inputs = original.record.inputs
    if node.operation is any DataDependentOperation { return .outputs(node: node, id: original.id, inputs: inputs) }
    let vague = zip(inputs, node.inputs.map(program.type)).filter { $1.isUnknownIndex }.map(\.0)
    return vague.isEmpty ? nil : .values(vague)
  }

  /// Runs what `stage` needs, and then the request with what came out as further feeds.
  func run(_ request: Request, _ feeds: [HostTensor], after stage: Stage) throws(ExecutionError) -> [HostTensor] {
    // All stages are one run to operations that draw random numbers.
    let invocation = randomInvocation
    let inner = Request(fetches: stage.inputs, feeds: request.feeds)
    try checkWritesNothing(inner)
    let inputs = try run(inner, feeds)
    let isRandom = randomInvocation != invocation
    randomInvocation = invocation
    var outer = request
    var values = feeds
    func feed(_ tensor: TensorID, _ value: HostTensor, _ type: TensorType) {
      if let known = outer.feeds.firstIndex(where: { $0.tensor == tensor }) {
        outer.feeds[known].type = type
      } else {
        outer.feeds.append(Request.Feed(tensor: tensor, type: type))
        values.append(value)
      }
    }
    switch stage {
    case .values(let tensors):
      for (tensor, value) in zip(tensors, inputs) { feed(tensor, value, value.fullType) }
    case .outputs(let node, let id, _):
      let outputs = try node.run(try kernel(of: node, inputs.map(\.fullType)), inputs, pool: pool)
      for (index, value) in outputs.enumerated() { feed(TensorID(node: id, index: index), value, value.type) }
    }
    let results = try run(outer, values)
    if isRandom, randomInvocation == invocation { randomInvocation += 1 }
    return results
  }

  /// Returns the kernel of a node whose shapes only its values tell, made once for inputs of the same types: that of
  /// a function of elements holds a session.
  private func kernel(of node: Program.Node, _ inputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let key = StageKernel(node: node.name, inputs: inputs)
    if let known = stageKernels[key] { return known }
    // Inputs may have another type in each run.
    if stageKernels.count >= 64 { stageKernels = [:] }
    let made = try node.kernel(inputs)
    stageKernels[key] = made
    return made
  }

  /// An assignment would be made once more by the rest of the run.
  private func checkWritesNothing(_ request: Request) throws(ExecutionError) {
    guard try stage(of: request) == nil, !(try plan(for: request)).writtenVariables.isEmpty else { return }
    throw ExecutionError(
      "a shape depends on a value that is computed after an assignment in the same run", kind: .unimplemented)
  }
}

/// What a kernel between two stages is made for.
struct StageKernel: Hashable {
  let node: String
  let inputs: [TensorType]
}

extension TensorType {
  /// Whether this is a small integer tensor of which no value is known.
  fileprivate var isUnknownIndex: Bool {
    guard dataType == .int32 || dataType == .int64, let count = shape.count else { return false }
    return count <= Self.largestValue && knownValue == nil
  }
}
