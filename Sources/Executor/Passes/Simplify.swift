import EspalierGraph

extension Pass {
  /// Leaves out what changes nothing.
  ///
  ///     %1 = Identity(%0)              →   %0
  ///     %2 = Reshape(%0, %1)           →   %0         if the shape stays
  ///     %2 = Sum(%0, %1)               →   %0         over no axes
  ///     %2 = Mul(%0, 1)                →   %0         and x + 0, x - 0, x / 1
  ///     %2 = Neg(Neg(%0))              →   %0
  ///     %2 = Fill(%0, %1)              →   BroadcastTo(%1, %0)
  ///     %2 = Mul(%0, BroadcastTo(%1))  →   Mul(%0, %1)
  static let simplify = Pass("simplify") { program, _ throws(ExecutionError) in
    try program.rewrite { node, rewriter throws(ExecutionError) in
      guard node.operation.effect == .none, node.control.isEmpty, node.outputs.count == 1 else {
        return rewriter.emit(node)
      }
      for rule in Peephole.all {
        if let values = try rule.replacement(node, &rewriter) { return values }
      }
      return rewriter.emit(node)
    }
  }
}

/// A rule that looks at one node and what computes its inputs, and may name values that are equal to its outputs.
struct Peephole: Sendable {
  let replacement: @Sendable (Program.Node, inout Rewriter) throws(ExecutionError) -> [TensorID]?

  static let all: [Peephole] = [
    .identity, .sameShape, .noAxes, .neutralOperand, .doubleNegation, .fill, .broadcastOperand,
  ]

  private static let identity = Peephole { node, _ throws(ExecutionError) in
    node.operation is Identity ? [node.inputs[0]] : nil
  }

  /// A view, or a broadcast, to the shape that is there already.
  private static let sameShape = Peephole { node, rewriter throws(ExecutionError) in
    guard node.operation.fusion == .view || node.operation is BroadcastTo else { return nil }
    let type = rewriter.type(of: node.inputs[0])
    return type.dataType == node.outputs[0].dataType && type.shape == node.outputs[0].shape ? [node.inputs[0]] : nil
  }

  private static let noAxes = Peephole { node, rewriter throws(ExecutionError) in
    guard case .reduction = node.operation.fusion, node.inputs.count > 1,
      rewriter.type(of: node.inputs[1]).knownValue?.isEmpty == true
    else { return nil }
    return [node.inputs[0]]
  }

  /// An operand that changes nothing: the result is the other one, unless it was broadcast.
  private static let neutralOperand = Peephole { node, rewriter throws(ExecutionError) in
    guard case .pointwise(let opcode) = node.operation.fusion, node.inputs.count == 2 else { return nil }
    let neutral: Double
    switch opcode {
    case .add, .sub: neutral = 0
    case .mul, .div: neutral = 1
    default: return nil
    }
    func isNeutral(_ value: TensorID) -> Bool {
      guard let constant = rewriter.producer(of: value).operation as? Constant else { return false }
      return constant.value.count == 1 && (try? constant.value.doubles())?.first == neutral
    }
    let isCommutative = opcode == .add || opcode == .mul
    for (kept, other) in [(0, 1)] + (isCommutative ? [(1, 0)] : []) where isNeutral(node.inputs[other]) {
      if rewriter.type(of: node.inputs[kept]).shape == node.outputs[0].shape { return [node.inputs[kept]] }
    }
    return nil
  }

  private static let doubleNegation = Peephole { node, rewriter throws(ExecutionError) in
    guard case .pointwise(.neg) = node.operation.fusion else { return nil }
    let inner = rewriter.producer(of: node.inputs[0])
    guard case .pointwise(.neg) = inner.operation.fusion else { return nil }
    return inner.inputs
  }

  /// A number repeated: what uses it can take the number itself.
  private static let fill = Peephole { node, rewriter throws(ExecutionError) in
    guard node.operation is Fill else { return nil }
    return try rewriter.emit(BroadcastTo(), [node.inputs[1], node.inputs[0]], like: node)
  }

  /// Pointwise operations broadcast their operands by themselves, as long as one has the shape of the result.
  private static let broadcastOperand = Peephole { node, rewriter throws(ExecutionError) in
    guard case .pointwise = node.operation.fusion else { return nil }
    var inputs = node.inputs
    for (position, input) in node.inputs.enumerated() where rewriter.producer(of: input).operation is BroadcastTo {
      var narrowed = inputs
      narrowed[position] = rewriter.producer(of: input).inputs[0]
      let types = try? node.operation.outputTypes(narrowed.map(rewriter.type))
      if types?.first?.shape == node.outputs[0].shape { inputs = narrowed }
    }
    if inputs == node.inputs { return nil }
    return try rewriter.emit(node.operation, inputs, like: node)
  }
}
