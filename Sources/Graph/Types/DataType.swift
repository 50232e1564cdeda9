/// The element type of a tensor.
///
/// Arithmetic is defined for `float32`, `float64` and the integers; every type can be constant, cast where a cast
/// means something, fed, fetched and checkpointed.
///
/// Source: `tf.dtypes.DType`, `tensorflow/core/framework/types.proto`.
public enum DataType: UInt8, CaseIterable, Hashable, Sendable {
  case float32, float64, float16, bfloat16
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64
  case bool, string, complex64, complex128

  /// Returns the bytes that one element takes in memory, or nil for `string`, whose elements vary.
  public var size: Int? {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64, .complex64: 8
    case .complex128: 16
    case .string: nil
    }
  }

  /// Returns whether the elements are real floating-point numbers, so that a gradient can flow through them.
  public var isFloating: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    default: false
    }
  }

  /// Returns whether the elements are integers, signed or not. `bool` is not an integer.
  public var isInteger: Bool {
    switch self {
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: true
    default: false
    }
  }

  /// Returns TensorFlow's name of the type: `float32`, `half`, `bool`…
  public var name: String {
    self == .float16 ? "half" : "\(self)"
  }

  /// Returns the number of the type in TensorFlow's `DataType` protobuf enum (`DT_FLOAT` is 1).
  public var tensorFlowNumber: Int {
    switch self {
    case .float32: 1
    case .float64: 2
    case .int32: 3
    case .uint8: 4
    case .int16: 5
    case .int8: 6
    case .string: 7
    case .complex64: 8
    case .int64: 9
    case .bool: 10
    case .bfloat16: 14
    case .uint16: 17
    case .complex128: 18
    case .float16: 19
    case .uint32: 22
    case .uint64: 23
    }
  }

  /// Returns the type with this number in TensorFlow's `DataType` enum, or nil if there is none here.
  ///
  /// Reference types (`DT_FLOAT_REF` = 101…) stand for the type that they refer to.
  public init?(tensorFlowNumber number: Int) {
    let value = number > 100 ? number - 100 : number
    guard let type = DataType.allCases.first(where: { $0.tensorFlowNumber == value }) else { return nil }
    self = type
  }
}

extension DataType: CustomStringConvertible {
  public var description: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .int8: "int8"
    case .uint8: "uint8"
    case .int16: "int16"
    case .uint16: "uint16"
    case .int32: "int32"
    case .uint32: "uint32"
    case .int64: "int64"
    case .uint64: "uint64"
    case .bool: "bool"
    case .string: "string"
    case .complex64: "complex64"
    case .complex128: "complex128"
    }
  }
}
