#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Memory on a boundary of cache lines, and of huge pages if it is that large: page tables of small pages cost a third of
/// the speed of memory.
package final class AlignedMemory {
  /// The bytes of a huge page.
  static let hugePage = 2 << 20

  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int

  /// Returns memory of no particular content.
  package init(byteCount: Int) {
    let isLarge = byteCount >= Self.hugePage
    let granule = isLarge ? Self.hugePage : 64
    self.byteCount = byteCount
    let allocated = (max(byteCount, 1) + granule - 1) / granule * granule
    pointer = .allocate(byteCount: allocated, alignment: granule)
    #if os(Linux)
      // A wish: without huge pages everything works, slower.
      if isLarge { madvise(pointer, allocated, MADV_HUGEPAGE) }
    #endif
  }

  deinit {
    pointer.deallocate()
  }
}
