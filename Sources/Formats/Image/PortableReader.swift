/// Reads PPM (colours) and PGM (gray) files, in binary and in text, of up to 8 bits a channel.
///
/// Source: netpbm.sourceforge.net, "PPM Format Specification".
struct PortableReader {
  private var reader: ByteReader
  private let size: Int

  init(_ bytes: [UInt8], file: String) {
    reader = ByteReader(bytes, file: file)
    size = bytes.count
  }

  func pixels() throws(FormatError) -> Pixels {
    var copy = self
    return try copy.read()
  }

  private mutating func read() throws(FormatError) -> Pixels {
    try reader.skip(1)
    let kind = try reader.byte()
    let channels = kind == UInt8(ascii: "3") || kind == UInt8(ascii: "6") ? 3 : 1
    let isText = kind <= UInt8(ascii: "3")
    let width = try number()
    let height = try number()
    let greatest = try number()
    guard (1...255).contains(greatest) else {
      throw reader.error("PPM with values up to \(greatest) is not read here", kind: .unimplemented)
    }
    let count = try Pixels.count(height: height, width: width, channels: channels, size: size, file: reader.file)
    guard count <= reader.remaining else { throw reader.error("\(count) values are not there") }
    var values: [UInt8] = []
    if isText {
      values.reserveCapacity(count)
      for _ in 0..<count { values.append(UInt8(clamping: try number())) }
    } else {
      try reader.skip(1)
      values = try reader.array(count)
    }
    if greatest < 255 { values = values.map { UInt8((min(Int($0), greatest) * 255 + greatest / 2) / greatest) } }
    return Pixels(height: height, width: width, channels: channels, bytes: values)
  }

  /// Returns the next decimal number after blanks and comments.
  private mutating func number() throws(FormatError) -> Int {
    var isComment = false
    while let next = reader.peek() {
      if next == UInt8(ascii: "#") { isComment = true }
      if next == UInt8(ascii: "\n") { isComment = false }
      guard isComment || [9, 10, 13, 32].contains(next) else { break }
      try reader.skip(1)
    }
    var value: Int?
    while let next = reader.peek(), (48...57).contains(next), (value ?? 0) < 1 << 30 {
      value = (value ?? 0) * 10 + Int(next - 48)
      try reader.skip(1)
    }
    guard let value else { throw reader.error("expected a number") }
    return value
  }
}
