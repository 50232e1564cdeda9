import EspalierGraph

/// The kinds of colours that a PNG file says its pixels have.
struct PNGColors: RawRepresentable, Hashable {
  let rawValue: UInt8

  init(rawValue: UInt8) { self.rawValue = rawValue }
  init(_ rawValue: UInt8) { self.rawValue = rawValue }

  static let palette = PNGColors(3)

  var hasColor: Bool { rawValue & 2 != 0 }
  var hasAlpha: Bool { rawValue & 4 != 0 }
  /// The numbers of a pixel.
  var channels: Int { self == .palette ? 1 : (hasColor ? 3 : 1) + (hasAlpha ? 1 : 0) }

  static let weightBits = 15

  /// Returns how bright a colour is, shifted by `weightBits`.
  ///
  /// Source: libpng's weights for 0.299 of red and 0.587 of green.
  static func weightedSum(_ red: Int, _ green: Int, _ blue: Int) -> Int { 9797 * red + 19_234 * green + 3737 * blue }
}

/// Reads PNG files of 16 bits a channel, whose numbers libpng's simplified interface takes for amounts of light and
/// changes.
///
/// Source: W3C, "Portable Network Graphics", chapters 7 to 9 and 11.
struct PNGSamples {
  private let bytes: [UInt8]
  private let file: String
  private let height: Int
  private let width: Int
  private let colors: PNGColors

  static func hasSixteenBits(_ bytes: [UInt8]) -> Bool { bytes.count > 28 && bytes[24] == 16 }

  /// Returns the pixels `[H, W, C]`, uint16, or of uint8 the upper halves.
  static func decode(
    _ bytes: [UInt8], channels: Int?, dataType: DataType, file: String
  ) throws(FormatError) -> HostTensor {
    let image = try PNGSamples(bytes, file: file)
    let own = try image.samples()
    let wanted = channels ?? image.colors.channels
    let samples = wanted == image.colors.channels ? own : image.converted(own, to: wanted)
    let shape = [image.height, image.width, wanted]
    if dataType == .uint16 { return try tensor(of: samples, shape, file) }
    return try tensor(of: samples.map { UInt8($0 >> 8) }, shape, file)
  }

  private init(_ bytes: [UInt8], file: String) throws(FormatError) {
    (self.bytes, self.file) = (bytes, file)
    colors = PNGColors(bytes[25])
    (width, height) = (Self.word(bytes, 16), Self.word(bytes, 20))
    guard [0, 2, 4, 6].contains(colors.rawValue), bytes[26] == 0, bytes[27] == 0, bytes[28] < 2 else {
      throw error("the header is damaged")
    }
    try checkSums()
    let count = try Pixels.count(
      height: height, width: width, channels: 2 * colors.channels, size: bytes.count, file: file)
    if Pixels.isDoubtful(memory: 4 * count, size: bytes.count) { try PNGRows.verify(bytes, file: file) }
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  private func error(_ message: String) -> FormatError { FormatError(.dataLoss, file: file, "PNG: \(message)") }

  private func checkSums() throws(FormatError) {
    var position = 8
    var name = ""
    while name != "IEND" {
      guard position + 12 <= bytes.count, Self.word(bytes, position) <= bytes.count - position - 12 else {
        throw error("the file ends early")
      }
      let end = position + 8 + Self.word(bytes, position)
      name = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
      guard Int(CRC32.extend(0, bytes[position + 4..<end])) == Self.word(bytes, end) else {
        throw FormatError(.dataLoss, file: file, offset: position, "PNG: \(name) contradicts its checksum")
      }
      position = end + 4
    }
  }

  /// Returns the numbers of all pixels as the file has them.
  private func samples() throws(FormatError) -> [UInt16] {
    let reader = PNGRows(bytes: bytes, file: file)
    var rows = try reader.source()
    var result = [UInt16](repeating: 0, count: height * width * colors.channels)
    let size = 2 * colors.channels
    for pass in reader.passes {
      let columns = (width - pass.column + pass.across - 1) / pass.across
      guard columns > 0 else { continue }
      var above = [UInt8](repeating: 0, count: columns * size)
      for row in stride(from: pass.row, to: height, by: pass.down) {
        let line = try rows.next(columns * size + 1)
        above = try unfiltered(line, above, pixel: size)
        for column in 0..<columns {
          let start = (row * width + pass.column + column * pass.across) * colors.channels
          for channel in 0..<colors.channels {
            let place = column * size + 2 * channel
            result[start + channel] = UInt16(above[place]) << 8 | UInt16(above[place + 1])
          }
        }
      }
    }
    return result
  }

  /// Returns a row whose bytes were predicted from those to the left and above.
  private func unfiltered(_ line: [UInt8], _ above: [UInt8], pixel: Int) throws(FormatError) -> [UInt8] {
    var result = Array(line.dropFirst())
    for index in result.indices {
      let a = index < pixel ? 0 : Int(result[index - pixel])
      let b = Int(above[index])
      let c = index < pixel ? 0 : Int(above[index - pixel])
      let guess: Int
      switch line[0] {
      case 0: guess = 0
      case 1: guess = a
      case 2: guess = b
      case 3: guess = (a + b) / 2
      case 4: guess = Self.nearest(a, b, c)
      default: throw error("a row has the filter \(line[0])")
      }
      result[index] &+= UInt8(guess)
    }
    return result
  }

  /// Source: Paeth, "Image file compression made easy".
  private static func nearest(_ a: Int, _ b: Int, _ c: Int) -> Int {
    let (left, up, corner) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
    if left <= up && left <= corner { return a }
    return up <= corner ? b : c
  }
}

extension PNGSamples {
  /// Returns the pixels with other channels.
  private func converted(_ samples: [UInt16], to wanted: Int) -> [UInt16] {
    let transparent = transparentColor
    var result: [UInt16] = []
    result.reserveCapacity(height * width * wanted)
    for start in stride(from: 0, to: samples.count, by: colors.channels) {
      let red = samples[start]
      let (green, blue) = colors.hasColor ? (samples[start + 1], samples[start + 2]) : (red, red)
      if wanted < 3 {
        let sum = PNGColors.weightedSum(Int(red), Int(green), Int(blue)) + 1 << (PNGColors.weightBits - 1)
        result.append(colors.hasColor ? UInt16(sum >> PNGColors.weightBits) : red)
      } else {
        result += [red, green, blue]
      }
      guard wanted == 4 else { continue }
      let isTransparent = transparent.map { samples[start..<start + colors.channels].elementsEqual($0) } ?? false
      result.append(colors.hasAlpha ? samples[start + colors.channels - 1] : isTransparent ? 0 : .max)
    }
    return result
  }

  /// The colour that counts as transparent, if the file names one.
  private var transparentColor: [UInt16]? {
    var position = 8
    while position + 12 <= bytes.count {
      let length = Self.word(bytes, position)
      if bytes[position + 4..<position + 8].elementsEqual("tRNS".utf8), length == 2 * colors.channels {
        return (0..<colors.channels).map { channel in
          let place = position + 8 + 2 * channel
          return UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
        }
      }
      position += 12 + length
    }
    return nil
  }
}
