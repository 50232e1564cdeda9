#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A system library that is used if it is installed.
///
/// Libraries are opened by the names that the system's loader knows, never by a path in the current directory, and
/// stay open until the process ends.
///
/// `@unchecked Sendable`: the handle is never closed, and looking a symbol up is thread-safe.
package struct DynamicLibrary: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer
  private let name: String

  /// Opens the first library of `names` that is there.
  ///
  /// - Throws: `FormatError` of kind `unavailable` that names `package`, which installs the library; also if the
  ///   environment variable `disabledBy` is set to anything but `0`.
  package init(names: [String], package: String, disabledBy variable: String) throws(FormatError) {
    if let value = getenv(variable), String(cString: value) != "0" {
      throw FormatError(.unavailable, file: names[0], "the library is switched off by \(variable)")
    }
    for name in names {
      guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      self.handle = handle
      self.name = name
      return
    }
    throw FormatError(.unavailable, file: names[0], "the library is not installed; install the package \(package)")
  }

  /// Returns a function of the library.
  ///
  /// - Throws: `FormatError` of kind `unavailable` if the library has none of that name.
  package func function<Function>(_ symbol: String, as type: Function.Type) throws(FormatError) -> Function {
    guard let address = dlsym(handle, symbol) else {
      throw FormatError(.unavailable, file: name, "the library has no function \(symbol)")
    }
    return unsafeBitCast(address, to: type)
  }
}
