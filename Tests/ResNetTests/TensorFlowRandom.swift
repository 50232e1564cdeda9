import Foundation

/// The random numbers that TensorFlow's operations draw on a processor, so that weights which were drawn years ago can be
/// drawn again.
///
/// Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; `random_distributions.h` of TensorFlow.
struct TensorFlowRandom {
  /// The seeds of the graph and of the operation.
  let seed: UInt64
  let operationSeed: UInt64

  /// Returns numbers from 0 to 1, as `RandomUniform` does.
  func uniform(_ count: Int) -> [Float] {
    (0..<(count + 3) / 4).flatMap { block($0).map(Self.unit) }.prefix(count).map { $0 }
  }

  /// Returns normally distributed numbers of which none is further out than 2, as `TruncatedNormal` does.
  func truncatedNormal(_ count: Int) -> [Float] {
    (0..<(count + 3) / 4).flatMap(fourNormals).prefix(count).map { $0 }
  }

  /// Returns four numbers; each four have 256 blocks of their own to draw from.
  private func fourNormals(_ group: Int) -> [Float] {
    var results: [Float] = []
    var index = 256 * group
    while true {
      let bits = block(index)
      for pair in [(bits[0], bits[1]), (bits[2], bits[3])] {
        let radius = (-2 * log(max(Self.unit(pair.0), 1e-7))).squareRoot()
        let angle = 2 * Float.pi * Self.unit(pair.1)
        for number in [sin(angle) * radius, cos(angle) * radius] where abs(number) < 2 {
          results.append(number)
          if results.count == 4 { return results }
        }
      }
      index += 1
    }
  }

  private static func unit(_ bits: UInt32) -> Float { Float(bitPattern: 127 << 23 | bits & 0x7F_FFFF) - 1 }

  /// Returns the four words of Philox 4×32-10 for a number.
  private func block(_ number: Int) -> [UInt32] {
    var counter = [
      UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32),
      UInt32(truncatingIfNeeded: operationSeed), UInt32(truncatingIfNeeded: operationSeed >> 32),
    ]
    var key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    for _ in 0..<10 {
      let a = counter[0].multipliedFullWidth(by: 0xD251_1F53)
      let b = counter[2].multipliedFullWidth(by: 0xCD9E_8D57)
      counter = [b.high ^ counter[1] ^ key.0, b.low, a.high ^ counter[3] ^ key.1, a.low]
      key = (key.0 &+ 0x9E37_79B9, key.1 &+ 0xBB67_AE85)
    }
    return counter
  }
}
