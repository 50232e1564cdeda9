import EspalierData
import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct Cifar10DatasetTests {
  /// Image i of batch b is all `100 + 10 b + i` but for the first pixel: red 1, green 2, blue 3. Its class is i.
  private static func batch(_ number: Int, _ name: String) throws -> CifarBatch {
    var pixels: [UInt8] = []
    for image in 0..<4 {
      for plane in 0..<3 {
        pixels.append(UInt8(plane + 1))
        pixels += [UInt8](repeating: UInt8(100 + 10 * number + image), count: 1023)
      }
    }
    return try CifarBatch(name: name, labels: [0, 1, 2, 3], pixels: pixels)
  }

  private func withRecords(_ body: (_ directory: String) throws -> Void) throws {
    try withTemporaryDirectory { directory in
      let archive = FilePath.join(directory, CifarArchive.fileName)
      try CifarArchive.write(CifarArchive.batchNames.enumerated().map(Self.batch), to: archive)
      #expect(!Cifar10Dataset.recordsExist(in: directory))
      var files: [String] = []
      try Cifar10Dataset.writeRecords(ofArchive: archive, to: directory) { files.append(FilePath.name(of: $0)) }
      #expect(files == ["train.tfrecords", "validation.tfrecords", "eval.tfrecords"])
      #expect(Cifar10Dataset.recordsExist(in: directory))
      try body(directory)
    }
  }

  private static func lastPixels(_ sample: Sample) throws -> [Float] {
    let images = try #require(sample.features.only)
    let values = try images.scalars(as: Float.self)
    return stride(from: 3071, to: values.count, by: 3072).map { values[$0] }
  }

  @Test func subsetsToJudgeByComeOnceAndInOrder() throws {
    try withRecords { directory in
      for (subset, number) in [(Cifar10Dataset.Subset.validation, 4), (.eval, 5)] {
        let batches = try Cifar10Dataset(dataDir: directory, subset: subset).batches(of: 3, seed: 1).collected()
        #expect(try batches.map { try #require($0.features.only).shape } == [[3, 32, 32, 3], [1, 32, 32, 3]])
        let expected: [Float] = (0..<4).map { Float(100 + 10 * number + $0) }
        #expect(try batches.flatMap(Self.lastPixels) == expected)
        let labels = try batches.flatMap { try #require($0.labels?.only).scalars(as: Int32.self) }
        #expect(labels == [0, 1, 2, 3])
        // Planes become channels, and nothing is distorted.
        let first = try #require(batches.first?.features.only).scalars(as: Float.self)
        #expect(Array(first[..<6]) == [1, 2, 3, expected[0], expected[0], expected[0]])
      }
    }
  }

  @Test func trainingImagesComeWithoutEndMixedAndDistorted() throws {
    try withRecords { directory in
      func some(useDistortion: Bool, threads: Int = 0) throws -> [Sample] {
        let images = Cifar10Dataset(dataDir: directory, useDistortion: useDistortion)
        return try images.batches(of: 40, threads: threads, seed: 3).taking(2).collected()
      }
      let plain = try some(useDistortion: false)
      let seen = try plain.flatMap(Self.lastPixels)
      let all: [Float] = [100, 101, 102, 103, 110, 111, 112, 113, 120, 121, 122, 123, 130, 131, 132, 133]
      #expect(seen.count == 80 && Set(seen).count > 8 && Set(seen).isSubset(of: all))
      #expect(seen.prefix(16) != all[...])
      let distorted = try some(useDistortion: true)
      #expect(distorted.map(\.labels) == plain.map(\.labels) && distorted != plain)
      #expect(try some(useDistortion: true, threads: 2) == distorted)
      // Zeros have come in from outside.
      func zeros(_ samples: [Sample]) throws -> Int {
        try samples.flatMap { try #require($0.features.only).scalars(as: Float.self) }.count { $0 == 0 }
      }
      #expect(try zeros(plain) == 0)
      #expect(try zeros(distorted) > 80 * 32)
    }
  }

  @Test func subsetsAreThoseOfTheTutorial() throws {
    #expect(Cifar10Dataset.Subset.allCases.map(\.examplesPerEpoch) == [45_000, 5_000, 10_000])
    #expect(Cifar10Dataset.Subset.allCases.flatMap(\.batchNames) == CifarArchive.batchNames)
    #expect(try Cifar10Dataset.Subset(named: "eval") == .eval)
    let error = #expect(throws: DatasetError.self) { try Cifar10Dataset.Subset(named: "test") }
    #expect(error?.description == "Invalid data subset \"test\"")
  }

  @Test(
    arguments: [
      [:], ["image": .bytes([])], ["image": .bytes([[1, 2]]), "label": .int64([1])],
      ["image": .int64([1]), "label": .int64([1])],
      ["image": .bytes([[UInt8](repeating: 0, count: 3072)]), "label": .float([1])],
    ] as [[String: Feature]]) func otherRecordsAreRefused(features: [String: Feature])
  {
    #expect(throws: DatasetError.self) { try LabeledImage(cifarRecord: Example(features: features).serialized()) }
    #expect(throws: FormatError.self) { try LabeledImage(cifarRecord: [0xFF, 1, 2]) }
  }
}
