import EspalierGraph

/// A tensor, or one slice of a tensor, in the data files of a checkpoint.
struct BundleTensor {
  let name: String
  let entry: BundleEntry
  let shards: ShardFiles

  /// Returns the value, verified.
  func value() throws(FormatError) -> HostTensor {
    let type = try dataType()
    guard let size = type.size else { return try strings() }
    guard let bytes = Extents.byteCount(entry.shape, size: size) else {
      throw error("its shape \(entry.shape) is too large")
    }
    guard bytes == entry.size else {
      throw error("\(type)\(entry.shape) takes \(bytes) bytes, but the index says \(entry.size)")
    }
    let file = try openFile()
    var tensor = HostTensor(uninitialized: type, shape: entry.shape)
    try tensor.withUnsafeMutableBytes { buffer throws(FormatError) in
      let count = try file.read(at: entry.offset, into: buffer)
      guard count == buffer.count else { throw error("only \(count) of \(buffer.count) bytes could be read") }
      try check(Checksum.extend(0, UnsafeRawBufferPointer(buffer)))
      // Swift's Bool is undefined for bytes other than 0 and 1.
      if type == .bool { for index in buffer.indices where buffer[index] > 1 { buffer[index] = 1 } }
    }
    return tensor
  }

  /// The element type.
  func dataType() throws(FormatError) -> DataType {
    guard let type = DataType(tensorFlowNumber: entry.typeNumber) else {
      throw error("its element type, TensorFlow's number \(entry.typeNumber), is not read here", .unimplemented)
    }
    return type
  }

  /// Returns an error that names the tensor and its data file.
  func error(_ message: String, _ kind: FormatError.Kind = .dataLoss) -> FormatError {
    FormatError(kind, file: shards.path(entry.shard), offset: entry.offset, "tensor \(name): \(message)")
  }

  /// Returns the data file, which has all bytes of the tensor.
  private func openFile() throws(FormatError) -> any ReadableFile {
    let file: any ReadableFile
    do { file = try shards.file(entry.shard) } catch { throw error.prefixed("tensor \(name)") }
    let (end, overflow) = entry.offset.addingReportingOverflow(entry.size)
    guard entry.offset >= 0, entry.size >= 0, !overflow, end <= file.size else {
      throw error("it takes \(entry.size) bytes, but the file has \(file.size) in all")
    }
    return file
  }

  private func check(_ checksum: UInt32) throws(FormatError) {
    let computed = Checksum.masked(checksum)
    guard entry.checksum == computed else {
      throw error("checksum: stored \(Checksum.hex(entry.checksum)), computed \(Checksum.hex(computed))")
    }
  }

  // Strings lie as varint lengths, the masked checksum of the lengths, and the characters. Both checksums run over the
  // lengths as integers, not as varints.
  private func strings() throws(FormatError) -> HostTensor {
    guard let count = Extents.count(entry.shape), count <= entry.size else {
      throw error("\(entry.size) bytes cannot hold the strings of \(entry.shape)")
    }
    let file = try openFile()
    let bytes = try file.bytes(at: entry.offset, count: entry.size, of: "tensor \(name)")
    var reader = ByteReader(bytes, file: file.path, origin: entry.offset)
    var checksum: UInt32 = 0
    var lengths: [Int] = []
    lengths.reserveCapacity(count)
    for _ in 0..<count {
      let length = try reader.count("the length of a string of tensor \(name)")
      lengths.append(length)
      checksum = StringChecksum.extend(checksum, length: length)
    }
    let stored: UInt32 = try reader.littleEndian()
    guard stored == Checksum.masked(checksum) else {
      throw error("checksum of the lengths: stored \(Checksum.hex(stored)), computed \(Checksum.hex(checksum))")
    }
    checksum = StringChecksum.extend(checksum, stored)
    var strings: [[UInt8]] = []
    strings.reserveCapacity(count)
    for length in lengths {
      let string = try reader.array(length)
      checksum = string.withUnsafeBytes { Checksum.extend(checksum, $0) }
      strings.append(string)
    }
    guard reader.isAtEnd else { throw error("\(reader.remaining) bytes are left after its strings") }
    try check(checksum)
    do { return try HostTensor(strings: strings, shape: entry.shape) } catch { throw self.error("\(error)") }
  }
}

/// The checksum of a tensor of strings.
enum StringChecksum {
  static func extend(_ checksum: UInt32, length: Int) -> UInt32 {
    if let short = UInt32(exactly: length) { return extend(checksum, short) }
    return extend(checksum, UInt64(length))
  }

  static func extend<Value: FixedWidthInteger & BitwiseCopyable>(_ checksum: UInt32, _ value: Value) -> UInt32 {
    withUnsafeBytes(of: value.littleEndian) { Checksum.extend(checksum, $0) }
  }
}
