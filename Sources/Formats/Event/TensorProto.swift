import EspalierGraph

/// Tensors in protobuf messages.
///
/// Source: `tensorflow/core/framework/tensor.proto`, `tf.make_tensor_proto`, `tf.make_ndarray`.
package enum TensorProto {
  /// How many bytes a tensor may take of which the message gives only the first values, where nothing else is said.
  package static let splatLimit = 1 << 22

  /// Returns the tensor that `reader` holds.
  ///
  /// - Parameter limit: The bytes that it may take if the message gives only the first values.
  /// - Throws: `FormatError` if the values do not fit type and shape.
  package static func read(
    _ reader: inout WireReader, limit: Int = splatLimit
  ) throws(FormatError) -> HostTensor {
    var fields = Fields()
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): fields.typeNumber = Int(try reader.int32())
      case (2, .lengthDelimited):
        var message = try reader.message()
        fields.shape = try TensorShapeProto.read(&message)
      case (4, .lengthDelimited): fields.content = try reader.bytes()
      case (8, .lengthDelimited): fields.strings.append(try reader.bytes())
      case (5, _), (9, _):
        if try !reader.appendFloats(tag, to: &fields.floats) { try reader.skip(tag) }
      case (6, _), (12, _):
        if try !reader.appendDoubles(tag, to: &fields.doubles) { try reader.skip(tag) }
      case (7, _), (10, _), (11, _), (13, _), (16, _), (17, _):
        if try !reader.appendVarints(tag, to: &fields.integers) { try reader.skip(tag) }
      default: try reader.skip(tag)
      }
    }
    do throws(TensorError) { return try fields.tensor(limit: limit) } catch {
      throw reader.error("a tensor: \(error)")
    }
  }

  /// Writes a tensor, with the fields that TensorFlow chooses.
  package static func write(_ tensor: HostTensor, to writer: inout WireWriter) {
    writer.int64(1, Int64(tensor.dataType.tensorFlowNumber))
    writer.message(2) { TensorShapeProto.write(tensor.shape, to: &$0) }
    let values = Fields(of: tensor)
    if tensor.count > 1, values.goIntoContent(tensor.dataType) {
      tensor.withUnsafeBytes { writer.bytes(4, $0) }
      return
    }
    switch tensor.dataType {
    case .float32: writer.packed(5, values.floats)
    case .float64: writer.packed(6, values.doubles)
    case .complex64: writer.packed(9, values.floats)
    case .complex128: writer.packed(12, values.doubles)
    case .string: for string in values.strings { writer.bytes(8, string) }
    case .int64: writer.packed(10, values.integers)
    case .bool: writer.packed(11, values.integers)
    case .float16, .bfloat16: writer.packed(13, values.integers)
    case .uint32: writer.packed(16, values.integers)
    case .uint64: writer.packed(17, values.integers)
    case .int8, .uint8, .int16, .uint16, .int32: writer.packed(7, values.integers)
    }
  }

  /// The fields of the message that hold values.
  private struct Fields {
    var typeNumber = 0
    var shape: [Int] = []
    var content: [UInt8] = []
    var floats: [Float] = []
    var doubles: [Double] = []
    var integers: [Int64] = []
    var strings: [[UInt8]] = []

    init() {}

    init(of tensor: HostTensor) {
      let count = tensor.count
      tensor.withUnsafeBytes { bytes in
        func load<Value: BitwiseCopyable>(_ count: Int, _ type: Value.Type = Value.self) -> [Value] {
          (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self) }
        }
        switch tensor.dataType {
        case .float32: floats = load(count)
        case .complex64: floats = load(2 * count)
        case .float64: doubles = load(count)
        case .complex128: doubles = load(2 * count)
        case .string: break
        case .int8: integers = load(count, Int8.self).map(Int64.init)
        case .bool, .uint8: integers = load(count, UInt8.self).map(Int64.init)
        case .int16: integers = load(count, Int16.self).map(Int64.init)
        case .uint16, .float16, .bfloat16: integers = load(count, UInt16.self).map(Int64.init)
        case .int32: integers = load(count, Int32.self).map(Int64.init)
        case .uint32: integers = load(count, UInt32.self).map(Int64.init)
        case .int64, .uint64: integers = load(count)
        }
      }
      strings = (try? tensor.strings()) ?? []
    }

    /// Whether TensorFlow writes more than one element of this type as bytes.
    func goIntoContent(_ type: DataType) -> Bool {
      switch type {
      case .bool, .string, .float16, .bfloat16, .complex64, .complex128, .uint16: false
      default: true
      }
    }

    func tensor(limit: Int) throws(TensorError) -> HostTensor {
      guard let type = DataType(tensorFlowNumber: typeNumber) else {
        throw TensorError("element type number \(typeNumber) is not read here")
      }
      guard let count = Extents.count(shape), let size = Extents.byteCount(shape, size: type.size ?? 16) else {
        throw TensorError("the shape \(shape) is too large")
      }
      if !content.isEmpty, let scalarSize = type.size {
        guard content.count == count * scalarSize else {
          throw TensorError("\(content.count) bytes are not \(type)\(shape)")
        }
        return try HostTensor(bytes: content, dataType: type, shape: shape)
      }
      let given = valueCount(type)
      guard given <= count else { throw TensorError("\(given) values for \(type)\(shape)") }
      guard given == count || size <= limit else {
        throw TensorError("\(given) values stand for \(size) bytes, the limit is \(limit)")
      }
      return try splat(type, count)
    }

    private func valueCount(_ type: DataType) -> Int {
      switch type {
      case .float32: floats.count
      case .float64: doubles.count
      case .complex64: floats.count / 2
      case .complex128: doubles.count / 2
      case .string: strings.count
      default: integers.count
      }
    }

    /// Returns the values, the last one repeated until there are `count`; zeros if there is none.
    private func splat(_ type: DataType, _ count: Int) throws(TensorError) -> HostTensor {
      if type == .string { return try HostTensor(strings: Self.filled(strings, [], count), shape: shape) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count * (type.size ?? 0))
      switch type {
      case .float32: for value in Self.filled(floats, 0, count) { bytes.append(littleEndian: value.bitPattern) }
      case .float64: for value in Self.filled(doubles, 0, count) { bytes.append(littleEndian: value.bitPattern) }
      case .complex64:
        for index in 0..<2 * count { bytes.append(littleEndian: Self.pair(floats, 0, index).bitPattern) }
      case .complex128:
        for index in 0..<2 * count { bytes.append(littleEndian: Self.pair(doubles, 0, index).bitPattern) }
      case .bool: bytes = Self.filled(integers, 0, count).map { $0 == 0 ? 0 : 1 }
      default:
        let size = type.size ?? 0
        for value in Self.filled(integers, 0, count) {
          for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> Int64(8 * index))) }
        }
      }
      return try HostTensor(bytes: bytes, dataType: type, shape: shape)
    }

    private static func filled<Value>(_ values: [Value], _ zero: Value, _ count: Int) -> [Value] {
      values + repeatElement(values.last ?? zero, count: count - values.count)
    }

    /// Returns element `index` of real and imaginary parts in turn, the last pair repeated.
    private static func pair<Value>(_ values: [Value], _ zero: Value, _ index: Int) -> Value {
      if index < values.count / 2 * 2 { return values[index] }
      return values.count < 2 ? zero : values[values.count / 2 * 2 - 2 + index % 2]
    }
  }
}

extension HostTensor {
  /// Returns a tensor with these bytes; those of booleans become 0 or 1.
  package init(bytes: [UInt8], dataType: DataType, shape: [Int]) throws(TensorError) {
    let bytes = dataType == .bool ? bytes.map { $0 == 0 ? 0 : 1 } : bytes
    self = try bytes.withUnsafeBufferPointer { buffer throws(TensorError) in
      try HostTensor(bytes: UnsafeRawBufferPointer(buffer), dataType: dataType, shape: shape)
    }
  }
}
