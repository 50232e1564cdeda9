/// A tensor's value in memory: what is fed, fetched, stored in checkpoints and handed on by datasets.
///
/// A value type with copy-on-write storage aligned to 64 bytes, row-major (last index fastest).
public struct HostTensor: Sendable {
  /// The element type.
  public let dataType: DataType
  /// The extents.
  public let shape: [Int]
  private var storage: TensorStorage

  /// The number of elements.
  public var count: Int { storage.count }
  /// The number of bytes of the elements; for strings, of their characters.
  public var byteCount: Int {
    dataType == .string ? storage.strings.reduce(0) { $0 + $1.count } : storage.byteCount
  }

  /// Returns a tensor of zeros (false, empty strings).
  public init(zeros dataType: DataType, shape: [Int]) {
    self.init(uninitialized: dataType, shape: shape)
    storage.clear()
  }

  /// Returns a tensor whose bytes are not set yet; the caller writes all of them.
  package init(uninitialized dataType: DataType, shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "extents are not negative")
    self.dataType = dataType
    self.shape = shape
    storage = TensorStorage(dataType: dataType, count: shape.reduce(1, *))
  }

  /// Returns a tensor with these elements in row-major order.
  ///
  /// - Throws: `TensorError` if the number of elements is not the product of `shape`.
  public init<Scalar: TensorScalar>(_ scalars: [Scalar], shape: [Int]) throws(TensorError) {
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == scalars.count else {
      throw TensorError("cannot shape \(scalars.count) elements as \(shape)")
    }
    self.init(uninitialized: Scalar.dataType, shape: shape)
    scalars.withUnsafeBytes { storage.copy(from: $0) }
  }

  /// Returns a vector of these elements.
  public init<Scalar: TensorScalar>(_ scalars: [Scalar]) {
    self.init(uninitialized: Scalar.dataType, shape: [scalars.count])
    scalars.withUnsafeBytes { storage.copy(from: $0) }
  }

  /// Returns a scalar.
  public init<Scalar: TensorScalar>(_ scalar: Scalar) {
    self.init(uninitialized: Scalar.dataType, shape: [])
    Swift.withUnsafeBytes(of: scalar) { storage.copy(from: $0) }
  }

  /// Returns a tensor of byte strings.
  ///
  /// - Throws: `TensorError` if the number of strings is not the product of `shape`.
  public init(strings: [[UInt8]], shape: [Int]) throws(TensorError) {
    guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == strings.count else {
      throw TensorError("cannot shape \(strings.count) strings as \(shape)")
    }
    self.init(uninitialized: .string, shape: shape)
    storage.strings = strings
  }

  /// Returns a scalar string in UTF-8.
  public init(_ string: String) {
    self.init(uninitialized: .string, shape: [])
    storage.strings = [Array(string.utf8)]
  }

  /// Returns a tensor of this type and shape with the bytes of its elements copied, as they lie in little-endian files.
  ///
  /// - Throws: `TensorError` if the number of bytes does not fit, or for strings.
  public init(bytes: UnsafeRawBufferPointer, dataType: DataType, shape: [Int]) throws(TensorError) {
    guard let size = dataType.size, shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) * size == bytes.count else {
      throw TensorError("\(bytes.count) bytes are not a \(dataType) tensor of shape \(shape)")
    }
    self.init(uninitialized: dataType, shape: shape)
    storage.copy(from: bytes)
  }

  /// The type and (fully known) shape.
  public var type: TensorType { TensorType(dataType, Shape(shape)) }

  /// Returns the same elements under another shape.
  ///
  /// - Throws: `TensorError` if the number of elements differs.
  public func reshaped(_ newShape: [Int]) throws(TensorError) -> HostTensor {
    guard newShape.allSatisfy({ $0 >= 0 }), newShape.reduce(1, *) == count else {
      throw TensorError("cannot reshape \(shape) to \(newShape)")
    }
    return HostTensor(dataType: dataType, shape: newShape, storage: storage)
  }

  private init(dataType: DataType, shape: [Int], storage: TensorStorage) {
    self.dataType = dataType
    self.shape = shape
    self.storage = storage
  }
}

extension HostTensor {
  /// Returns all elements in row-major order.
  ///
  /// - Throws: `TensorError` if the elements have another type.
  public func scalars<Scalar: TensorScalar>(as type: Scalar.Type = Scalar.self) throws(TensorError) -> [Scalar] {
    try check(type)
    return withUnsafeBytes { Array($0.bindMemory(to: Scalar.self)) }
  }

  /// Returns the only element of a tensor with one element.
  ///
  /// - Throws: `TensorError` if there is not exactly one element, or it has another type.
  public func scalar<Scalar: TensorScalar>(as type: Scalar.Type = Scalar.self) throws(TensorError) -> Scalar {
    try check(type)
    guard count == 1 else { throw TensorError("a tensor of shape \(shape) is not a scalar") }
    return withUnsafeBytes { $0.loadUnaligned(as: Scalar.self) }
  }

