/// An operation that puts elements around a tensor: the second input, an integer matrix, says how many before and
/// after along each axis.
protocol PaddingOperation: Operation {}

extension PaddingOperation {
  func paddedType(_ inputs: [TensorType]) throws(GraphError) -> TensorType {
    try expectIndices(inputs[1], "paddings")
    try expectRank(2, inputs[1])
    guard let rank = inputs[0].shape.rank ?? inputs[1].shape[0] else { return TensorType(inputs[0].dataType) }
    try expectRank(rank, inputs[0])
    if let rows = inputs[1].shape[0], rows != rank {
      throw GraphError("Shape must be rank \(rows) but is rank \(rank)")
    }
    var extents: [Int?] = []
    for axis in 0..<rank {
      let before = inputs[1].value.flatMap { $0[2 * axis] }
      let after = inputs[1].value.flatMap { $0[2 * axis + 1] }
      if let least = [before, after].compactMap({ $0 }).min(), least < 0 {
        throw GraphError("Paddings must be non-negative: \(before ?? 0) \(after ?? 0)")
      }
      extents.append(inputs[0].shape[axis].flatMap { middle in before.flatMap { b in after.map { b + middle + $0 } } })
    }
    return TensorType(inputs[0].dataType, Shape(extents))
  }
}

/// Returns the first input with zeros around it.
public struct Pad: Operation, PaddingOperation {
  public static let tfName = "Pad"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    return [try paddedType(inputs)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { unpadded($0, node.inputs[0], node.inputs[1]) }, nil]
  }
}

extension Pad: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    Movement(blocks: [.padded(inputs, outputs[0])], fill: .zero)
  }
}

/// Returns the first input with the third, a scalar, around it.
public struct PadV2: Operation, PaddingOperation {
  public static let tfName = "PadV2"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expectSameDataType(inputs[0], inputs[2])
    try expectRank(0, inputs[2])
    return [try paddedType(inputs)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil] }
    let dx = unpadded(dy, node.inputs[0], node.inputs[1])
    return [dx, nil, reduceSum(dy) - reduceSum(dx)]
  }
}

extension PadV2: MovementOperation {
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    Movement(blocks: [.padded(inputs, outputs[0])], fill: .input(2))
  }
}

extension PaddingOperation {
  /// Returns the part of `dy` where `x` was put.
  fileprivate func unpadded(_ dy: Tensor, _ x: Tensor, _ paddings: Tensor) -> Tensor {
    let extents = shape(x, outType: paddings.dataType)
    if let known = paddings.type.knownValue, paddings.dataType == .int32 {
      let before = stride(from: 0, to: known.count, by: 2).map { known[$0] }
      return slice(dy, begin: constant(indices: before, name: "begin"), size: extents)
    }
    return slice(dy, begin: paddings[.all, 0], size: extents)
  }
}

extension Movement.Block {
  fileprivate static func padded(_ inputs: [TensorType], _ output: TensorType) -> Movement.Block {
    let extents = inputs[0].extents
    var target = Movement.Walk.rowMajor(output.extents)
    let paddings = inputs[1].knownValue ?? []
    target.offset = target.strides.indices.reduce(0) { $0 + paddings[2 * $1] * target.strides[$1] }
    return .init(extents: extents, source: .rowMajor(extents), destination: target)
  }
}

/// How a tensor is continued beyond its ends.
public enum MirrorPadMode: String, Hashable, Sendable {
  /// The last element is not repeated: `c b | a b c | b a`.
  case reflect = "REFLECT"
  /// The last element is repeated: `b a | a b c | c b`.
  case symmetric = "SYMMETRIC"

  /// Returns the place in an axis of `extent` elements of the place `index` before, in or after it.
  package func mirrored(_ index: Int, extent: Int) -> Int {
    let shift = self == .reflect ? 0 : 1
    if index < 0 { return -index - shift }
    return index < extent ? index : 2 * extent - 2 - index + shift
  }
}

/// Returns the first input continued by its mirror image.
public struct MirrorPad: Operation, PaddingOperation {
  public static let tfName = "MirrorPad"
  /// Whether the last element is repeated.
  public let mode: MirrorPadMode

  public init(mode: MirrorPadMode) {
    self.mode = mode
  }

