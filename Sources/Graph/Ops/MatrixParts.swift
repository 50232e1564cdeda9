/// Returns the first input with zeros outside a band around the diagonal of its matrices, the last two axes.
///
/// The second and third input say how many diagonals below and above the main one stay; negative means all.
public struct MatrixBandPart: Operation {
  public static let tfName = "MatrixBandPart"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectIndices(inputs[1], "num_lower")
    try expectSameDataType(inputs[1], inputs[2])
    try expectRank(atLeast: 2, inputs[0])
    return [TensorType(inputs[0].dataType, inputs[0].shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(MatrixBandPart(), $0, node.inputs[1], node.inputs[2]) }, nil, nil]
  }
}

extension MatrixBandPart: MovementOperation {
  package var constantInputs: [Int] { [1, 2] }

  /// One block for each row of the band.
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let extents = outputs[0].extents
    let rows = extents[extents.count - 2]
    let columns = extents[extents.count - 1]
    let lower = inputs[1].knownValue?.first ?? -1
    let upper = inputs[2].knownValue?.first ?? -1
    let matrices = extents.dropLast(2).reduce(1, *)
    let blocks = (0..<rows).compactMap { row -> Movement.Block? in
      let first = lower < 0 ? 0 : max(0, row - lower)
      let last = upper < 0 ? columns : min(columns, row + upper + 1)
      guard first < last else { return nil }
      let walk = Movement.Walk(offset: row * columns + first, strides: [rows * columns, 1])
      return .init(extents: [matrices, last - first], source: walk, destination: walk)
    }
    return Movement(blocks: blocks, fill: .zero)
  }
}

/// Returns a tensor of twice the rank with the input on its diagonal and zeros elsewhere.
public struct Diag: Operation {
  public static let tfName = "Diag"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expectRank(atLeast: 1, inputs[0])
    return [TensorType(inputs[0].dataType, inputs[0].shape.extents.map { Shape($0 + $0) } ?? .unknown)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { diagonalPart($0) }]
  }
}

extension Diag: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let count = inputs[0].extents.reduce(1, *)
    let block = Movement.Block(
      extents: [count], source: .init(strides: [1]), destination: .init(strides: [count + 1]))
    return Movement(blocks: [block], fill: .zero)
  }
}

/// Returns the diagonal of a tensor of even rank whose first axes are like its last.
public struct DiagPart: Operation {
  public static let tfName = "DiagPart"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    guard let extents = inputs[0].shape.extents else { return [TensorType(inputs[0].dataType)] }
    guard extents.count.isMultiple(of: 2), !extents.isEmpty else {
      throw GraphError("Input must have even and non-zero rank, input rank is \(extents.count)")
    }
    let half = extents.count / 2
    let shape = try Shape(Array(extents[..<half])).mergedOrThrow(Shape(Array(extents[half...])))
    return [TensorType(inputs[0].dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { diagonal($0) }]
  }
}

extension DiagPart: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let count = outputs[0].extents.reduce(1, *)
    let walk = Movement.Walk(strides: [count + 1])
    return Movement(blocks: [.init(extents: [count], source: walk, destination: .init(strides: [1]))])
  }
}

/// Returns the matrices of `x` with zeros outside a band of `lower` diagonals below the main one and `upper` above it;
/// a negative number keeps all.
///
/// Source: `tf.linalg.band_part`.
public func matrixBandPart(
  _ x: Tensor, lower: Int, upper: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(MatrixBandPart(), on: x, name: name, file: file, line: line) {
    [x, constant(index: lower, name: "num_lower"), constant(index: upper, name: "num_upper")]
  }
}

/// Returns a tensor of shape `x.shape + x.shape` with `x` on its diagonal and zeros elsewhere.
///
/// Source: `tf.linalg.tensor_diag`.
public func diagonal(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(Diag(), x, name: name, file: file, line: line)
}

/// Returns the diagonal of `x`, whose first axes are like its last.
///
/// Source: `tf.linalg.tensor_diag_part`.
public func diagonalPart(_ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  apply(DiagPart(), x, name: name, file: file, line: line)
}

/// Returns a matrix `[rows, columns]` with ones on the diagonal and zeros elsewhere.
///
/// - Parameter columns: By default as many as rows.
///
/// Source: `tf.eye`.
public func eye(
  _ rows: Int, columns: Int? = nil, dataType: DataType = .float32, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("eye", name, on: [], file, line) {
    oneHot(range(0, rows), depth: columns ?? rows, dataType: dataType)
  }
}
