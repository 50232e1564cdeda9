/// Which entries of a strided slice are not begin and end as they stand: bit k is for entry k.
///
/// Source: the attributes of TensorFlow's `StridedSlice`.
public struct SliceMasks: Hashable, Sendable {
  /// Entries whose begin is left open.
  public var begin = 0
  /// Entries whose end is left open.
  public var end = 0
  /// The entry that stands for all axes that the others do not name.
  public var ellipsis = 0
  /// Entries that put a new axis of extent 1 in.
  public var newAxis = 0
  /// Entries that take one element, so that the axis goes away.
  public var shrinkAxis = 0

  /// Returns masks without any bit.
  public init() {}

  var attributes: [String: AttributeValue] {
    [
      "begin_mask": .int(begin), "end_mask": .int(end), "ellipsis_mask": .int(ellipsis),
      "new_axis_mask": .int(newAxis), "shrink_axis_mask": .int(shrinkAxis),
    ]
  }
}

/// Returns elements of the first input from begin (second) up to end (third) in steps (fourth), along each axis.
public struct StridedSlice: Operation {
  public static let tfName = "StridedSlice"
  /// Which entries mean something else.
  public let masks: SliceMasks

  public init(_ masks: SliceMasks) {
    self.masks = masks
  }

  public var attributes: [String: AttributeValue] { masks.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(4, inputs)
    try expectIndices(inputs[1], "begin")
    guard let plan = try ResolvedSlice(masks, of: inputs[0].shape, Array(inputs[1...])) else {
      return [TensorType(inputs[0].dataType)]
    }
    let type = TensorType(inputs[0].dataType, Shape(plan.output))
    return plan.isKnown ? followingValues(inputs, [type]) : [type]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil, nil] }
    let places = node.inputs.dropFirst()
    let extents = shape(node.inputs[0], outType: node.inputs[1].dataType)
    return [apply(StridedSliceGrad(masks), to: [extents] + places + [dy])[0], nil, nil, nil]
  }
}

extension StridedSlice: MovementOperation {
  package var constantInputs: [Int] { [1, 2, 3] }

  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    guard let plan = try? ResolvedSlice(masks, of: inputs[0].shape, Array(inputs[1...])) else {
      return Movement(blocks: [])
    }
    let counts = plan.counts
    return Movement(blocks: [
      .init(extents: counts, source: plan.walk(through: inputs[0].extents), destination: .rowMajor(counts))
    ])
  }
}

/// Returns the gradient of a strided slice: a tensor of the shape that the first input names, zero but for the slice.
public struct StridedSliceGrad: Operation {
  public static let tfName = "StridedSliceGrad"
  /// Which entries mean something else.
  public let masks: SliceMasks

  public init(_ masks: SliceMasks) {
    self.masks = masks
  }

  public var attributes: [String: AttributeValue] { masks.attributes }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(5, inputs)
    try expectIndices(inputs[0], "shape")
    let shape = inputs[0].value.map { Shape($0) } ?? inputs[0].shape[0].map { .unknown(rank: $0) } ?? .unknown
    if let plan = try ResolvedSlice(masks, of: shape, Array(inputs[1..<4])) {
      _ = try Shape(plan.output).mergedOrThrow(inputs[4].shape)
    }
    return [TensorType(inputs[4].dataType, shape)]
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dy = upstream[0] else { return [nil, nil, nil, nil, nil] }
    return [nil, nil, nil, nil, apply(StridedSlice(masks), to: [dy] + node.inputs[1..<4])[0]]
  }
}

extension StridedSliceGrad: MovementOperation {
  package var constantInputs: [Int] { [1, 2, 3] }

  package func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement {
    guard let plan = try? ResolvedSlice(masks, of: outputs[0].shape, Array(inputs[1..<4])) else {
      return Movement(blocks: [], fill: .zero)
    }
    let counts = plan.counts
    let block = Movement.Block(
      input: 4, extents: counts, source: .rowMajor(counts), destination: plan.walk(through: outputs[0].extents))
    return Movement(blocks: [block], fill: .zero)
  }
}

/// A strided slice of a certain shape: where it begins along each axis, and how many elements it takes.
struct ResolvedSlice {
  struct Axis {
    var begin: Int?
    var stride: Int?
    var count: Int?
  }

