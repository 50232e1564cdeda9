import Espalier
import Foundation

/// Images in folders, `training_set/cats/cat.1.jpg` and so on.
struct ImageFolder {
  /// The kinds in the order of their labels: a dog is 0, a cat is 1.
  static let kinds = ["dogs", "cats"]
  let path: String

  /// Images and their kinds, shuffled: `[m, size, size, 3]` with values from 0 to 1, and `[m, 1]`.
  struct Examples {
    let images: HostTensor
    let labels: HostTensor
    var count: Int { labels.count }
  }

  var exists: Bool { FileManager.default.fileExists(atPath: path + "/training_set") }

  /// Returns whether drawings with these numbers are there.
  func holds(training: Int, test: Int) -> Bool {
    ["training_set/cats/cat.\(training)", "training_set/cats/cat.\(4000 + test)", "test_set/cats/cat.\(8000 + test)"]
      .allSatisfy { FileManager.default.fileExists(atPath: "\(path)/\($0).bmp") }
  }

  /// Returns `count` images of each kind in `part`, `training_set` or `test_set`, those after the first `skipped`.
  func examples(_ part: String, skipping skipped: Int = 0, count: Int, size: Int) throws -> Examples {
    var files: [(path: String, label: Float)] = []
    for (label, kind) in Self.kinds.enumerated() {
      let folder = "\(path)/\(part)/\(kind)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        throw DataError("\(folder) is not there: \(path) needs training_set and test_set with cats and dogs")
      }
      let images = names.filter { !$0.hasPrefix(".") }.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      guard !images.isEmpty else { throw DataError("\(folder) is empty") }
      files += images.dropFirst(skipped).prefix(count).map { (folder + "/" + $0, Float(label)) }
    }
    var random = ElementRandom(seed: 1, element: 0)
    files.shuffle(using: &random)
    let images = try Dataset.elements(files.map(\.path)).map(threads: 2) { try Self.image($0, size: size) }.collected()
    let none = HostTensor(zeros: .float32, shape: [0, size, size, 3])
    return Examples(
      images: files.isEmpty ? none : try .batch(of: images),
      labels: try HostTensor(files.map(\.label), shape: [files.count, 1]))
  }

  /// Returns the image of a file, `[size, size, 3]`, with values from 0 to 1 and blue first, as OpenCV reads it.
  static func image(_ file: String, size: Int) throws -> HostTensor {
    guard let data = FileManager.default.contents(atPath: file) else { throw DataError("\(file) cannot be read") }
    let pixels = try decodeImage([UInt8](data), channels: 3, expandAnimations: false, file: file)
    let image = try HostTensor(pixels.scalars(as: UInt8.self).map { Float($0) / 255 }, shape: pixels.shape)
      .resizedBilinear(height: size, width: size, halfPixelCenters: true)
    return try swappingRedAndBlue(image)
  }

  /// Returns an image with its channels in the other order.
  static func swappingRedAndBlue(_ image: HostTensor) throws -> HostTensor {
    let values = try image.scalars(as: Float.self)
    return try HostTensor(values.indices.map { values[$0 - $0 % 3 + 2 - $0 % 3] }, shape: image.shape)
  }
}
