/// Writes JPEG files with the system's libturbojpeg.
///
/// Source: libjpeg-turbo.org, "TurboJPEG C API".
struct JPEGCompressor: Sendable {
  private typealias Handle = UnsafeMutableRawPointer
  private typealias Make = @convention(c) () -> Handle?
  private typealias End = @convention(c) (Handle) -> Int32
  private typealias Compress =
    @convention(c) (
      Handle, UnsafePointer<UInt8>?, Int32, Int32, Int32, Int32, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
      UnsafeMutablePointer<UInt>, Int32, Int32, Int32
    ) -> Int32
  private typealias Free = @convention(c) (UnsafeMutablePointer<UInt8>?) -> Void
  private typealias Message = @convention(c) (Handle) -> UnsafePointer<CChar>?

  private let make: Make
  private let end: End
  private let compress: Compress
  private let free: Free
  private let message: Message

  /// Returns the library, opened once.
  static func shared() throws(FormatError) -> JPEGCompressor { try loaded.get() }

  private static let loaded = Result { () throws(FormatError) in try JPEGCompressor() }

  private init() throws(FormatError) {
    let library = try TurboJPEG.library()
    make = try library.function("tjInitCompress", as: Make.self)
    end = try library.function("tjDestroy", as: End.self)
    compress = try library.function("tjCompress2", as: Compress.self)
    free = try library.function("tjFree", as: Free.self)
    message = try library.function("tjGetErrorStr2", as: Message.self)
  }

  /// The values of the library's subsampling and flags.
  private enum Value {
    static let full: Int32 = 0
    static let halved: Int32 = 2
    static let gray: Int32 = 3
    static let progressive: Int32 = 16_384
  }

  /// Returns the file of an image of 1 or 3 channels.
  func compress(_ image: Pixels, _ options: JPEGOptions) throws(FormatError) -> [UInt8] {
    guard let handle = make() else { throw FormatError(.unavailable, file: "image", "libturbojpeg cannot start") }
    defer { _ = end(handle) }
    let isGray = image.channels == 1
    let (width, channels) = (Int32(image.width), Int32(image.channels))
    let colors = isGray ? Value.gray : options.downsamplesChroma ? Value.halved : Value.full
    let flags = TurboJPEG.Value.accurate | (options.isProgressive ? Value.progressive : 0)
    var output: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    // The library begins its scale at 1, which has the tables of 0.
    let code = compress(
      handle, image.bytes, width, width * channels, Int32(image.height),
      isGray ? TurboJPEG.Value.gray : TurboJPEG.Value.rgb, &output, &size, colors, Int32(max(options.quality, 1)), flags
    )
    defer { free(output) }
    guard code == 0, let output else {
      let text = message(handle).map { String(cString: $0) } ?? "no details"
      throw FormatError(.invalidArgument, file: "image", "JPEG encoding failed: \(text)")
    }
    return Array(UnsafeBufferPointer(start: output, count: Int(size)))
  }
}
