/// Reads GIF files: all frames, or the first.
///
/// Each frame is drawn over the one before, whatever its disposal method says, and what is transparent in the first is
/// black; the image is as large as the largest frame.
///
/// Source: CompuServe, "Graphics Interchange Format 89a"; `tf.io.decode_gif`.
struct GIFReader {
  private struct Frame {
    var left = 0
    var top = 0
    var width = 0
    var height = 0
    var isInterlaced = false
    var palette: [UInt8] = []
    var indices: [UInt8] = []
    var transparent: Int?
  }

  private var reader: ByteReader
  private var globalPalette: [UInt8] = []
  private var transparent: Int?

  private init(_ bytes: [UInt8], file: String) {
    reader = ByteReader(bytes, file: file)
  }

  /// Returns the frames' pixels in three channels, one frame after another, and their number.
  static func frames(
    _ bytes: [UInt8], onlyFirst: Bool = false, file: String
  ) throws(FormatError) -> (pixels: Pixels, count: Int) {
    var reader = GIFReader(bytes, file: file)
    let frames = try reader.readFrames(onlyFirst: onlyFirst)
    let height = frames.map(\.height).max() ?? 0
    let width = frames.map(\.width).max() ?? 0
    guard let size = Extents.count([frames.count, height, width, 3]) else {
      throw reader.reader.error("GIF: \(frames.count) frames of \(width)x\(height) pixels are too many")
    }
    var pixels = Pixels(height: height, width: width, channels: 3, bytes: [])
    pixels.bytes.reserveCapacity(size)
    var last = [UInt8](repeating: 0, count: size / frames.count)
    for (number, frame) in frames.enumerated() {
      let start = pixels.bytes.count
      pixels.bytes += last
      try reader.draw(frame, number: number, on: &pixels, at: start)
      last = Array(pixels.bytes[start...])
    }
    return (pixels, frames.count)
  }

  private mutating func readFrames(onlyFirst: Bool) throws(FormatError) -> [Frame] {
    // The extents of the screen say nothing of those of the frames.
    try reader.skip(10)
    let flags = try reader.byte()
    try reader.skip(2)
    globalPalette = try palette(flags)
    var frames: [Frame] = []
    // Some programs leave the trailer away.
    while let kind = reader.peek(), kind != 0x3B {
      try reader.skip(1)
      switch kind {
      case 0x21: try readExtension()
      case 0x2C: frames.append(try readFrame())
      default: throw reader.error("GIF: \(kind) is no kind of block")
      }
      if onlyFirst, !frames.isEmpty { return frames }
    }
    guard !frames.isEmpty else { throw reader.error("GIF: gif file does not contain any image") }
    return frames
  }

  private mutating func palette(_ flags: UInt8) throws(FormatError) -> [UInt8] {
    flags & 0x80 == 0 ? [] : try reader.array(3 << (Int(flags & 7) + 1))
  }

  private mutating func readExtension() throws(FormatError) {
    let label = try reader.byte()
    let blocks = try readBlocks()
    if label == 0xF9, blocks.count >= 4 { transparent = blocks[0] & 1 == 0 ? nil : Int(blocks[3]) }
  }

  /// Returns blocks of up to 255 bytes, joined, up to the empty one.
  private mutating func readBlocks() throws(FormatError) -> [UInt8] {
    var result: [UInt8] = []
    while true {
      let count = Int(try reader.byte())
      if count == 0 { return result }
      result += try reader.array(count)
    }
  }

  private mutating func readFrame() throws(FormatError) -> Frame {
    var frame = Frame(transparent: transparent)
    transparent = nil
    frame.left = Int(try reader.littleEndian(UInt16.self))
    frame.top = Int(try reader.littleEndian(UInt16.self))
    frame.width = Int(try reader.littleEndian(UInt16.self))
    frame.height = Int(try reader.littleEndian(UInt16.self))
    let flags = try reader.byte()
    frame.isInterlaced = flags & 0x40 != 0
    frame.palette = try palette(flags)
    if frame.palette.isEmpty { frame.palette = globalPalette }
    let minimum = Int(try reader.byte())
    let codes = try readBlocks()
    guard (1...8).contains(minimum), frame.width > 0, frame.height > 0,
      let indices = LZW.decompress(codes, minimum: minimum, count: frame.width * frame.height)
    else {
      throw reader.error("GIF: \(codes.count) bytes do not hold a frame of \(frame.width)x\(frame.height) pixels")
    }
    frame.indices = indices
    return frame
  }

  private func draw(
    _ frame: Frame, number: Int, on pixels: inout Pixels, at start: Int
  ) throws(FormatError) {
    guard !frame.palette.isEmpty else { throw reader.error("GIF: missing color map for frame \(number)") }
    for (position, row) in Self.rows(of: frame).enumerated() where frame.top + row < pixels.height {
      for column in 0..<max(min(frame.width, pixels.width - frame.left), 0) {
        let index = Int(frame.indices[position * frame.width + column])
        if index == frame.transparent { continue }
        guard 3 * index < frame.palette.count else {
          throw reader.error("GIF: found color index \(index) outside of color map range \(frame.palette.count / 3)")
        }
        let target = start + 3 * ((frame.top + row) * pixels.width + frame.left + column)
        for channel in 0..<3 { pixels.bytes[target + channel] = frame.palette[3 * index + channel] }
      }
    }
  }

  /// Returns the rows in the order in which they are stored.
  private static func rows(of frame: Frame) -> [Int] {
    guard frame.isInterlaced else { return Array(0..<frame.height) }
    return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { Array(stride(from: $0.0, to: frame.height, by: $0.1)) }
  }
}
