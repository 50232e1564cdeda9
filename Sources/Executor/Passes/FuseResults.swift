import EspalierGraph

extension Pass {
  /// Lets convolutions go on with what they have computed while it is in the cache: statistics, gradients of activations,
  /// normalisation with known statistics.
  ///
  ///     %2 = Conv2D(%0, %1)                          %2, %2:1, %2:2 = conv_forward{y: mean(#); variance(#)}(%0, %1)
  ///     %3, %3:1 = Fused[mean(#0); variance(#0)](%2)   →
  ///
  /// The result itself is stored only if somebody else needs it.
  static let fuseResults = Pass("fuse-results") { program, _ throws(ExecutionError) in
    var joining = Joining(program)
    for index in program.nodes.indices { joining.fuseResult(index) }
    program = try joining.finished()
  }
}

extension Joining {
  fileprivate mutating func fuseResult(_ index: Int) {
    guard let result = group(index)?.result else { return }
    let value = TensorID(node: index, index: result)
    for reader in readers(of: value) where canFinish(value, reader) {
      finish(index, value, with: reader)
      return
    }
  }

  /// Whether the convolution that computes `value` can go on with the cluster of node `reader`.
  func canFinish(_ value: TensorID, _ reader: Int) -> Bool {
    guard let cluster = cluster(reader), cluster.fitsTheMachine, let group = group(value.node),
      group.result == value.index, group.finish == nil, cluster.extents == group.resultExtents,
      let input = nodes[reader].inputs.firstIndex(of: value), cluster.loadsElements(of: input),
      cluster.sums.allSatisfy({ $0.fits(cluster) }), nodes[reader].inputs.count(where: { $0.node == value.node }) == 1
    else { return false }
    return !depends(reader, on: value.node, indirectly: true)
  }

  private mutating func finish(_ index: Int, _ value: TensorID, with reader: Int) {
    guard var group = group(index), let cluster = cluster(reader),
      let place = nodes[reader].inputs.firstIndex(of: value)
    else { return }
    let isKept = isNeeded(value, besides: reader)
    var node = nodes[index]
    var inputs = InputList(node.inputs)
    let numbers = nodes[reader].inputs.enumerated().map { position, input in
      position == place ? ConvolutionGroup.inside : inputs.number(of: input)
    }
    // Without the result, the outputs after it move up.
    let kept = node.outputs.indices.filter { isKept || $0 != value.index }
    var values: [TensorID: TensorID] = [:]
    for (new, old) in kept.enumerated() {
      values[TensorID(node: index, index: old)] = TensorID(node: index, index: new)
    }
    for output in cluster.outputs.indices {
      values[TensorID(node: reader, index: output)] = TensorID(node: index, index: kept.count + output)
    }
    group.result = isKept ? kept.firstIndex(of: value.index) : nil
    group.filterGradient = group.filterGradient.flatMap { kept.firstIndex(of: $0) }
    group.outputs = kept.map { node.outputs[$0] } + cluster.outputs
    group.finish = cluster.renumbered(
      inputs: { numbers[$0] }, outputs: { kept.count + $0 }, group.outputs)
    node.operation = group
    node.inputs = inputs.values
    node.outputs = group.outputs
    node.control = Set(node.control + nodes[reader].control).subtracting([index, reader]).sorted()
    join(reader, into: index, as: node, values)
  }
}
