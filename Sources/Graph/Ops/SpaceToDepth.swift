/// Returns images `[N, H, W, C]` with each block of pixels laid behind each other in the channels:
/// `[N, H / b, W / b, b · b · C]`.
public struct SpaceToDepth: Operation {
  public static let tfName = "SpaceToDepth"
  /// The height and width b of a block.
  public let blockSize: Int

  public init(blockSize: Int) {
    self.blockSize = blockSize
  }

  public var attributes: [String: AttributeValue] {
    ["block_size": .int(blockSize), "data_format": .string("NHWC")]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expectRank(4, inputs[0])
    guard blockSize > 1 else { throw GraphError("Block size should be > 1, but was: \(blockSize)") }
    let shape = inputs[0].shape
    for axis in 1...2 {
      guard let extent = shape[axis], extent % blockSize != 0 else { continue }
      throw GraphError("Dimension size must be evenly divisible by \(blockSize) but is \(extent)")
    }
    let extents = [
      shape[0], shape[1].map { $0 / blockSize }, shape[2].map { $0 / blockSize },
      shape[3].map { $0 * blockSize * blockSize },
    ]
    return [TensorType(inputs[0].dataType, Shape(extents))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { depthToSpace($0, blockSize: blockSize) }]
  }
}

/// Returns images `[N, H, W, b · b · C]` with the channels of each pixel laid out as a block of pixels:
/// `[N, b · H, b · W, C]`.
public struct DepthToSpace: Operation {
  public static let tfName = "DepthToSpace"
  /// The height and width b of a block.
  public let blockSize: Int

  public init(blockSize: Int) {
    self.blockSize = blockSize
  }

  public var attributes: [String: AttributeValue] {
    ["block_size": .int(blockSize), "data_format": .string("NHWC")]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expectRank(4, inputs[0])
    guard blockSize > 1 else { throw GraphError("Block size should be > 1, but was: \(blockSize)") }
    let shape = inputs[0].shape
    if let depth = shape[3], depth % (blockSize * blockSize) != 0 {
      throw GraphError("Dimension size must be evenly divisible by \(blockSize * blockSize) but is \(depth)")
    }
    let extents = [
      shape[0], shape[1].map { $0 * blockSize }, shape[2].map { $0 * blockSize },
      shape[3].map { $0 / (blockSize * blockSize) },
    ]
    return [TensorType(inputs[0].dataType, Shape(extents))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { spaceToDepth($0, blockSize: blockSize) }]
  }
}

extension SpaceToDepth: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let deep = BlockLayout(deep: outputs[0].extents, blockSize: blockSize)
    return Movement(blocks: [.init(extents: deep.extents, source: deep.inSpace, destination: deep.inDepth)])
  }
}

extension DepthToSpace: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let deep = BlockLayout(deep: inputs[0].extents, blockSize: blockSize)
    return Movement(blocks: [.init(extents: deep.extents, source: deep.inDepth, destination: deep.inSpace)])
  }
}

/// The six axes N, H, W, row and column in the block, C of images in blocks.
private struct BlockLayout {
  let extents: [Int]
  let inDepth: Movement.Walk
  let inSpace: Movement.Walk

  init(deep: [Int], blockSize b: Int) {
    let (h, w, c) = (deep[1], deep[2], deep[3] / (b * b))
    extents = [deep[0], h, w, b, b, c]
    inDepth = .rowMajor(extents)
    let row = b * w * c
    inSpace = .init(strides: [h * b * row, b * row, b * c, row, c, 1])
  }
}

/// Returns images `[N, H, W, C]` with each block of pixels in the channels: `[N, H / b, W / b, b · b · C]`.
///
/// Source: `tf.nn.space_to_depth`.
public func spaceToDepth(
  _ x: Tensor, blockSize: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(SpaceToDepth(blockSize: blockSize), x, name: name, file: file, line: line)
}

/// Returns images `[N, H, W, b · b · C]` with the channels of each pixel as a block of pixels: `[N, b · H, b · W, C]`.
///
/// Source: `tf.nn.depth_to_space`.
public func depthToSpace(
  _ x: Tensor, blockSize: Int, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(DepthToSpace(blockSize: blockSize), x, name: name, file: file, line: line)
}
