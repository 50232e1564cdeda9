/// Returns `x` converted to another element type.
public struct Cast: UnaryOperation {
  public static let tfName = "Cast"
  /// The element type of the result.
  public let dataType: DataType

  public init(to dataType: DataType) {
    self.dataType = dataType
  }

  public var fusion: FusionClass { .pointwise(.cast) }
  public var attributes: [String: AttributeValue] { ["DstT": .type(dataType)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    let allowed = DataType.numeric.union([.bool])
    guard allowed.contains(inputs[0].dataType), allowed.contains(dataType) else {
      throw GraphError("Cast \(inputs[0].dataType) to \(dataType) is not supported")
    }
    let isIndex = dataType == .int32 || dataType == .int64
    return [TensorType(dataType, inputs[0].shape, value: isIndex ? inputs[0].value : nil)]
  }

  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? {
    x.dataType.isFloating && dataType.isFloating ? cast(dy, to: x.dataType) : nil
  }
}

/// Returns `x` converted to `dataType`: fractions are cut off, bool is 0 or 1, and every number but 0 is true.
///
/// Integers are cut to the lowest bits. A NaN or a floating-point number out of range becomes the least int32 or int64.
///
/// Source: `tf.cast`.
public func cast(
  _ x: Tensor, to dataType: DataType, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  x.dataType == dataType ? x : apply(Cast(to: dataType), x, name: name, file: file, line: line)
}

/// Returns `x` converted to `dataType`, after moving what is out of its range to the nearest limit.
///
/// Source: `tf.saturate_cast`.
public func saturateCast(
  _ x: Tensor, to dataType: DataType, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("saturate_cast", name, on: [x], file, line) {
    guard let from = x.dataType.limits, let to = dataType.limits else { return cast(x, to: dataType) }
    let least = from.least < to.least ? to.least : nil
    let most = from.most > to.most ? x.dataType.notAbove(to.most) : nil
    let above = least.map { maximum(x, $0) } ?? x
    return cast(most.map { minimum(above, $0) } ?? above, to: dataType)
  }
}

extension DataType {
  /// The least and the largest finite number, nil for what are no real numbers.
  package var limits: (least: Double, most: Double)? {
    switch self {
    case .float32: (-Double(Float.greatestFiniteMagnitude), Double(Float.greatestFiniteMagnitude))
    case .float64: (-Double.greatestFiniteMagnitude, Double.greatestFiniteMagnitude)
    case .float16: (-65504, 65504)
    case .bfloat16: (-0x1.FEp127, 0x1.FEp127)
    case .int8: (-128, 127)
    case .uint8: (0, 255)
    case .int16: (-32768, 32767)
    case .uint16: (0, 65535)
    case .int32: (-0x1p31, 0x1p31 - 1)
    case .uint32: (0, 0x1p32 - 1)
    case .int64: (-0x1p63, (0x1p63 as Double).nextDown)
    case .uint64: (0, (0x1p64 as Double).nextDown)
    case .bool, .string, .complex64, .complex128: nil
    }
  }

  /// Returns the largest number of this type that is not above `limit`: float32 has no 2³¹ - 1.
  func notAbove(_ limit: Double) -> Double {
    guard self == .float32 else { return limit }
    let nearest = Float(limit)
    return Double(Double(nearest) > limit ? nearest.nextDown : nearest)
  }
}
