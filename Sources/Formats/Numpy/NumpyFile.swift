import EspalierGraph

/// Files of one array each, as NumPy saves them (`.npy`).
///
///     let images = try NumpyFile.read("images.npy")
///     try NumpyFile.write(logits, to: "logits.npy")
///
/// Versions 1 to 3 are read, in C and Fortran order; version 1 is written, in C order.
///
/// Source: `numpy.lib.format`.
public enum NumpyFile {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Returns the array in a file.
  ///
  /// - Throws: `FormatError` if the file cannot be read, is damaged, or holds elements that no tensor can have (objects,
  ///   records, texts, big-endian numbers).
  public static func read(_ path: String) throws(FormatError) -> HostTensor {
    try parse(LocalFileSystem().contents(of: path, limit: 1 << 40), file: path)
  }

  /// Returns the array that `bytes` hold as a file.
  ///
  /// - Throws: `FormatError` as `read(_:)` does.
  public static func parse(_ bytes: [UInt8], file: String = "array") throws(FormatError) -> HostTensor {
    var reader = ByteReader(bytes, file: file)
    guard reader.remaining >= 8, try reader.array(6) == magic else {
      throw ByteReader(bytes, file: file).error("this is no NumPy file: its magic string is wrong")
    }
    let version = try reader.byte()
    try reader.skip(1)
    guard (1...3).contains(version) else {
      throw reader.error("version \(version) of the format is not read here", kind: .unimplemented)
    }
    let length = version == 1 ? Int(try reader.littleEndian(UInt16.self)) : Int(try reader.littleEndian(UInt32.self))
    var header = NumpyHeader.Reader(try reader.slice(length))
    return try tensor(header.header(), &reader)
  }

  private static func tensor(_ header: NumpyHeader, _ reader: inout ByteReader) throws(FormatError) -> HostTensor {
    let size = header.dataType.size ?? 0
    guard let count = Extents.byteCount(header.shape, size: size), count <= reader.remaining else {
      throw reader.error("\(header.dataType)\(header.shape) does not fit into \(reader.remaining) bytes")
    }
    guard count == reader.remaining else {
      throw reader.error("\(reader.remaining - count) bytes are left after the array")
    }
    var bytes = try reader.array(count)
    if header.isFortranOrder { bytes = RowMajor.reordered(fromColumnMajor: bytes, shape: header.shape, size: size) }
    do { return try HostTensor(bytes: bytes, dataType: header.dataType, shape: header.shape) } catch {
      throw reader.error("\(error)")
    }
  }

  /// Returns the bytes of a file that holds `tensor`.
  ///
  /// - Throws: `FormatError` of kind `invalidArgument` for strings and bfloat16, which NumPy has not.
  public static func serialized(_ tensor: HostTensor) throws(FormatError) -> [UInt8] {
    guard let code = NumpyType.code(of: tensor.dataType) else {
      throw FormatError(.invalidArgument, file: "array", "NumPy has no type for \(tensor.dataType)")
    }
    let extents = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
    let mark = tensor.dataType.size == 1 ? "|" : "<"
    var header = Array("{'descr': '\(mark)\(code)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
    // The data begin at a multiple of 64, after ten bytes, the header and a line feed.
    header += [UInt8](repeating: 32, count: (64 - (header.count + 11) % 64) % 64) + [10]
    var bytes = magic + [1, 0]
    bytes.append(littleEndian: UInt16(header.count))
    bytes += header
    tensor.withUnsafeBytes { bytes += $0 }
    return bytes
  }

  /// Writes a file that holds `tensor`; after a crash the old or the whole new one is there.
  ///
  /// - Throws: `FormatError` if it cannot be written, or `tensor` has a type that NumPy has not.
  public static func write(_ tensor: HostTensor, to path: String) throws(FormatError) {
    try LocalFileSystem().replaceFile(path, with: serialized(tensor))
  }
}

/// NumPy's names of element types: a letter for the kind and the number of bytes.
enum NumpyType {
  /// Returns the name, without byte order, or nil if NumPy has no such type.
  static func code(of type: DataType) -> String? {
    codes.first { $0.value == type }?.key
  }

  /// Returns the type that `description` names, with or without byte order; nil if there is none here.
  static func dataType(_ description: String) -> DataType? {
    guard let first = description.first else { return nil }
    if "<|=".contains(first) { return codes[String(description.dropFirst())] }
    if first == ">" { return description.hasSuffix("1") ? codes[String(description.dropFirst())] : nil }
    return codes[description]
  }

  private static let codes: [String: DataType] = [
    "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64, "u1": .uint8,
    "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .bool, "c8": .complex64, "c16": .complex128,
  ]
}
