import EspalierFormats
import Testing

@Suite struct DynamicLibraryTests {
  @Test func missingLibrariesNameTheirPackage() {
    #expect {
      try DynamicLibrary(names: ["libespalier-missing.so.9"], package: "libmissing9", disabledBy: "ESPALIER_NOTHING")
    } throws: { error in
      "\(error)".contains("libespalier-missing.so.9") && "\(error)".contains("libmissing9")
    }
  }

  @Test func missingSymbolsAreNamed() throws {
    #if canImport(Glibc)
      let library = try DynamicLibrary(
        names: ["libespalier-missing.so.9", "libc.so.6"], package: "libc6", disabledBy: "ESPALIER_NOTHING")
      let length = try library.function("strlen", as: (@convention(c) (UnsafePointer<CChar>) -> Int).self)
      #expect(length("four") == 4)
      #expect { try library.function("espalier_missing", as: (@convention(c) () -> Void).self) } throws: { error in
        "\(error)".contains("espalier_missing")
      }
    #endif
  }
}
