/// Snappy's block format: literals and copies of what came before.
///
/// Source: `google/snappy`, `format_description.txt`.
enum Snappy {
  /// Returns what `input` stands for.
  ///
  /// - Throws: `FormatError` if an element runs off either end, or the result has not the stated length.
  static func decompress(_ input: ByteReader) throws(FormatError) -> [UInt8] {
    var input = input
    let length = try input.count("the decompressed length")
    // No element makes more than 64 bytes of two.
    guard length / 32 <= input.remaining else {
      throw input.error("\(input.remaining) bytes cannot decompress to \(length)")
    }
    var output: [UInt8] = []
    output.reserveCapacity(length)
    while !input.isAtEnd {
      let tag = try input.byte()
      switch tag & 3 {
      case 0: output += try literal(tag, &input)
      case 1:
        let offset = Int(tag >> 5) << 8 | Int(try input.byte())
        try copy(4 + Int(tag >> 2 & 7), offset, &output, input)
      case 2: try copy(1 + Int(tag >> 2), Int(try input.littleEndian(UInt16.self)), &output, input)
      default: try copy(1 + Int(tag >> 2), Int(try input.littleEndian(UInt32.self)), &output, input)
      }
      guard output.count <= length else { throw input.error("more than the stated \(length) bytes") }
    }
    guard output.count == length else {
      throw input.error("decompressed to \(output.count) bytes instead of \(length)")
    }
    return output
  }

  private static func literal(_ tag: UInt8, _ input: inout ByteReader) throws(FormatError) -> [UInt8] {
    var count = Int(tag >> 2)
    if count >= 60 {
      let size = count - 59
      count = 0
      for index in 0..<size { count |= Int(try input.byte()) << (8 * index) }
    }
    return try input.array(count + 1)
  }

  private static func copy(
    _ count: Int, _ offset: Int, _ output: inout [UInt8], _ input: ByteReader
  ) throws(FormatError) {
    guard offset > 0, offset <= output.count else {
      throw input.error("a copy from \(offset) bytes back, but there are only \(output.count)")
    }
    // Byte by byte: the copy may overlap what it makes.
    for _ in 0..<count { output.append(output[output.count - offset]) }
  }
}