  public var attributes: [String: AttributeValue] { ["mode": .string(mode.rawValue)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    let type = try paddedType(inputs)
    let largest = mode == .reflect ? 1 : 0
    for (axis, extent) in (inputs[0].shape.extents ?? []).enumerated() {
      guard let extent, let paddings = inputs[1].knownValue else { continue }
      guard paddings[2 * axis] <= extent - largest, paddings[2 * axis + 1] <= extent - largest else {
        throw GraphError(
          "paddings must be no greater than \(largest == 1 ? "the dimension size minus 1" : "the dimension size"): "
            + "\(paddings[2 * axis]), \(paddings[2 * axis + 1]) greater than \(extent - largest)")
      }
    }
    return [type]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(MirrorPadGrad(mode: mode), $0, node.inputs[1]) }, nil]
  }
}

extension MirrorPad: MovementOperation {
  /// Each axis has up to three pieces, those at the ends walked backwards; every combination is a block.
  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    let source = Movement.Walk.rowMajor(inputs[0].extents)
    let target = Movement.Walk.rowMajor(outputs[0].extents)
    let paddings = inputs[1].knownValue ?? []
    var blocks = [
      Movement.Block(extents: [], source: .init(strides: []), destination: .init(strides: []))
    ]
    for (axis, extent) in inputs[0].extents.enumerated() {
      let (before, after) = (paddings[2 * axis], paddings[2 * axis + 1])
      let pieces = [(-before, before, -1), (0, extent, 1), (extent, after, -1)].filter { $0.1 > 0 }
      blocks = blocks.flatMap { block in
        pieces.map { first, count, step in
          var result = block
          result.extents.append(count)
          result.source.offset += mode.mirrored(first, extent: extent) * source.strides[axis]
          result.source.strides.append(step * source.strides[axis])
          result.destination.offset += (first + before) * target.strides[axis]
          result.destination.strides.append(target.strides[axis])
          return result
        }
      }
    }
    return Movement(blocks: inputs[0].extents.contains(0) ? [] : blocks)
  }
}

/// Returns the gradient of mirror padding: each element of the first input added to the place that it is the image of.
public struct MirrorPadGrad: Operation {
  public static let tfName = "MirrorPadGrad"
  /// Whether the last element is repeated.
  public let mode: MirrorPadMode

  public init(mode: MirrorPadMode) {
    self.mode = mode
  }

  public var attributes: [String: AttributeValue] { ["mode": .string(mode.rawValue)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    guard let extents = inputs[0].shape.extents, let paddings = inputs[1].value, paddings.count == 2 * extents.count
    else { return [TensorType(inputs[0].dataType, inputs[0].shape.rank.map { .unknown(rank: $0) } ?? .unknown)] }
    let inner = extents.enumerated().map { axis, extent in
      extent.flatMap { all in paddings[2 * axis].flatMap { b in paddings[2 * axis + 1].map { all - b - $0 } } }
    }
    return [TensorType(inputs[0].dataType, Shape(inner))]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    [upstream[0].map { apply(MirrorPad(mode: mode), $0, node.inputs[1]) }, nil]
  }
}

/// Returns `x` with elements put before and after it along each axis.
///
/// - Parameters:
///   - paddings: How many before and after, for each axis.
///   - value: What the new elements are.
///
/// Source: `tf.pad`.
public func pad(
  _ x: Tensor, paddings: [(before: Int, after: Int)], value: Double = 0, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let amounts = paddings.flatMap { [$0.before, $0.after] }
  if value == 0 {
    return applyWithConstants(Pad(), on: x, name: name, file: file, line: line) {
      [x, constant(indices: amounts, shape: [paddings.count, 2], name: "paddings")]
    }
  }
  return applyWithConstants(PadV2(), on: x, name: name, file: file, line: line) {
    [
      x, constant(indices: amounts, shape: [paddings.count, 2], name: "paddings"),
      constant(number: value, like: x, name: "constant_values"),
    ]
  }
}

/// Returns `x` with its mirror image before and after it along each axis.
///
/// Source: `tf.pad` with mode `REFLECT` or `SYMMETRIC`.
public func mirrorPad(
  _ x: Tensor, paddings: [(before: Int, after: Int)], mode: MirrorPadMode, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(MirrorPad(mode: mode), on: x, name: name, file: file, line: line) {
    let amounts = paddings.flatMap { [$0.before, $0.after] }
    return [x, constant(indices: amounts, shape: [paddings.count, 2], name: "paddings")]
  }
}
