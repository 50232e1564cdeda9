/// Images and labels of the CIFAR-10 data set, as many as one of its files holds.
///
/// Source: cs.toronto.edu/~kriz/cifar.html.
public struct CifarBatch: Hashable, Sendable {
  /// The bytes of one image: 3 planes (red, green, blue) of 32 rows of 32 pixels.
  public static let imageSize = 3072
  /// The names of the classes, by label.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// The name of the file: `data_batch_1`…`data_batch_5`, `test_batch`.
  public let name: String
  /// The class of each image, 0…9.
  public let labels: [UInt8]
  /// The images `[count, 3, 32, 32]`, one after the other.
  public let pixels: [UInt8]

  /// Returns a batch.
  ///
  /// - Throws: `FormatError` of kind `invalidArgument` if the numbers of labels and pixels differ or a label is above 9.
  public init(name: String, labels: [UInt8], pixels: [UInt8]) throws(FormatError) {
    guard pixels.count == labels.count * Self.imageSize else {
      throw FormatError(
        .invalidArgument, file: name, "\(labels.count) labels do not fit \(pixels.count) bytes of pixels")
    }
    if let row = labels.firstIndex(where: { Int($0) >= Self.classNames.count }) {
      throw FormatError(.invalidArgument, file: name, "row \(row): the label is \(labels[row]), not 0 to 9")
    }
    self.name = name
    self.labels = labels
    self.pixels = pixels
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// Returns the bytes of one image: 3 planes of 32 rows of 32 pixels. `row` is from 0 up to `count`.
  public func image(_ row: Int) -> ArraySlice<UInt8> {
    pixels[row * Self.imageSize..<(row + 1) * Self.imageSize]
  }
}

extension CifarBatch {
  /// Returns the batch that `bytes` hold as a Python pickle.
  ///
  /// - Throws: `FormatError` if it is no such pickle; nothing in it is executed.
  public init(pickle bytes: [UInt8], name: String, file: String) throws(FormatError) {
    let pickle = try PickleReader.read(bytes, file: file)
    let error = { (message: String) in FormatError(.dataLoss, file: file, message) }
    guard let array = pickle.array("data"), array.dataType == .uint8, array.shape.count == 2,
      array.shape[1] == Self.imageSize
    else { throw error("expected uint8 images [n, 3072] under the key data") }
    guard let values = pickle.elements("labels"), values.count == array.shape[0] else {
      throw error("expected \(array.shape[0]) labels under the key labels")
    }
    let labels = values.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) }
    guard labels.count == values.count else { throw error("a label is not within 0 to 255") }
    do { try self.init(name: name, labels: labels, pixels: array.bytes) } catch { throw error.inside(file) }
  }

  /// Returns the batch of a binary file: for each image one byte of label and 3072 of pixels.
  ///
  /// - Throws: `FormatError` if the file cannot be read or has not a whole number of records.
  public init(binaryFile path: String) throws(FormatError) {
    let bytes = try LocalFileSystem().contents(of: path)
    let size = Self.imageSize + 1
    guard bytes.count % size == 0 else {
      throw FormatError(.dataLoss, file: path, "\(bytes.count) bytes are no whole number of records of \(size)")
    }
    let starts = stride(from: 0, to: bytes.count, by: size)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(bytes.count)
    for start in starts { pixels += bytes[start + 1..<start + size] }
    let name = FilePath.name(of: path)
    let stem = name.hasSuffix(".bin") ? String(name.dropLast(4)) : name
    do { try self.init(name: stem, labels: starts.map { bytes[$0] }, pixels: pixels) } catch {
      throw error.inside(path)
    }
  }

  /// Returns the batch as a Python pickle, byte for byte as the official archive has it.
  ///
  /// - Parameter title: What stands under `batch_label`: `training batch 1 of 5`.
  func pickled(title: String) -> [UInt8] {
    var writer = PickleWriter()
    writer.dictionary { dictionary in
      dictionary.string("batch_label")
      dictionary.string(title)
      dictionary.string("labels")
      dictionary.list(labels) { $0.int(Int($1)) }
      dictionary.string("data")
      dictionary.matrix(pixels, rows: count, columns: Self.imageSize)
      dictionary.string("filenames")
      dictionary.list(Array(labels.enumerated())) { $0.string(Self.fileName($1.offset, $1.element)) }
    }
    return writer.finished()
  }

  private static func fileName(_ row: Int, _ label: UInt8) -> String {
    let digits = String(row)
    return "\(classNames[Int(label)])_s_\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).png"
  }
}

extension FormatError {
  /// Returns the same error about another file.
  fileprivate func inside(_ file: String) -> FormatError {
    FormatError(kind, file: file, offset: offset, message)
  }
}
