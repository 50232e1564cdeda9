import EspalierGraph

extension Pass {
  /// Multiplies filters by the factors of their results, where both stay the same from run to run: batch normalisation
  /// of a trained network is then no more than a bias.
  ///
  ///     %2 = Conv2D(%0, %1); %4 = Mul(%2, %3)   →   %4 = Mul(%1, %3); %5 = Conv2D(%0, %4)
  static let foldScales = Pass("fold-scales") { program, _ throws(ExecutionError) in
    let old = program
    let steady = old.steadyNodes()
    let uses = old.useCounts()
    var index = -1
    try program.rewrite { node, rewriter throws(ExecutionError) in
      index += 1
      guard let place = old.nodes[index].placeOfScaledConvolution(in: old, uses: uses, steady: steady) else {
        return rewriter.emit(node)
      }
      let convolution = rewriter.producer(of: node.inputs[place])
      let filter = try rewriter.emit(Mul(), [convolution.inputs[1], node.inputs[1 - place]], like: node)[0]
      return try rewriter.emit(convolution.operation, [convolution.inputs[0], filter], like: convolution)
    }
  }
}

extension Program {
  /// Returns how often each value is an input or fetched.
  func useCounts() -> [TensorID: Int] {
    var result: [TensorID: Int] = [:]
    for fetch in fetches { result[fetch, default: 0] += 1 }
    for node in nodes { for input in node.inputs { result[input, default: 0] += 1 } }
    return result
  }
}

extension Program.Node {
  /// Returns which input is a convolution that nobody else uses, if the other one is a steady factor per channel and the
  /// filter is steady, too.
  fileprivate func placeOfScaledConvolution(
    in program: Program, uses: [TensorID: Int], steady: [Bool]
  ) -> Int? {
    guard operation.fusion == .pointwise(.mul), control.isEmpty else { return nil }
    return inputs.indices.first { place in
      let source = program.nodes[inputs[place].node]
      let factor = inputs[1 - place]
      guard let convolution = source.operation as? Conv2D, convolution.window.dataFormat == .nhwc,
        source.control.isEmpty, uses[inputs[place]] == 1, source.outputs[0] == outputs[0]
      else { return false }
      return steady[source.inputs[1].node] && steady[factor.node]
        && program.type(of: factor).shape.isVector(along: outputs[0].shape)
    }
  }
}

extension Shape {
  /// Whether a tensor of this shape broadcasts along the last axis of `result` only.
  func isVector(along result: Shape) -> Bool {
    guard let extents = known, let last = result.known?.last, extents.count <= result.known?.count ?? 0 else {
      return false
    }
    return extents.last == last && extents.dropLast().allSatisfy { $0 == 1 }
  }
}
