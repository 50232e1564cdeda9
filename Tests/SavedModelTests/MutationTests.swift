import Espalier
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Files that somebody damaged or made up throw, and never trap or take more memory than 16 times their size and 16 MB.
@Suite struct MutationTests {
  @Test func truncationAtEveryByteIsHarmless() throws {
    for format in try Format.all() + Format.readByLibraries() {
      for count in format.bytes.indices { format.attempt(Array(format.bytes[..<count])) }
    }
  }

  @Test func wholeFilesAreRead() throws {
    for format in try Format.all() {
      #expect(throws: Never.self, "\(format.name)") { try format.read(format.bytes) }
    }
  }

  @Test(.enabled(if: Format.hasLibraries, "libturbojpeg or libpng is not installed"))
  func wholeFilesAreReadByLibraries() throws {
    for format in try Format.readByLibraries() {
      #expect(throws: Never.self, "\(format.name)") { try format.read(format.bytes) }
    }
  }

  #if os(Linux)
    // Each runs in a process of its own, which cannot get more memory than that.

    @Test func tenThousandMutationsOfEachFormatAreHarmless() async {
      await #expect(processExitsWith: .success) { try attemptMutations(of: Format.all()) }
    }

    @Test(.enabled(if: Format.hasLibraries, "libturbojpeg or libpng is not installed"))
    func tenThousandMutationsOfImagesAreHarmless() async {
      await #expect(processExitsWith: .success) { try attemptMutations(of: Format.readByLibraries()) }
    }
  #endif
}

#if os(Linux)
  /// Reads damaged files of each format with little more memory than they take.
  private func attemptMutations(of formats: [Format]) throws {
    for format in formats {
      var mutator = Mutator(seed: format.name)
      // What is allocated once, tables and libraries, does not count.
      format.attempt(format.bytes)
      try MemoryLimit.set(16 * format.bytes.count + 16 << 20)
      for _ in 0..<10_000 { format.attempt(mutator.mutated(format.bytes)) }
      MemoryLimit.remove()
    }
  }

  /// How much more memory this process can get than it has.
  private enum MemoryLimit {
    struct Unreadable: Error {}

    /// Room for what the allocator keeps back.
    private static let slack = 8 << 20

    static func set(_ bytes: Int) throws {
      let words = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
      guard words.count > 5, let pages = Int(words[5]) else { throw Unreadable() }
      let limit = rlim_t(pages * Int(sysconf(Int32(_SC_PAGESIZE))) + bytes + slack)
      var limits = rlimit(rlim_cur: limit, rlim_max: rlim_t.max)
      guard setrlimit(__rlimit_resource_t(2), &limits) == 0 else { throw Unreadable() }
    }

    static func remove() {
      var limits = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
      setrlimit(__rlimit_resource_t(2), &limits)
    }
  }
#endif

/// Makes damaged files, the same in every run.
private struct Mutator {
  private var state: UInt64

  init(seed: String) {
    state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private mutating func next(below count: Int) -> Int {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(max(count, 1)))
  }

  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0...next(below: 4) where !result.isEmpty {
      let place = next(below: result.count)
      let length = min(1 + next(below: 8), result.count - place)
      switch next(below: 7) {
      case 0: result[place] ^= 1 << UInt8(next(below: 8))
      case 1: result[place] = UInt8(next(below: 256))
      case 2: result[place] = [0, 1, 0x7F, 0x80, 0xFF][next(below: 5)]
      case 3: result.replaceSubrange(place..<place + length, with: repeatElement(0xFF, count: length))
      case 4: result.removeSubrange(place..<place + length)
      case 5: result.insert(contentsOf: result[place..<place + length], at: next(below: result.count))
      default: result.removeLast(result.count - place)
      }
    }
    return result
  }
}
