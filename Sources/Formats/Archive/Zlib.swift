/// The functions of zlib, from the system's library.
///
/// Source: zlib.net/manual.html.
struct Zlib: Sendable {
  typealias Step = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
  typealias End = @convention(c) (UnsafeMutableRawPointer) -> Int32
  typealias InflateInit =
    @convention(c) (UnsafeMutableRawPointer, Int32, UnsafePointer<CChar>, Int32) -> Int32
  typealias DeflateInit =
    @convention(c) (
      UnsafeMutableRawPointer, Int32, Int32, Int32, Int32, Int32, UnsafePointer<CChar>, Int32
    ) -> Int32

  let inflateInit: InflateInit
  let inflate: Step
  let inflateReset: End
  let inflateEnd: End
  let deflateInit: DeflateInit
  let deflate: Step
  let deflateEnd: End

  /// Returns the library, opened once.
  ///
  /// - Throws: `FormatError` of kind `unavailable` that names the package which installs it.
  static func shared() throws(FormatError) -> Zlib {
    try loaded.get()
  }

  private static let loaded = Result { () throws(FormatError) in try Zlib() }

  private init() throws(FormatError) {
    let library = try DynamicLibrary(
      names: ["libz.so.1", "libz.1.dylib"], package: "zlib1g", disabledBy: "ESPALIER_DISABLE_ZLIB")
    inflateInit = try library.function("inflateInit2_", as: InflateInit.self)
    inflate = try library.function("inflate", as: Step.self)
    inflateReset = try library.function("inflateReset", as: End.self)
    inflateEnd = try library.function("inflateEnd", as: End.self)
    deflateInit = try library.function("deflateInit2_", as: DeflateInit.self)
    deflate = try library.function("deflate", as: Step.self)
    deflateEnd = try library.function("deflateEnd", as: End.self)
  }

  /// The values of zlib's return codes.
  enum Code {
    static let ok: Int32 = 0
    static let streamEnd: Int32 = 1
    static let bufferError: Int32 = -5
  }

  /// The values of zlib's flush argument.
  enum Flush {
    static let none: Int32 = 0
    static let sync: Int32 = 2
    static let finish: Int32 = 4
  }
}

/// zlib's `z_stream`, laid out by hand because there is no header to import.
///
///     next_in 0 · avail_in 8 · total_in 16 · next_out 24 · avail_out 32 · total_out 40 · msg 48 · … · 112 bytes
///
/// Offsets are those of the 64-bit ABIs that Swift runs on, where `uLong` is as wide as a pointer.
final class ZlibStream {
  static let size: Int32 = 112
  let pointer: UnsafeMutableRawPointer
  private let end: Zlib.End

  init(end: Zlib.End) {
    pointer = .allocate(byteCount: Int(Self.size), alignment: 16)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: Int(Self.size))
    self.end = end
  }

  deinit {
    _ = end(pointer)
    pointer.deallocate()
  }

  /// Calls a function of zlib with input and output; returns its code and how many bytes of each were used.
  func run(
    _ step: Zlib.Step, flush: Int32, input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer
  ) -> (code: Int32, read: Int, written: Int) {
    let available = UInt32(clamping: input.count)
    let room = UInt32(clamping: output.count)
    pointer.storeBytes(of: input.baseAddress, toByteOffset: 0, as: UnsafeRawPointer?.self)
    pointer.storeBytes(of: available, toByteOffset: 8, as: UInt32.self)
    pointer.storeBytes(of: output.baseAddress, toByteOffset: 24, as: UnsafeMutableRawPointer?.self)
    pointer.storeBytes(of: room, toByteOffset: 32, as: UInt32.self)
    let code = step(pointer, flush)
    let unread = pointer.load(fromByteOffset: 8, as: UInt32.self)
    let unwritten = pointer.load(fromByteOffset: 32, as: UInt32.self)
    return (code, Int(available - unread), Int(room - unwritten))
  }

  /// What zlib says of the last error.
  var message: String {
    pointer.load(fromByteOffset: 48, as: UnsafePointer<CChar>?.self).map { String(cString: $0) } ?? "no details"
  }
}
