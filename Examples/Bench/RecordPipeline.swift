import Espalier
import Foundation

/// CIFAR-10 records to batches of distorted images, as example-cifar10 makes them.
struct RecordPipeline {
  private let files: [String]
  private let batch: Int

  init(files: [String], batch: Int) {
    self.files = files
    self.batch = batch
  }

  /// Returns the batches without end; `threads` parse and distort, 0 leaves it to the reader.
  func batches(threads: Int = 0) -> Dataset<Sample> {
    Dataset.tfRecords(files).repeated()
      .map(threads: threads, seed: 1) { record, random in
        let example = try Example(serialized: record)
        guard case .bytes(let images)? = example.features["image"], let planes = images.first,
          case .int64(let labels)? = example.features["label"], let label = labels.first
        else { throw BenchError("a record holds no 'image' of bytes or no 'label' of integers") }
        let image = try ByteImage(planes: planes, height: 32, width: 32, depth: 3)
        let cropped = try image.resizedWithCropOrPad(height: 40, width: 40)
          .randomlyCropped(height: 32, width: 32, using: &random)
        return LabeledImage(
          cropped.randomlyFlippedLeftRight(using: &random), label: Int32(truncatingIfNeeded: label))
      }
      .shuffled(buffer: 18_000 + 3 * batch, seed: 2)
      .batched(batch, threads: threads)
  }

  /// Returns the reader alone, and with threads if there are.
  static func contestants(_ options: Options) throws -> [any Contestant] {
    let records = try RecordFile(options)
    let pipeline = RecordPipeline(files: [records.path], batch: options.batch)
    var counts = [0]
    if options.threads > 1 { counts.append(options.threads) }
    return try counts.map { count in
      let iterator = try pipeline.batches(threads: count).makeIterator()
      let name = count == 0 ? "one thread" : "reader + \(count) threads"
      return ClosureSteps(name, unitsPerStep: options.batch) {
        guard try iterator.next() != nil else { throw BenchError("\(records.path) holds no records") }
      }
    }
  }
}

/// Where the records are: in the user's folder, or made up for this run.
final class RecordFile {
  let path: String
  private let isTemporary: Bool

  init(_ options: Options) throws {
    isTemporary = options.dataDir.isEmpty
    guard isTemporary else {
      path = options.dataDir + "/train.tfrecords"
      return
    }
    path = NSTemporaryDirectory() + "/espalier-bench-\(ProcessInfo.processInfo.processIdentifier).tfrecords"
    let writer = try TFRecordWriter(path: path)
    var noise = Noise()
    for index in 0..<10_000 {
      let example = Example(features: [
        "image": .bytes([(0..<3072).map { _ in noise.byte() }]), "label": .int64([Int64(index % 10)]),
      ])
      try writer.write(example.serialized())
    }
    try writer.close()
  }

  deinit {
    if isTemporary { try? FileManager.default.removeItem(atPath: path) }
  }
}

/// What keeps something from being measured.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
