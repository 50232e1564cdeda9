import Espalier
import Foundation

/// Images in folders, `training_set/cats/cat.1.jpg` and so on.
struct ImageFolder {
  static let kinds = ["cats", "dogs"]
  let path: String

  /// Images and their kinds: `[m, size, size, 3]` with values from 0 to 1, and `[m, 1]`.
  struct Examples {
    let files: [String]
    let images: HostTensor
    let labels: HostTensor
    var count: Int { files.count }
  }

  var exists: Bool { FileManager.default.fileExists(atPath: path + "/training_set") }

  /// Returns the first `count` images of each kind in `part`, `training_set` or `test_set`.
  func examples(_ part: String, count: Int, size: Int) throws -> Examples {
    var files: [String] = []
    var labels: [Float] = []
    for (label, kind) in Self.kinds.enumerated() {
      let folder = "\(path)/\(part)/\(kind)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        throw DataError("\(folder) is not there: \(path) needs training_set and test_set with cats and dogs")
      }
      let chosen = names.filter { !$0.hasPrefix(".") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
        .prefix(count)
      guard !chosen.isEmpty else { throw DataError("\(folder) is empty") }
      files += chosen.map { folder + "/" + $0 }
      labels += chosen.map { _ in Float(label) }
    }
    let images = try Dataset.elements(files).map(threads: 2) { try Self.image($0, size: size) }.collected()
    return Examples(
      files: files, images: try .batch(of: images), labels: try HostTensor(labels, shape: [labels.count, 1]))
  }

  /// Returns the image of a file, `[size, size, 3]`, with values from 0 to 1.
  static func image(_ file: String, size: Int) throws -> HostTensor {
    guard let data = FileManager.default.contents(atPath: file) else { throw DataError("\(file) cannot be read") }
    let pixels = try decodeImage([UInt8](data), channels: 3, file: file)
    let image = try HostTensor(pixels.scalars(as: UInt8.self).map { Float($0) }, shape: pixels.shape)
      .resizedBilinear(height: size, width: size, halfPixelCenters: true)
    return try HostTensor(image.scalars(as: Float.self).map { $0 / 255 }, shape: image.shape)
  }
}

/// Data that is not what the example expects.
struct DataError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
