#if canImport(Runtime)
  import Runtime

  /// The innermost calls of the running thread when it was made.
  struct CallStack: Sendable {
    private static let depth = 16

    private enum Calls: Sendable {
      case none
      case captured(any Sendable)
    }

    private let calls: Calls

    /// Captures the calls; finding out which images are loaded is most of the work, so that is done once.
    init() {
      guard #available(macOS 26.0, *) else {
        calls = .none
        return
      }
      // The innermost calls: by default a stack that is too deep would keep the outermost ones.
      let trace = try? Backtrace.capture(algorithm: .fast, limit: Self.depth, top: 0, images: LoadedImages.map)
      calls = trace.map { .captured($0) } ?? .none
    }

    /// The innermost place that is not in the library's own sources.
    var userLocation: (file: String, line: Int)? {
      guard #available(macOS 26.0, *), case .captured(let value) = calls, let trace = value as? Backtrace else {
        return nil
      }
      let options: Backtrace.SymbolicationOptions = [.showInlineFrames, .showSourceLocations, .useSymbolCache]
      guard let symbolicated = trace.symbolicated(with: LoadedImages.map, options: options) else { return nil }
      for frame in symbolicated.frames {
        guard let place = frame.symbol?.sourceLocation, place.line > 0 else { continue }
        if let file = Self.userFile(place.path) { return (file, place.line) }
      }
      return nil
    }

    /// Returns the last two components of the path of a user's file, or nil for the library's own files.
    private static func userFile(_ path: String) -> String? {
      let parts = path.split(separator: "/")
      guard !path.hasPrefix(librarySources), parts.count > 1 else { return nil }
      return parts.suffix(2).joined(separator: "/")
    }

    /// The folder `Sources/` of this package as the compiler saw it.
    private static let librarySources: String = {
      let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
      return parts.dropLast(3).joined(separator: "/") + "/"
    }()
  }

  @available(macOS 26.0, *)
  private enum LoadedImages {
    static let map = ImageMap.capture()
  }
#else
  /// The innermost calls of the running thread; nothing where the toolchain has no `Runtime` module.
  struct CallStack: Sendable {
    var userLocation: (file: String, line: Int)? { nil }
  }
#endif
