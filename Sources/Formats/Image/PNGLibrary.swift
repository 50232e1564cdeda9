import EspalierGraph

/// Reads PNG files with the simplified interface of the system's libpng.
///
/// Source: libpng.org, "libpng manual", chapter on the simplified API.
struct PNGLibrary: Sendable {
  private typealias Image = UnsafeMutableRawPointer
  private typealias Begin = @convention(c) (Image, UnsafeRawPointer?, UInt) -> Int32
  private typealias Finish =
    @convention(c) (Image, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int32, UnsafeRawPointer?) -> Int32
  private typealias Free = @convention(c) (Image) -> Void

  private let begin: Begin
  private let finish: Finish
  private let free: Free

  /// Returns the library, opened once.
  static func shared() throws(FormatError) -> PNGLibrary { try loaded.get() }

  private static let loaded = Result { () throws(FormatError) in try PNGLibrary() }

  private init() throws(FormatError) {
    let library = try DynamicLibrary(
      names: ["libpng16.so.16", "libpng16.so", "libpng16.16.dylib", "libpng16.dylib"],
      package: "libpng16-16 (Debian, Ubuntu) or libpng (Fedora, Homebrew)", disabledBy: "ESPALIER_DISABLE_PNG")
    begin = try library.function("png_image_begin_read_from_memory", as: Begin.self)
    finish = try library.function("png_image_finish_read", as: Finish.self)
    free = try library.function("png_image_free", as: Free.self)
  }

  /// libpng's `png_image`, laid out by hand because there is no header to import.
  ///
  ///     opaque 0 · version 8 · width 12 · height 16 · format 20 · flags 24 · colormap 28 · error 32 · message 36 · 104
  private enum Layout {
    static let size = 104
    static let version = 8
    static let width = 12
    static let height = 16
    static let format = 20
    static let message = 36
    static let messageSize = 64
    /// `PNG_IMAGE_VERSION`.
    static let versionNumber: UInt32 = 1
  }

  /// Returns the pixels of a file of at most 8 bits a channel.
  func decode(_ bytes: [UInt8], channels: Int?, file: String) throws(FormatError) -> HostTensor {
    let image = Image.allocate(byteCount: Layout.size, alignment: 8)
    image.initializeMemory(as: UInt8.self, repeating: 0, count: Layout.size)
    image.storeBytes(of: Layout.versionNumber, toByteOffset: Layout.version, as: UInt32.self)
    defer {
      free(image)
      image.deallocate()
    }
    // libpng reads on while it decodes, so the bytes must stay where they are.
    var pixels: Pixels?
    let failure: FormatError? = bytes.withUnsafeBytes { source in
      do throws(FormatError) {
        guard begin(image, source.baseAddress, UInt(source.count)) != 0 else { throw Self.error(image, file) }
        pixels = try read(image, of: bytes, channels: channels, file)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
    guard let pixels else { throw Self.error(image, file) }
    return try pixels.tensor
  }

  private func read(
    _ image: Image, of bytes: [UInt8], channels: Int?, _ file: String
  ) throws(FormatError) -> Pixels {
    func number(_ offset: Int) -> UInt32 { image.load(fromByteOffset: offset, as: UInt32.self) }
    // Bit 0 is alpha, bit 1 colour: all that the file has, for the library mixes and weights in ways of its own.
    let format = number(Layout.format) & 3
    image.storeBytes(of: format, toByteOffset: Layout.format, as: UInt32.self)
    let (height, width) = (Int(number(Layout.height)), Int(number(Layout.width)))
    let depth = (format & 2 == 0 ? 1 : 3) + Int(format & 1)
    let count = try Pixels.count(height: height, width: width, channels: depth, size: bytes.count, file: file)
    // The pixels, the tensor made of them, and libpng's rows of up to 8 bytes a pixel.
    if Pixels.isDoubtful(memory: 2 * count + 32 * width, size: bytes.count) { try PNGRows.verify(bytes, file: file) }
    var pixels = Pixels(height: height, width: width, channels: depth, bytes: [UInt8](repeating: 0, count: count))
    let code = pixels.bytes.withUnsafeMutableBytes { finish(image, nil, $0.baseAddress, 0, nil) }
    guard code != 0 else { throw Self.error(image, file) }
    let own = PNGColors(bytes[25])
    // A colour that counts as transparent is alpha only of a palette, or where alpha is asked for.
    let natural = own == .palette || own.hasAlpha ? depth : depth - Int(format & 1)
    return pixels.converted(to: channels ?? natural) { PNGColors.weightedSum($0, $1, $2) >> PNGColors.weightBits }
  }

  private static func error(_ image: Image, _ file: String) -> FormatError {
    let text = UnsafeRawBufferPointer(start: image + Layout.message, count: Layout.messageSize).prefix { $0 != 0 }
    return FormatError(.dataLoss, file: file, "PNG: " + String(decoding: text, as: UTF8.self))
  }
}
