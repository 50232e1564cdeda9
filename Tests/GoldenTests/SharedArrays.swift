import EspalierFormats
import EspalierGraph
import TestSupport

/// Returns the array in a NumPy file below the reference data.
func sharedArray(_ path: String) throws -> HostTensor {
  try NumpyFile.read(SharedData.url(path).path)
}

extension HostTensor {
  /// Returns part `index` along the first axis.
  func part(_ index: Int) throws -> HostTensor {
    let rest = Array(shape.dropFirst())
    let size = rest.reduce(1, *) * (dataType.size ?? 0)
    return try withUnsafeBytes { bytes in
      try HostTensor(
        bytes: UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size]), dataType: dataType,
        shape: rest)
    }
  }
}
