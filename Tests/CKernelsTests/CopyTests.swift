import CKernels
import Testing

@Suite struct CopyTests {
  /// Coordinates below the extents, the last fastest.
  func coordinates(_ extents: [Int64]) -> [[Int64]] {
    extents.reduce([[]]) { before, extent in before.flatMap { c in (0..<extent).map { c + [$0] } } }
  }

  func offset(_ coordinate: [Int64], _ strides: [Int64]) -> Int {
    Int(zip(coordinate, strides).reduce(0) { $0 + $1.0 * $1.1 })
  }

  @Test(arguments: [1, 2, 3, 4, 8, 16, 24]) func elementsOfAnySize(_ size: Int) {
    let cases: [(extents: [Int64], dst: [Int64], src: [Int64])] = [
      ([], [], []), ([5], [1], [1]), ([2, 3, 4], [12, 4, 1], [12, 4, 1]), ([2, 3, 4], [12, 4, 1], [1, 2, 6]),
      ([2, 3, 4], [40, 10, 2], [0, 1, 0]), ([3, 1, 5], [5, 99, 1], [7, 99, 1]), ([4, 3], [1, 4], [3, 1]),
      ([2, 0, 3], [1, 1, 1], [1, 1, 1]),
    ]
    for (extents, dst, src) in cases {
      let x = (0..<100 * size).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      let y = GuardedBuffer<UInt8>(count: 100 * size, canary: 0xEE, offset: 1)
      #expect(esp_copy_strided(size, Int32(extents.count), extents, dst, src, y.pointer, x) == 1)
      var expected = [UInt8](repeating: 0xEE, count: 100 * size)
      for coordinate in coordinates(extents) {
        let (to, from) = (offset(coordinate, dst) * size, offset(coordinate, src) * size)
        expected.replaceSubrange(to..<to + size, with: x[from..<from + size])
      }
      #expect(y.isIntact && y.values == expected)
    }
  }

  @Test func reversesAndRefusesTooManyDimensions() {
    let x: [Int32] = [1, 2, 3]
    var y: [Int32] = [0, 0, 0]
    let copied = x.withUnsafeBufferPointer { esp_copy_strided(4, 1, [3], [1], [-1], &y, $0.baseAddress.map { $0 + 2 }) }
    #expect(copied == 1 && y == [3, 2, 1])
    let many = [Int64](repeating: 1, count: 33)
    #expect(esp_copy_strided(4, 33, many, many, many, &y, x) == 0)
  }

  @Test(arguments: [1, 2, 3, 4, 8, 24, 20_000]) func fills(_ size: Int) {
    for value in [(0..<size).map { UInt8(truncatingIfNeeded: $0 + 1) }, [UInt8](repeating: 7, count: size)] {
      for count in [0, 1, 2, 3, 100, 40_000 / size + 1] {
        let y = GuardedBuffer<UInt8>(count: size * count, canary: 0xEE, offset: 1)
        esp_fill(size, Int64(count), value, y.pointer)
        #expect(y.isIntact && y.values == Array(repeatElement(value, count: count).joined()))
      }
    }
  }
}
