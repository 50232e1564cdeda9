import EspalierGraph

extension Pass {
  /// Computes both gradients of a convolution, which read the same, image by image in one kernel.
  ///
  ///     %4 = Conv2DBackpropInput(%w, %dy)
  ///     %5 = Conv2DBackpropFilter(%x, %dy)     →   %4, %4:1 = conv_backward(%w, %dy, %x)
  ///
  /// Only where the tensors of a few images fit the second-level cache.
  static let joinGradients = Pass("join-gradients") { program, _ throws(ExecutionError) in
    var joining = Joining(program)
    for index in program.nodes.indices { joining.joinGradients(ofFilter: index) }
    program = try joining.finished()
  }
}

extension Joining {
  fileprivate mutating func joinGradients(ofFilter index: Int) {
    let node = nodes[index]
    guard node.operation is Conv2DBackpropFilter,
      let filter = ConvolutionGroup(node, node.inputs.map(program.type)), case .input(let slopes)? = filter.slopes
    else { return }
    for other in readers(of: node.inputs[slopes]) where other != index {
      guard let joined = joined(filter, index, with: other) else { continue }
      let values = [TensorID(node: index, index: 0): TensorID(node: other, index: 1)]
      join(index, into: other, as: joined, values)
      return
    }
  }

  /// Returns the node of both gradients, or nil if they are not those of one convolution.
  private func joined(_ filter: ConvolutionGroup, _ index: Int, with other: Int) -> Program.Node? {
    let (node, partner) = (nodes[index], nodes[other])
    guard case .input(let images)? = filter.images, case .input(let slopes)? = filter.slopes,
      var both = ConvolutionGroup(partner, partner.inputs.map(program.type)), both.images == nil,
      case .input(let own)? = both.slopes, partner.inputs[own] == node.inputs[slopes], both.window == filter.window,
      both.imageExtents == filter.imageExtents, both.filterExtents == filter.filterExtents,
      !depends(other, on: index), !depends(index, on: other)
    else { return nil }
    var inputs = InputList(partner.inputs)
    both.images = .input(inputs.number(of: node.inputs[images]))
    both.filterGradient = both.outputs.count
    both.outputs.append(node.outputs[0])
    guard both.takesClusters else { return nil }
    var made = partner
    made.operation = both
    made.inputs = inputs.values
    made.outputs = both.outputs
    made.control = Set(node.control + partner.control).sorted()
    return made
  }
}
