import EspalierGraph

/// Reads JPEG files with the system's libturbojpeg.
///
/// Source: libjpeg-turbo.org, "TurboJPEG C API".
struct TurboJPEG: Sendable {
  private typealias Handle = UnsafeMutableRawPointer
  private typealias Make = @convention(c) () -> Handle?
  private typealias End = @convention(c) (Handle) -> Int32
  private typealias Number = UnsafeMutablePointer<Int32>
  private typealias Header =
    @convention(c) (Handle, UnsafePointer<UInt8>?, UInt, Number, Number, Number, Number) -> Int32
  private typealias Decompress =
    @convention(c) (
      Handle, UnsafePointer<UInt8>?, UInt, UnsafeMutablePointer<UInt8>?, Int32, Int32, Int32, Int32, Int32
    ) -> Int32
  private typealias Message = @convention(c) (Handle) -> UnsafePointer<CChar>?

  private let make: Make
  private let end: End
  private let header: Header
  private let decompress: Decompress
  private let message: Message

  /// Returns the library, opened once.
  static func shared() throws(FormatError) -> TurboJPEG { try loaded.get() }

  private static let loaded = Result { () throws(FormatError) in try TurboJPEG() }

  private init() throws(FormatError) {
    let library = try Self.library()
    make = try library.function("tjInitDecompress", as: Make.self)
    end = try library.function("tjDestroy", as: End.self)
    header = try library.function("tjDecompressHeader3", as: Header.self)
    decompress = try library.function("tjDecompress2", as: Decompress.self)
    message = try library.function("tjGetErrorStr2", as: Message.self)
  }

  static func library() throws(FormatError) -> DynamicLibrary {
    try DynamicLibrary(
      names: ["libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib", "libturbojpeg.dylib"],
      package: "libturbojpeg0 (Debian, Ubuntu), turbojpeg (Fedora) or jpeg-turbo (Homebrew)",
      disabledBy: "ESPALIER_DISABLE_TURBOJPEG")
  }

  /// The values of the library's pixel formats and colour spaces, and of its flag for the accurate transform.
  enum Value {
    static let rgb: Int32 = 0
    static let gray: Int32 = 6
    static let rgba: Int32 = 7
    static let cmyk: Int32 = 11
    static let graySpace: Int32 = 2
    static let cmykSpaces: ClosedRange<Int32> = 3...4
    static let plainUpsampling: Int32 = 256
    static let fast: Int32 = 2048
    static let accurate: Int32 = 4096
  }

  /// The library's factors of scaling in eighths, in the order in which it tries them.
  private static let eighths = [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]

  /// Returns a side of an image that is scaled down.
  ///
  /// The library takes the first factor by which the image becomes no larger than is asked for; where that is another
  /// one, of an image of few pixels, there is no way to name the right one.
  private static func scaled(
    _ height: Int, _ width: Int, by ratio: Int, _ file: String
  ) throws(FormatError) -> (height: Int, width: Int) {
    guard [1, 2, 4, 8].contains(ratio) else {
      throw FormatError(.invalidArgument, file: file, "ratio must be 1, 2, 4, or 8, got \(ratio)")
    }
    func size(_ side: Int, _ eighths: Int) -> Int { (side * eighths + 7) / 8 }
    let result = (height: size(height, 8 / ratio), width: size(width, 8 / ratio))
    let chosen = eighths.first { size(height, $0) <= result.height && size(width, $0) <= result.width }
    guard chosen == 8 / ratio else {
      throw FormatError(
        .unimplemented, file: file, "JPEG: libturbojpeg cannot scale \(width)x\(height) pixels down by \(ratio)")
    }
    return result
  }