  /// Returns the byte strings of a string tensor.
  ///
  /// - Throws: `TensorError` if the elements are not strings.
  public func strings() throws(TensorError) -> [[UInt8]] {
    guard dataType == .string else { throw TensorError("the elements are \(dataType), not string") }
    return storage.strings
  }

  /// Returns all elements converted to double precision, whatever real, integer or boolean type they have.
  ///
  /// - Throws: `TensorError` for strings and complex numbers.
  public func doubles() throws(TensorError) -> [Double] {
    switch dataType {
    case .float32: try scalars(as: Float.self).map(Double.init)
    case .float64: try scalars(as: Double.self)
    case .float16: try scalars(as: Half.self).map { Double($0.float) }
    case .bfloat16: try scalars(as: BFloat16.self).map { Double($0.float) }
    case .int8: try scalars(as: Int8.self).map(Double.init)
    case .uint8: try scalars(as: UInt8.self).map(Double.init)
    case .int16: try scalars(as: Int16.self).map(Double.init)
    case .uint16: try scalars(as: UInt16.self).map(Double.init)
    case .int32: try scalars(as: Int32.self).map(Double.init)
    case .uint32: try scalars(as: UInt32.self).map(Double.init)
    case .int64: try scalars(as: Int64.self).map(Double.init)
    case .uint64: try scalars(as: UInt64.self).map(Double.init)
    case .bool: try scalars(as: Bool.self).map { $0 ? 1 : 0 }
    case .string, .complex64, .complex128: throw TensorError("\(dataType) elements are not real numbers")
    }
  }

  /// Returns the same numbers in single precision, whatever real, integer or boolean type they have.
  ///
  /// - Throws: `TensorError` for strings and complex numbers.
  ///
  /// Source: `tf.cast`.
  public func asFloat32() throws(TensorError) -> HostTensor {
    switch dataType {
    case .float32: self
    case .uint8: try HostTensor(try scalars(as: UInt8.self).map { Float($0) }, shape: shape)
    default: try HostTensor(try doubles().map { Float($0) }, shape: shape)
    }
  }

  /// Calls `body` with the elements as a span, without copying them.
  ///
  /// - Throws: `TensorError` if the elements have another type.
  public func withSpan<Scalar: TensorScalar, Result>(
    of type: Scalar.Type, _ body: (Span<Scalar>) -> Result
  ) throws(TensorError) -> Result {
    try check(type)
    return withUnsafeBytes { body(Span(_unsafeElements: $0.bindMemory(to: Scalar.self))) }
  }

  /// Calls `body` with the elements as a span that can be written; copies them first if they are shared.
  ///
  /// - Throws: `TensorError` if the elements have another type.
  public mutating func withMutableSpan<Scalar: TensorScalar, Result>(
    of type: Scalar.Type, _ body: (inout MutableSpan<Scalar>) -> Result
  ) throws(TensorError) -> Result {
    try check(type)
    return withUnsafeMutableBytes { bytes in
      var span = MutableSpan(_unsafeElements: bytes.bindMemory(to: Scalar.self))
      return body(&span)
    }
  }

  /// Calls `body` with the bytes of the elements. Empty for strings.
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount))
  }

  /// Calls `body` with the bytes of the elements, to be changed; copies them first if they are shared.
  public mutating func withUnsafeMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copied() }
    return try body(UnsafeMutableRawBufferPointer(start: storage.pointer, count: storage.byteCount))
  }

  private func check<Scalar: TensorScalar>(_ type: Scalar.Type) throws(TensorError) {
    guard Scalar.dataType == dataType else {
      throw TensorError("the elements are \(dataType), not \(Scalar.dataType)")
    }
  }
}

extension HostTensor: Equatable {
  /// Returns whether type, shape and all bytes agree; a NaN equals a NaN with the same bits.
  public static func == (a: HostTensor, b: HostTensor) -> Bool {
    guard a.dataType == b.dataType, a.shape == b.shape else { return false }
    if a.storage === b.storage { return true }
    if a.dataType == .string { return a.storage.strings == b.storage.strings }
    return a.withUnsafeBytes { left in b.withUnsafeBytes { right in left.elementsEqual(right) } }
  }
}

extension HostTensor: Hashable {
  /// Feeds type, shape and bytes to the hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(dataType)
    hasher.combine(shape)
    hasher.combine(storage.strings)
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

/// A value that is not what the caller took it for: another element type, or a shape that does not fit.
public struct TensorError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, in one line.
  public let description: String

  /// Returns an error with this text.
  package init(_ description: String) {
    self.description = description
  }
}
