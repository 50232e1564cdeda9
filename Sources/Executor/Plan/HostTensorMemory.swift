import EspalierGraph

extension HostTensor {
  /// Where the elements lie. Valid while this tensor, or a copy of it, lives and is not changed.
  var address: UnsafeRawPointer {
    withUnsafeBytes { $0.baseAddress ?? UnsafeRawPointer(Self.nowhere) }
  }

  /// Where the elements lie, to be written. Valid while nobody else holds the tensor.
  var mutableAddress: UnsafeMutableRawPointer {
    mutating get { withUnsafeMutableBytes { $0.baseAddress ?? Self.nowhere } }
  }

  /// Returns a copy of the elements of this type that lie at `pointer`.
  init(copying pointer: UnsafeRawPointer, _ dataType: DataType, _ shape: [Int]) {
    self.init(uninitialized: dataType, shape: shape)
    withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { base.copyMemory(from: pointer, byteCount: bytes.count) }
    }
  }

  /// An address for what has no bytes.
  private static var nowhere: UnsafeMutableRawPointer { Nowhere.pointer }
}

private enum Nowhere {
  nonisolated(unsafe) static let pointer = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
}
