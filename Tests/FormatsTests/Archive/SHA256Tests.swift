import EspalierFormats
import TestSupport
import Testing

@Suite struct SHA256Tests {
  /// The examples of FIPS 180-2, appendix B.
  @Test func knownValues() {
    let short = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(SHA256(Array("abc".utf8)).hex == short)
    #expect(SHA256().hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(SHA256([UInt8](repeating: 97, count: 1_000_000)).hex == million)
  }

  @Test func splitsDoNotMatter() {
    let bytes = [UInt8](0..<200)
    for split in bytes.indices {
      var digest = SHA256(Array(bytes[..<split]))
      digest.update(Array(bytes[split...]))
      #expect(digest.hex == SHA256(bytes).hex)
    }
  }

  @Test(arguments: [0, 1, 1 << 20, 1 << 20 + 1, 5 << 19]) func filesAreReadInParts(size: Int) throws {
    try withTemporaryDirectory { directory in
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 13) }
      try write(bytes, toFile: directory + "/file")
      #expect(try SHA256(file: directory + "/file").hex == SHA256(bytes).hex)
      #expect(throws: FormatError.self) { try SHA256(file: directory + "/none") }
    }
  }
}
