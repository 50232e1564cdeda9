import CKernels
import EspalierFormats
import Testing

@Suite struct ChecksumTests {
  /// The vectors of RFC 3720, B.4.
  @Test func knownValues() {
    #expect(Checksum.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(Checksum.of([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(Checksum.of([UInt8](0..<32)) == 0x46DD_794E)
    #expect(Checksum.of([UInt8]((0..<32).reversed())) == 0x113F_DB5C)
    #expect(Checksum.of([UInt8]("123456789".utf8)) == 0xE306_9283)
    #expect(Checksum.of([] as [UInt8]) == 0)
  }

  /// The variant of this processor, and any split in two, agree with the tables at every length and alignment.
  @Test func variantsAndSplitsAgree() {
    let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
    bytes.withUnsafeBytes { all in
      for start in 0..<9 {
        for end in start...all.count {
          let part = UnsafeRawBufferPointer(rebasing: all[start..<end])
          let expected = esp_crc32c_extend_portable(0, part.baseAddress, part.count)
          #expect(Checksum.extend(0, part) == expected)
          let middle = part.count / 3
          let first = Checksum.extend(0, UnsafeRawBufferPointer(rebasing: part[..<middle]))
          #expect(Checksum.extend(first, UnsafeRawBufferPointer(rebasing: part[middle...])) == expected)
        }
      }
    }
  }

  @Test func masksAreUndone() {
    for checksum in [0, 1, 0x8A91_36AA, .max] as [UInt32] {
      #expect(Checksum.unmasked(Checksum.masked(checksum)) == checksum)
      #expect(Checksum.masked(checksum) != checksum)
    }
  }
}
