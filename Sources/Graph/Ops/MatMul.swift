/// Returns the product of two matrices.
public struct MatMul: Operation {
  public static let tfName = "MatMul"
  /// Whether the first matrix is transposed.
  public let transposeA: Bool
  /// Whether the second matrix is transposed.
  public let transposeB: Bool

  public init(transposeA: Bool = false, transposeB: Bool = false) {
    self.transposeA = transposeA
    self.transposeB = transposeB
  }

  public var fusion: FusionClass { .anchor }
  public var attributes: [String: AttributeValue] {
    ["transpose_a": .bool(transposeA), "transpose_b": .bool(transposeB)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectSameDataType(inputs[0], inputs[1])
    try expectRank(2, inputs[0])
    try expectRank(2, inputs[1])
    let (rows, inner) = extents(inputs[0].shape, isTransposed: transposeA)
    let (other, columns) = extents(inputs[1].shape, isTransposed: transposeB)
    if let inner, let other, inner != other {
      throw GraphError("Dimensions must be equal, but are \(inner) and \(other)")
    }
    return [TensorType(inputs[0].dataType, [rows, columns])]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dc = upstream[0] else { return [nil, nil] }
    return productGradient(a: node.inputs[0], b: node.inputs[1], dc: dc, transposeA, transposeB) {
      matMul($0, $1, transposeA: $2, transposeB: $3)
    }
  }
}

/// Returns the products of matrices, the last two axes of the inputs; the axes before them are broadcast.
public struct BatchMatMulV2: Operation {
  public static let tfName = "BatchMatMulV2"
  /// Whether the first matrices are transposed.
  public let adjointA: Bool
  /// Whether the second matrices are transposed.
  public let adjointB: Bool

  public init(adjointA: Bool = false, adjointB: Bool = false) {
    self.adjointA = adjointA
    self.adjointB = adjointB
  }

  public var attributes: [String: AttributeValue] { ["adj_x": .bool(adjointA), "adj_y": .bool(adjointB)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expectSameDataType(inputs[0], inputs[1])
    try expectRank(atLeast: 2, inputs[0])
    try expectRank(atLeast: 2, inputs[1])
    let (rows, inner) = extents(inputs[0].shape, isTransposed: adjointA)
    let (other, columns) = extents(inputs[1].shape, isTransposed: adjointB)
    if let inner, let other, inner != other {
      throw GraphError("Dimensions must be equal, but are \(inner) and \(other)")
    }
    guard let a = inputs[0].shape.extents, let b = inputs[1].shape.extents else {
      return [TensorType(inputs[0].dataType)]
    }
    guard let batch = Shape(Array(a.dropLast(2))).broadcast(with: Shape(Array(b.dropLast(2)))) else {
      throw GraphError("Incompatible shapes: \(inputs[0].shape) vs. \(inputs[1].shape)")
    }
    return [TensorType(inputs[0].dataType, Shape((batch.extents ?? []) + [rows, columns]))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dc = upstream[0] else { return [nil, nil] }
    let (a, b) = (node.inputs[0], node.inputs[1])
    let both = productGradient(a: a, b: b, dc: dc, adjointA, adjointB) {
      batchMatMul($0, $1, adjointA: $2, adjointB: $3)
    }
    return [sum(both[0], downTo: a), sum(both[1], downTo: b)]
  }
}

extension Operation {
  /// Returns rows and columns of the matrices in the last two axes.
  fileprivate func extents(_ shape: Shape, isTransposed: Bool) -> (Int?, Int?) {
    isTransposed ? (shape[-1], shape[-2]) : (shape[-2], shape[-1])
  }

  /// c = a b gives da = dc bᵀ and db = aᵀ dc; a transposed factor gets the transpose of its gradient.
  fileprivate func productGradient(
    a: Tensor, b: Tensor, dc: Tensor, _ transposeA: Bool, _ transposeB: Bool,
    _ product: (Tensor, Tensor, Bool, Bool) -> Tensor
  ) -> [Tensor] {
    [
      transposeA ? product(b, dc, transposeB, true) : product(dc, b, false, !transposeB),
      transposeB ? product(dc, a, true, transposeA) : product(a, dc, !transposeA, false),
    ]
  }
}

/// Returns the product of two matrices, or of the matrices in the last two axes of tensors of higher rank.
///
/// - Parameters:
///   - transposeA: Whether `a` is transposed first.
///   - transposeB: Whether `b` is transposed first.
///
/// Source: `tf.matmul`.
public func matMul(
  _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  if (a.shape.rank ?? 2) > 2 || (b.shape.rank ?? 2) > 2 {
    return batchMatMul(
      a, b, adjointA: transposeA, adjointB: transposeB, name: name ?? "MatMul", file: file, line: line)
  }
  return apply(MatMul(transposeA: transposeA, transposeB: transposeB), a, b, name: name, file: file, line: line)
}

/// Returns the products of the matrices in the last two axes; the axes before them are broadcast.
///
/// Source: `tf.raw_ops.BatchMatMulV2`.
public func batchMatMul(
  _ a: Tensor, _ b: Tensor, adjointA: Bool = false, adjointB: Bool = false, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(BatchMatMulV2(adjointA: adjointA, adjointB: adjointB), a, b, name: name, file: file, line: line)
}

/// Returns the sum of products over the last `count` axes of `a` and the first `count` of `b`.
///
/// Source: `tf.tensordot` with a number of axes.
public func tensorDot(
  _ a: Tensor, _ b: Tensor, axes count: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("Tensordot", name, on: [a, b], file, line) {
    guard let rank = a.shape.rank, let other = b.shape.rank, (0...min(rank, other)).contains(count) else {
      return failedTensor("tensordot over \(count) axes of shapes \(a.shape) and \(b.shape)", in: a.graph)
    }
    let kept = shape(a)[.range(0, rank - count)]
    let rest = shape(b)[.range(count, nil)]
    let inner = reduceProd(shape(b)[.range(0, count)])
    let open = constant(index: -1, name: "rest")
    let product = matMul(reshape(a, to: stack([open, inner])), reshape(b, to: stack([inner, open])))
    return reshape(product, to: concat([kept, rest], axis: 0))
  }
}
