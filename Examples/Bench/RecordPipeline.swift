import Espalier
import Foundation

/// CIFAR-10 records to batches of distorted images, as example-cifar10 makes them.
enum RecordPipeline {
  /// Returns the reader alone, and with threads if there are.
  static func contestants(_ options: Options) throws -> [any Contestant] {
    let records = try RecordFile(options)
    var counts = [0]
    if options.threads > 1 { counts.append(options.threads) }
    return try counts.map { count in
      let iterator = try Cifar10Dataset(files: [records.path]).batches(of: options.batch, threads: count, seed: 1)
        .makeIterator()
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