  func decode(
    _ bytes: [UInt8], channels: Int?, _ options: JPEGDecoding = JPEGDecoding(), file: String
  ) throws(FormatError) -> Pixels {
    guard let handle = make() else { throw FormatError(.unavailable, file: file, "libturbojpeg cannot start") }
    defer { _ = end(handle) }
    var (width, height, subsampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard header(handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &space) == 0 else {
      throw error(handle, file)
    }
    let isCMYK = Value.cmykSpaces.contains(space)
    let wanted = channels ?? (space == Value.graySpace ? 1 : 3)
    let decoded = isCMYK ? 4 : wanted
    let formats: [Int: Int32] = [1: Value.gray, 3: Value.rgb, 4: Value.rgba]
    let format = isCMYK ? Value.cmyk : formats[wanted] ?? Value.rgb
    let count = try Pixels.count(
      height: Int(height), width: Int(width), channels: decoded, size: bytes.count, file: file)
    let scaled = try Self.scaled(Int(height), Int(width), by: options.ratio, file)
    // The pixels, the tensor made of them, and the coefficients that the library keeps of several scans.
    if Pixels.isDoubtful(memory: 2 * count + 8 * count / decoded, size: bytes.count), !options.acceptsParts {
      try JPEGBlocks.verify(bytes, file: file)
    }
    var pixels = Pixels(
      height: scaled.height, width: scaled.width, channels: decoded,
      bytes: [UInt8](repeating: 0, count: scaled.height * scaled.width * decoded))
    let flags =
      (options.isFast ? Value.fast : Value.accurate) | (options.interpolatesColors ? 0 : Value.plainUpsampling)
    let code = decompress(
      handle, bytes, UInt(bytes.count), &pixels.bytes, Int32(scaled.width), Int32(scaled.width * decoded),
      Int32(scaled.height), format, flags)
    // The library goes on after bytes that it does not understand.
    if code != 0, text(handle).contains("Unsupported") { throw error(handle, file) }
    if code != 0, text(handle).contains("Premature end"), !options.recoversTruncated {
      try clearMissing(&pixels, of: bytes, options, error(handle, file))
    }
    if isCMYK { pixels = Self.rgb(pixels, isInverted: Self.hasAdobeMarker(bytes)).converted(to: wanted) }
    return pixels
  }

  /// Makes the lines black that an image which ends early does not have.
  ///
  /// - Throws: `shortage` if they are too many.
  private func clearMissing(
    _ pixels: inout Pixels, of bytes: [UInt8], _ options: JPEGDecoding, _ shortage: FormatError
  ) throws(FormatError) {
    guard options.acceptableFraction < 1 else { throw shortage }
    let (there, all) = try JPEGBlocks.lines(bytes, interpolates: options.interpolatesColors, file: shortage.file)
    guard Float(there) >= options.acceptableFraction * Float(all) else { throw shortage }
    let first = there / options.ratio * pixels.width * pixels.channels
    for index in pixels.bytes.indices.dropFirst(first) { pixels.bytes[index] = 0 }
  }

  private func text(_ handle: Handle) -> String {
    message(handle).map { String(cString: $0) } ?? "no details"
  }

  private func error(_ handle: Handle, _ file: String) -> FormatError {
    FormatError(.dataLoss, file: file, "JPEG: " + text(handle))
  }

  private static func rgb(_ image: Pixels, isInverted: Bool) -> Pixels {
    var result = Pixels(height: image.height, width: image.width, channels: 3, bytes: [])
    result.bytes.reserveCapacity(image.bytes.count / 4 * 3)
    for start in stride(from: 0, to: image.bytes.count, by: 4) {
      let ink = image.bytes[start..<start + 4].map { isInverted ? Int($0) : 255 - Int($0) }
      for color in ink.prefix(3) { result.bytes.append(UInt8(color * ink[3] / 255)) }
    }
    return result
  }

  /// Returns whether the file says that Adobe's programs wrote it: they store four colours inverted.
  private static func hasAdobeMarker(_ bytes: [UInt8]) -> Bool {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF, bytes[position + 1] != 0xDA {
      let isAdobe = bytes[position + 1] == 0xEE && bytes[(position + 4)...].starts(with: "Adobe".utf8)
      if isAdobe { return true }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      position += 2 + length
    }
    return false
  }
}
