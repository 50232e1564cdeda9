import EspalierFormats

/// The libraries of the system that read images, which a machine may lack.
package enum SystemLibraries {
  package static let hasJPEG = isInstalled(["libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.dylib"])
  package static let hasPNG = isInstalled(["libpng16.so.16", "libpng16.so", "libpng16.dylib"])

  private static func isInstalled(_ names: [String]) -> Bool {
    (try? DynamicLibrary(names: names, package: "", disabledBy: "ESPALIER_NOTHING")) != nil
  }
}
