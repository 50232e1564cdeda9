import EspalierGraph

/// An operation that may compute each example of a batch, a place along the first axis, for itself.
protocol ExamplewiseOperation: Operation {
  /// Returns whether example i of each output follows from example i of the inputs that have examples, and from the
  /// other inputs.
  ///
  /// - Parameter batched: Which inputs have examples; at least one.
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool
}

extension Program {
  /// Returns whether each of so many examples of what is fed is computed for itself, whatever else is in the batch.
  func keepsExamplesApart(_ examples: Int, steady: [Bool]) -> Bool {
    var batched: [Bool] = []
    for (index, node) in nodes.enumerated() {
      if steady[index] {
        batched.append(false)
        continue
      }
      let flags = node.inputs.map { batched[$0.node] }
      guard node.outputs.allSatisfy({ $0.shape.known?.first == examples }),
        node.operation is Feed || node.keepsExamplesApart(node.inputs.map(type), flags)
      else { return false }
      batched.append(true)
    }
    return !fetches.isEmpty && targets.isEmpty && fetches.allSatisfy { batched[$0.node] }
  }
}

extension Program.Node {
  fileprivate func keepsExamplesApart(_ inputs: [TensorType], _ batched: [Bool]) -> Bool {
    guard operation.effect == .none, batched.contains(true), !outputs.isEmpty else { return false }
    if let known = operation as? any ExamplewiseOperation {
      return known.keepsExamplesApart(inputs, outputs, batched: batched)
    }
    switch operation.fusion {
    // Elements stay in their order, and examples are as many as before.
    case .view: return batched[0]
    case .pointwise:
      return zip(inputs, batched).allSatisfy { !$1 || $0.shape.rank == outputs[0].shape.rank }
    case .reduction:
      guard let axes = inputs.last?.knownValue, inputs.count == 2, let rank = inputs[0].shape.rank else { return false }
      return batched[0] && !axes.contains { $0 == 0 || $0 == -rank }
    default: return false
    }
  }
}

extension Cluster: ExamplewiseOperation {
  /// Examples are the rows of the first axis; sums must not reach over its borders.
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    guard let examples = extents.first, examples > 0 else { return false }
    let sumsStayInside = sums.allSatisfy { sum in
      sum.scope == .eachRow && rowLength > 0 && count / examples % rowLength == 0
    }
    return sumsStayInside
      && loads.allSatisfy { load in
        let hasExamples = load.input == ConvolutionGroup.inside || batched[load.input]
        return !hasExamples || load.shape.count == extents.count && load.shape.first == examples
      }
  }
}

extension ConvolutionGroup: ExamplewiseOperation {
  /// Sums are left out: threads that work on different examples share the memory of a kernel that keeps its filter.
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    guard slopes == nil, filterGradient == nil, let images, let filter, !batched[filter],
      bias.map({ !batched[$0] }) ?? true
    else { return false }
    func isApart(_ cluster: Cluster) -> Bool {
      cluster.sums.isEmpty && cluster.keepsExamplesApart(inputs, outputs, batched: batched)
    }
    switch images {
    case .input(let place): return batched[place] && finish.map(isApart) ?? true
    case .cluster(let cluster): return isApart(cluster) && finish.map(isApart) ?? true
    }
  }
}

extension FusedAnchor: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    guard let anchor = anchor as? any ExamplewiseOperation else { return false }
    let biasIsBatched = epilogue.bias && batched[ownInputs]
    return !biasIsBatched
      && anchor.keepsExamplesApart(
        Array(inputs.prefix(ownInputs)), outputs, batched: Array(batched.prefix(ownInputs)))
  }
}

extension Conv2D: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    batched == [true, false]
  }
}

extension DepthwiseConv2D: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    batched == [true, false]
  }
}

extension MatMul: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    batched == [true, false] && !transposeA
  }
}

extension MaxPool: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool { true }
}

extension AvgPool: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool { true }
}

extension Softmax: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    inputs[0].shape.rank ?? 0 > 1
  }
}

extension Pad: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    batched == [true, false] && inputs[1].knownValue?.prefix(2).allSatisfy { $0 == 0 } ?? false
  }
}

extension ArgMax: ExamplewiseOperation {
  func keepsExamplesApart(_ inputs: [TensorType], _ outputs: [TensorType], batched: [Bool]) -> Bool {
    guard let axis = inputs[1].knownValue?.first, let rank = inputs[0].shape.rank else { return false }
    return batched[0] && axis != 0 && axis != -rank
  }
}