  /// One for each axis of the input.
  private(set) var axes: [Axis] = []
  /// The shape of the result.
  private(set) var output: [Int?] = []

  var isKnown: Bool { axes.allSatisfy { $0.begin != nil && $0.stride != nil && $0.count != nil } }
  var counts: [Int] { axes.map { $0.count ?? 0 } }

  /// Returns the walk through the elements of the input that the slice takes.
  func walk(through extents: [Int]) -> Movement.Walk {
    var walk = Movement.Walk.rowMajor(extents)
    for (number, axis) in axes.enumerated() {
      walk.offset += (axis.begin ?? 0) * walk.strides[number]
      walk.strides[number] *= axis.stride ?? 1
    }
    return walk
  }

  /// Returns nil if the rank of the input or the number of entries is not known.
  ///
  /// - Parameter places: The types of begin, end and strides.
  init?(_ masks: SliceMasks, of shape: Shape, _ places: [TensorType]) throws(GraphError) {
    guard let extents = shape.extents, let entries = places.lazy.compactMap({ $0.shape[0] }).first else { return nil }
    guard entries < Int.bitWidth else { throw GraphError("a slice of \(entries) entries is too long") }
    let special = masks.newAxis | masks.ellipsis
    let named = (0..<entries).count { special & (1 << $0) == 0 }
    guard named <= extents.count else {
      throw GraphError("Index out of range using input dim \(extents.count); input has only \(extents.count) dims")
    }
    for entry in 0..<entries {
      if masks.ellipsis & (1 << entry) != 0 {
        for _ in 0..<extents.count - named { takeAll(extents[axes.count]) }
      } else if masks.newAxis & (1 << entry) != 0 {
        output.append(1)
      } else {
        try take(entry, masks, places.map { $0.value.flatMap { $0[entry] } }, extents[axes.count])
      }
    }
    while axes.count < extents.count { takeAll(extents[axes.count]) }
  }

  private mutating func takeAll(_ extent: Int?) {
    axes.append(Axis(begin: 0, stride: 1, count: extent))
    output.append(extent)
  }

  private mutating func take(
    _ entry: Int, _ masks: SliceMasks, _ place: [Int?], _ extent: Int?
  ) throws(GraphError) {
    guard place[2] != 0 else { throw GraphError("strides[\(entry)] must be non-zero") }
    if masks.shrinkAxis & (1 << entry) != 0 {
      axes.append(Axis(begin: try element(place[0], extent), stride: 1, count: 1))
      return
    }
    let begin: Int?? = masks.begin & (1 << entry) == 0 ? .some(place[0]) : nil
    let end: Int?? = masks.end & (1 << entry) == 0 ? .some(place[1]) : nil
    let axis = Self.range(from: begin, to: end, by: place[2], of: extent)
    axes.append(axis)
    output.append(axis.count)
  }

  private func element(_ index: Int?, _ extent: Int?) throws(GraphError) -> Int? {
    guard let index, let extent else { return nil }
    guard (-extent..<extent).contains(index) else {
      throw GraphError("slice index \(index) of dimension \(axes.count) out of bounds.")
    }
    return index < 0 ? index + extent : index
  }

  /// Returns the elements between two places; nil is an open end, nil inside it one that is not known.
  private static func range(from begin: Int??, to end: Int??, by stride: Int?, of extent: Int?) -> Axis {
    guard let extent, let stride else {
      return Axis(begin: nil, stride: stride, count: begin == nil && end == nil && stride == 1 ? extent : nil)
    }
    let limits = stride > 0 ? 0...extent : -1...extent - 1
    func clamped(_ place: Int?) -> Int? {
      place.map { min(max($0 < 0 ? $0 + extent : $0, limits.lowerBound), limits.upperBound) }
    }
    let open = stride > 0 ? (0, extent) : (extent - 1, -1)
    let first = begin.map(clamped) ?? open.0
    let last = end.map(clamped) ?? open.1
    guard let first, let last else { return Axis(begin: first, stride: stride, count: nil) }
    let distance = stride > 0 ? last - first : first - last
    let step = abs(stride)
    return Axis(begin: first, stride: stride, count: distance <= 0 ? 0 : (distance + step - 1) / step)
  }
}
