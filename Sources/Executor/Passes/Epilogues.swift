import EspalierGraph

extension Pass {
  /// Lets convolutions and matrix products add a bias and another tensor and apply a function before they store.
  ///
  ///     %2 = Conv2D(%0, %1); %4 = AddV2(%2, %3); %5 = Relu(%4)   →   %4 = Conv2D+bias+relu(%0, %1, %3)
  ///
  /// Only where nobody else wants what is in between. The place for more of this kind, such as sums of what is stored,
  /// is `Epilogue`.
  static let epilogues = Pass("epilogues") { program, _ throws(ExecutionError) in
    var uses: [TensorID: Int] = [:]
    for fetch in program.fetches { uses[fetch, default: 0] += 1 }
    for node in program.nodes { for input in node.inputs { uses[input, default: 0] += 1 } }
    var index = -1
    // Values by their names in the new program.
    var usesNow: [TensorID: Int] = [:]
    try program.rewrite { node, rewriter throws(ExecutionError) in
      index += 1
      let outputs = rewriter.emitAnchor(node, usesNow) ?? rewriter.emit(node)
      for (output, value) in outputs.enumerated() {
        usesNow[value] = uses[TensorID(node: index, index: output)] ?? 0
      }
      return outputs
    }
  }
}

/// A convolution or matrix product and what it does to its result.
struct FusedAnchor: NonDifferentiable {
  static let tfName = "FusedAnchor"
  let anchor: any AnchorOperation
  /// How many inputs are the anchor's own.
  let ownInputs: Int
  var epilogue = Epilogue()

  var fusion: FusionClass { .anchor }

  static func == (a: FusedAnchor, b: FusedAnchor) -> Bool {
    AnyHashable(a.anchor) == AnyHashable(b.anchor) && a.epilogue == b.epilogue
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(AnyHashable(anchor))
    hasher.combine(epilogue)
  }

  func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try anchor.outputTypes(Array(inputs.prefix(ownInputs)))
  }
}

extension FusedAnchor: CPUOperation {
  func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    var kernel = try anchor.kernel(inputs: Array(inputs.prefix(ownInputs)), outputs: outputs, epilogue: epilogue)
    kernel.name += suffix
    return kernel
  }

  private var suffix: String {
    (epilogue.bias ? "+bias" : "") + (epilogue.residual ? "+add" : "") + (epilogue.activation == .relu ? "+relu" : "")
  }
}

extension FusedAnchor: CustomStringConvertible {
  var description: String { anchor.name + suffix }
}

extension Rewriter {
  /// Emits `node` as the last part of the anchor before it, or returns nil.
  fileprivate mutating func emitAnchor(_ node: Program.Node, _ uses: [TensorID: Int]) -> [TensorID]? {
    guard case .pointwise(let opcode) = node.operation.fusion, node.outputs.count == 1, node.control.isEmpty else {
      return nil
    }
    for (position, input) in node.inputs.enumerated() where uses[input] == 1 {
      guard type(of: input) == node.outputs[0], let (anchor, inputs) = anchor(producer(of: input)) else { continue }
      let other = node.inputs.count == 2 ? node.inputs[1 - position] : nil
      guard let (grown, added) = grow(anchor, opcode, other, node.outputs[0]) else { continue }
      let own = inputs.prefix(anchor.ownInputs).map(type)
      guard grown.anchor.accepts(grown.epilogue, inputs: own, outputs: node.outputs) else { continue }
      var made = node
      made.operation = grown
      made.inputs = inputs + added
      return emit(made)
    }
    return nil
  }

  private func anchor(_ node: Program.Node) -> (FusedAnchor, [TensorID])? {
    guard node.control.isEmpty else { return nil }
    if let known = node.operation as? FusedAnchor { return (known, node.inputs) }
    guard let anchor = node.operation as? any AnchorOperation else { return nil }
    return (FusedAnchor(anchor: anchor, ownInputs: node.inputs.count), node.inputs)
  }

  /// Returns the anchor with one more thing to do, and the input that it needs for that.
  private func grow(
    _ anchor: FusedAnchor, _ opcode: PointwiseOpcode, _ other: TensorID?, _ result: TensorType
  ) -> (FusedAnchor, [TensorID])? {
    var grown = anchor
    guard anchor.epilogue.activation == .none else { return nil }
    switch (opcode, other) {
    case (.relu, nil):
      grown.epilogue.activation = .relu
      return (grown, [])
    case (.add, let other?):
      let operand = type(of: other)
      guard operand.dataType == result.dataType, !grown.epilogue.residual else { return nil }
      if operand.shape == result.shape {
        grown.epilogue.residual = true
      } else if !grown.epilogue.bias, operand.shape.isVector(along: result.shape) {
        grown.epilogue.bias = true
      } else {
        return nil
      }
      return (grown, [other])
    default: return nil
    }
  }
}
