/// The counter-based random number generator Philox 4x32-10: each block of four numbers is a function of a key and a
/// counter, so that any part of a stream can be drawn by anyone at any time.
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011); `tensorflow/core/lib/random/
/// philox_random.h` for how seeds become key and counter.
package struct Philox: Sendable {
  package typealias Block = (UInt32, UInt32, UInt32, UInt32)

  private let key: (UInt32, UInt32)
  private let low: UInt64
  private let high: UInt64

  /// Returns the generator of a stream: the key says which, the counter where in it.
  package init(key: UInt64, counter: (low: UInt64, high: UInt64)) {
    self.key = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    low = counter.low
    high = counter.high
  }

  /// Returns four numbers, number `index` of the stream from here.
  @inline(__always)
  package func block(_ index: UInt64) -> Block {
    let (sum, overflows) = low.addingReportingOverflow(index)
    let top = overflows ? high &+ 1 : high
    var x: Block = (
      UInt32(truncatingIfNeeded: sum), UInt32(truncatingIfNeeded: sum >> 32), UInt32(truncatingIfNeeded: top),
      UInt32(truncatingIfNeeded: top >> 32)
    )
    var (k0, k1) = key
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) &* UInt64(x.0)
      let second = UInt64(0xCD9E_8D57) &* UInt64(x.2)
      x = (
        UInt32(truncatingIfNeeded: second >> 32) ^ x.1 ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ x.3 ^ k1, UInt32(truncatingIfNeeded: first)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return x
  }

  /// Returns the generator `blocks` blocks further on.
  func advanced(by blocks: (high: UInt64, low: UInt64)) -> Philox {
    let (sum, overflows) = low.addingReportingOverflow(blocks.low)
    return Philox(key: key, low: sum, high: high &+ blocks.high &+ (overflows ? 1 : 0))
  }

  private init(key: (UInt32, UInt32), low: UInt64, high: UInt64) {
    self.key = key
    self.low = low
    self.high = high
  }
}

/// Single numbers out of a stream, one block after the other.
struct PhiloxNumbers {
  private let generator: Philox
  private var next: UInt64
  private var block: Philox.Block = (0, 0, 0, 0)
  private var used = 4

  init(_ generator: Philox, from block: UInt64) {
    self.generator = generator
    next = block
  }

  @inline(__always)
  mutating func number() -> UInt32 {
    if used == 4 {
      block = generator.block(next)
      next &+= 1
      used = 0
    }
    used += 1
    switch used {
    case 1: return block.0
    case 2: return block.1
    case 3: return block.2
    default: return block.3
    }
  }
}
