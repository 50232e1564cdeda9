import EspalierGraph

extension Cases {
  static let arithmetic: [String: Builder] = [
    "Add": binary { add($0, $1) },
    "Sub": binary { subtract($0, $1) },
    "Mul": binary { multiply($0, $1) },
    "RealDiv": binary { divide($0, $1) },
    "Maximum": binary { maximum($0, $1) },
    "Minimum": binary { minimum($0, $1) },
    "SquaredDifference": binary { squaredDifference($0, $1) },
    "Pow": { o in
      if let x = o.tensors["x"] { return ["y": pow(x, try o.double("y"))] }
      return ["y": pow(try o.tensor("a"), try o.tensor("b"))]
    },
    "floordiv": binary { floorDiv($0, $1) },
    "floormod": binary { floorMod($0, $1) },
    "truncatemod": binary { truncateMod($0, $1) },
    "truncatediv": binary { truncateDiv($0, $1) },
    "DivNoNan": binary { divideNoNaN($0, $1) },
    "equal": binary { equal($0, $1) },
    "not_equal": binary { notEqual($0, $1) },
    "less": binary { less($0, $1) },
    "less_equal": binary { lessEqual($0, $1) },
    "greater": binary { greater($0, $1) },
    "greater_equal": binary { greaterEqual($0, $1) },
    "logical_and": { o in ["y": logicalAnd(try o.tensor("p"), try o.tensor("q"))] },
    "logical_or": { o in ["y": logicalOr(try o.tensor("p"), try o.tensor("q"))] },
    "logical_xor": { o in ["y": logicalXor(try o.tensor("p"), try o.tensor("q"))] },
    "logical_not": { o in ["y": logicalNot(try o.tensor("p"))] },
  ]

  static let elementwise: [String: Builder] = [
    "neg": unary { negative($0) },
    "abs": unary { abs($0) },
    "square": unary { square($0) },
    "sqrt": unary { sqrt($0) },
    "rsqrt": unary { rsqrt($0) },
    "reciprocal": unary { reciprocal($0) },
    "exp": unary { exp($0) },
    "expm1": unary { expm1($0) },
    "log": unary { log($0) },
    "log1p": unary { log1p($0) },
    "sign": unary { sign($0) },
    "floor": unary { floor($0) },
    "ceil": unary { ceil($0) },
    "round": unary { round($0) },
    "rint": unary { rint($0) },
    "sin": unary { sin($0) },
    "cos": unary { cos($0) },
    "tan": unary { tan($0) },
    "asin": unary { asin($0) },
    "acos": unary { acos($0) },
    "atan": unary { atan($0) },
    "sinh": unary { sinh($0) },
    "cosh": unary { cosh($0) },
    "erf": unary { erf($0) },
    "erfc": unary { erfc($0) },
    "lgamma": unary { lgamma($0) },
    "is_finite": unary { isFinite($0) },
    "clip_by_value": function { x, o in
      clipByValue(x, minimum: try o.double("min"), maximum: try o.double("max"))
    },
  ]

  static let composites: [String: Builder] = [
    "composite": { o in
      if o.tensors["k1"] != nil { return ["y": try residualBlock(o)] }
      if o.tensors["w1"] != nil { return ["y": try perceptronLoss(o)] }
      let x = try o.tensor("x")
      guard x.dataType == .uint8 else { return ["y": x / 128 - 1] }
      // Three planes of pixels become interleaved channels.
      return ["y": cast(transpose(reshape(x, to: [-1, 3, 4, 4]), order: [0, 2, 3, 1]), to: .float32)]
    }
  ]

  /// The loss of a perceptron of two layers with weight decay.
  private static func perceptronLoss(_ o: Operands) throws -> Tensor {
    let hidden = relu(matMul(try o.tensor("x"), try o.tensor("w1")) + (try o.tensor("b1")))
    let logits = matMul(hidden, try o.tensor("w2")) + (try o.tensor("b2"))
    let losses = sparseSoftmaxCrossEntropyWithLogits(labels: try o.tensor("labels"), logits: logits)
    let weights = try ["w1", "b1", "w2", "b2"].map { l2Loss(try o.tensor($0)) }
    return reduceMean(losses) + 0.01 * addN(weights)
  }

  /// A residual block of stride 2 with fixed padding, and an average pool and zero channels in its shortcut.
  private static func residualBlock(_ o: Operands) throws -> Tensor {
    func normalized(_ x: Tensor, _ number: Int) throws -> Tensor {
      fusedBatchNorm(
        x, scale: try o.tensor("g\(number)"), offset: try o.tensor("b\(number)"), epsilon: 1e-5, isTraining: true
      ).y
    }
    let x = try o.tensor("x")
    let padded = pad(x, paddings: [(0, 0), (1, 1), (1, 1), (0, 0)])
    let first = conv2D(padded, filter: try o.tensor("k1"), strides: (2, 2), padding: .valid)
    let second = conv2D(relu(try normalized(first, 1)), filter: try o.tensor("k2"), strides: (1, 1), padding: .same)
    let pooled = averagePool2D(x, size: (2, 2), strides: (2, 2), padding: .same)
    let shortcut = pad(pooled, paddings: [(0, 0), (0, 0), (0, 0), (2, 2)])
    return relu(try normalized(second, 2) + shortcut)
  }
}
