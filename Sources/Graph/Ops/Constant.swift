/// A value that never changes.
public struct Constant: NonDifferentiable {
  public static let tfName = "Const"
  /// The value.
  public let value: HostTensor

  /// Returns the operation of this value.
  public init(_ value: HostTensor) {
    self.value = value
  }

  public var fusion: FusionClass { .source }
  public var attributes: [String: AttributeValue] { ["value": .tensor(value), "dtype": .type(value.dataType)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    [TensorType(value.dataType, Shape(value.shape), value: Self.shapeValue(value))]
  }

  private static func shapeValue(_ value: HostTensor) -> [Int?]? {
    guard value.count <= TensorType.largestValue else { return nil }
    switch value.dataType {
    case .int32: return (try? value.scalars(as: Int32.self))?.map { Int($0) }
    case .int64: return (try? value.scalars(as: Int64.self))?.map { Int($0) }
    default: return nil
    }
  }
}

/// Returns a constant tensor.
///
/// Source: `tf.constant`.
public func constant(
  _ value: HostTensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(Constant(value), to: [], name: name, file: file, line: line)[0]
}

/// Returns a constant scalar.
public func constant<Scalar: TensorScalar>(
  _ scalar: Scalar, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  constant(HostTensor(scalar), name: name, file: file, line: line)
}

/// Returns a constant vector, or a tensor of another shape with these elements in row-major order.
public func constant<Scalar: TensorScalar>(
  _ scalars: [Scalar], shape: [Int]? = nil, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    do throws(TensorError) {
      return constant(try HostTensor(scalars, shape: shape ?? [scalars.count]), name: name)
    } catch {
      return failedTensor(error.description)
    }
  }
}

/// Returns a scalar constant of any numeric element type; integers are truncated towards zero.
package func constant(
  number: Double, _ dataType: DataType, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  constant(HostTensor(number: number, dataType), name: name, file: file, line: line)
}

extension HostTensor {
  /// Returns a scalar of any numeric element type (bool: not zero); out of range becomes the nearest, NaN zero.
  package init(number: Double, _ dataType: DataType) {
    func clamped<T: FixedWidthInteger>(_: T.Type) -> T {
      if number.isNaN { return 0 }
      return T(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
    }
    switch dataType {
    case .float32: self.init(Float(number))
    case .float64: self.init(number)
    case .float16: self.init(Half(Float(number)))
    case .bfloat16: self.init(BFloat16(Float(number)))
    case .int8: self.init(clamped(Int8.self))
    case .uint8: self.init(clamped(UInt8.self))
    case .int16: self.init(clamped(Int16.self))
    case .uint16: self.init(clamped(UInt16.self))
    case .int32: self.init(clamped(Int32.self))
    case .uint32: self.init(clamped(UInt32.self))
    case .int64: self.init(clamped(Int64.self))
    case .uint64: self.init(clamped(UInt64.self))
    case .bool: self.init(number != 0)
    case .string, .complex64, .complex128: self.init(zeros: dataType, shape: [])
    }
  }
}
