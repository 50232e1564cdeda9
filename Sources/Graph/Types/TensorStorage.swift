/// The memory behind a `HostTensor`, aligned to a cache line.
///
/// `@unchecked Sendable`: `HostTensor` writes to it only while it holds the only reference.
final class TensorStorage: @unchecked Sendable {
  static let alignment = 64

  let dataType: DataType
  let count: Int
  let byteCount: Int
  let pointer: UnsafeMutableRawPointer
  var strings: [[UInt8]]

  init(dataType: DataType, count: Int) {
    self.dataType = dataType
    self.count = count
    byteCount = (dataType.size ?? 0) * count
    pointer = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
    strings = dataType == .string ? [[UInt8]](repeating: [], count: count) : []
  }

  deinit {
    pointer.deallocate()
  }

  func clear() {
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  func copy(from bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    pointer.copyMemory(from: base, byteCount: min(bytes.count, byteCount))
  }

  func copied() -> TensorStorage {
    let result = TensorStorage(dataType: dataType, count: count)
    result.pointer.copyMemory(from: pointer, byteCount: byteCount)
    result.strings = strings
    return result
  }
}
