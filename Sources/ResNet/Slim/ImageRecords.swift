import EspalierData
import EspalierFormats

extension Slim {
  /// Writes the images of a folder into a file of records, in mixed order; returns how many there are.
  ///
  /// Each folder in it is a kind; kinds are numbered from 0 in alphabetical order. Each record is an `Example` with
  /// `image/encoded`, the bytes of the file, `image/format`, the end of its name, and `image/class/label`.
  ///
  /// - Parameter path: The file of records. It appears when all are written.
  /// - Throws: `ResNetError` if there are no images; `FormatError` if a file cannot be read or written.
  public static func writeRecords(ofImagesIn folder: String, to path: String, seed: UInt64 = 1) throws -> Int {
    func names(_ directory: String) throws -> [String] {
      try Files.names(inDirectory: directory).filter { !$0.hasPrefix(".") }.sorted()
    }
    var files = try names(folder).enumerated().flatMap { label, kind in
      let directory = FilePath.join(folder, kind)
      return try names(directory).map { (label: label, path: FilePath.join(directory, $0)) }
    }
    guard !files.isEmpty else { throw ResNetError("\(folder) holds no folders of images") }
    // Mixed once, so that records that are read in order are mixed too.
    var random = ElementRandom(seed: seed, element: 0)
    files.shuffle(using: &random)
    try Files.createDirectory(FilePath.directory(of: path))
    try TFRecordWriter.writeFile(path) { writer in
      for file in files {
        let ending = file.path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let example = Example(features: [
          "image/encoded": .bytes([try Files.contents(of: file.path)]),
          "image/format": .bytes([Array((ending == "jpg" ? "jpeg" : ending).utf8)]),
          "image/class/label": .int64([Int64(file.label)]),
        ])
        try writer.write(example.serialized())
      }
    }
    return files.count
  }
}
