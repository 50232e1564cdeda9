import EspalierGraph
import Foundation

/// An array in NumPy's file format, version 1, little-endian and in row-major order.
struct NumPyFile {
  let values: HostTensor

  struct Unreadable: Error {
    let path: String
  }

  init(_ url: URL) throws {
    let data = try Data(contentsOf: url)
    guard data.count > 10, data.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw Unreadable(path: url.path) }
    let length = Int(data[8]) | Int(data[9]) << 8
    let header = String(decoding: data[10..<10 + length], as: UTF8.self)
    let types: [String: DataType] = ["|u1": .uint8, "<i4": .int32, "<f4": .float32]
    guard let type = types.first(where: { header.contains("'\($0.key)'") })?.value,
      let shape = header.split(separator: "(").last?.split(separator: ")").first
    else { throw Unreadable(path: url.path) }
    let extents = shape.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    values = try data[(10 + length)...].withUnsafeBytes {
      try HostTensor(bytes: $0, dataType: type, shape: extents)
    }
  }
}

extension HostTensor {
  /// Returns element `index` along the first axis, without that axis.
  func row(_ index: Int) throws -> HostTensor {
    let rest = Array(shape.dropFirst())
    let size = byteCount / Swift.max(shape.first ?? 1, 1)
    return try withUnsafeBytes { bytes in
      try HostTensor(
        bytes: UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size]), dataType: dataType,
        shape: rest)
    }
  }
}
