import EspalierData
import EspalierGraph
import Testing

@Suite struct ByteImageTests {
  private static let height = 5
  private static let width = 4
  private static let depth = 3
  /// Pixel by pixel.
  private static let pixels = (0..<height * width * depth).map { UInt8($0 * 7 % 251) }
  /// The same plane by plane.
  private static let planes = (0..<depth).flatMap { channel in
    stride(from: channel, to: pixels.count, by: depth).map { pixels[$0] }
  }

  private static func images() throws -> [ByteImage] {
    [
      try ByteImage(pixels: pixels, height: height, width: width, depth: depth),
      try ByteImage(planes: planes, height: height, width: width, depth: depth),
    ]
  }

  private static func tensor() throws -> HostTensor {
    try HostTensor(pixels.map(Float.init), shape: [height, width, depth])
  }

  @Test func bytesBecomeFloats() throws {
    let expected = try Self.tensor()
    for image in try Self.images() { #expect(image.tensor() == expected) }
    #expect(throws: DatasetError.self) { try ByteImage(planes: [1, 2, 3], height: 2, width: 2, depth: 1) }
    #expect(throws: DatasetError.self) { try ByteImage(pixels: [], height: -1, width: 0, depth: 1) }
  }

  @Test(arguments: 0..<20) func shiftsPadAndCrop(seed: UInt64) throws {
    for image in try Self.images() {
      var random = ElementRandom(seed: seed, element: 0)
      var same = random
      let padded = try image.resizedWithCropOrPad(height: Self.height + 4, width: Self.width + 4)
      let cropped = try padded.randomlyCropped(height: Self.height, width: Self.width, using: &random)
      #expect(try image.randomlyShifted(by: 2, using: &same).tensor() == cropped.tensor())
      #expect(try image.randomlyShifted(by: 0, using: &same).tensor() == image.tensor())
      #expect(throws: DatasetError.self) { try image.randomlyShifted(by: -1, using: &same) }
      #expect(throws: DatasetError.self) { try image.standardized().randomlyShifted(by: 1, using: &same) }
    }
  }

  /// Any steps on paper give what the same steps on values give.
  @Test(arguments: 0..<200) func stepsAreThoseOfTensors(seed: UInt64) throws {
    for var image in try Self.images() {
      var tensor = try Self.tensor()
      var choice = ElementRandom(seed: seed, element: 0)
      for step in 0..<4 {
        var random = ElementRandom(seed: seed, element: step)
        var same = random
        switch Int.random(in: 0..<3, using: &choice) {
        case 0:
          let (height, width) = (Int.random(in: 0...9, using: &choice), Int.random(in: 0...9, using: &choice))
          image = try image.resizedWithCropOrPad(height: height, width: width)
          tensor = try tensor.resizedWithCropOrPad(height: height, width: width)
        case 1:
          let height = Int.random(in: 0...image.height, using: &choice)
          let width = Int.random(in: 0...image.width, using: &choice)
          image = try image.randomlyCropped(height: height, width: width, using: &random)
          tensor = try tensor.randomlyCropped(height: height, width: width, using: &same)
        default:
          image = image.randomlyFlippedLeftRight(using: &random)
          tensor = try tensor.randomlyFlippedLeftRight(using: &same)
        }
        #expect([image.height, image.width, image.depth] == tensor.shape)
      }
      #expect(image.tensor() == tensor)
    }
  }

  @Test func whatIsCutOffStaysAway() throws {
    let image = try ByteImage(pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9], height: 3, width: 3, depth: 1)
    let again = try image.resizedWithCropOrPad(height: 1, width: 3).resizedWithCropOrPad(height: 3, width: 3)
    #expect(try again.tensor().scalars(as: Float.self) == [0, 0, 0, 4, 5, 6, 0, 0, 0])
  }

  @Test func cropsLargerThanTheImageAreErrors() throws {
    let image = try Self.images()[0]
    var random = ElementRandom(seed: 1, element: 0)
    #expect(throws: DatasetError.self) { try image.randomlyCropped(height: 6, width: 4, using: &random) }
    #expect(throws: DatasetError.self) { try image.resizedWithCropOrPad(height: -1, width: 4) }
  }

  @Test func standardizedImagesHaveMeanZeroAndDeviationOne() throws {
    let image = try Self.images()[1].standardized()
    let values = try image.tensor().doubles()
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 1e-6 && abs(variance - 1) < 1e-5)
    #expect(image.tensor() == (try Self.tensor().standardized()))
    #expect(throws: DatasetError.self) { try image.resizedWithCropOrPad(height: 3, width: 3) }
    // A flat image is divided by 1/√n instead of 0.
    let flat = try ByteImage(pixels: [7, 7, 7, 7], height: 2, width: 2, depth: 1).standardized()
    #expect(try flat.tensor().scalars(as: Float.self) == [0, 0, 0, 0])
  }

  @Test(arguments: [0, 1, 3]) func batchesHoldEachImageInItsPlace(threads: Int) throws {
    let labeled = Dataset.range(0..<7).map { index in
      let image = try ByteImage(pixels: [UInt8](repeating: UInt8(index), count: 12), height: 2, width: 2, depth: 3)
      return LabeledImage(image, label: Int32(index * 10))
    }
    let batches = try labeled.batched(3, threads: threads).collected()
    #expect(batches.map { $0.features.only?.shape } == [[3, 2, 2, 3], [3, 2, 2, 3], [1, 2, 2, 3]])
    let values = try batches.flatMap { try $0.features.leaves[0].scalars(as: Float.self) }
    #expect(values == (0..<7).flatMap { [Float](repeating: Float($0), count: 12) })
    let labels = try batches.flatMap { try #require($0.labels?.only).scalars(as: Int32.self) }
    #expect(labels == (0..<7).map { $0 * 10 })
    #expect(try labeled.map(\.image).batched(7).collected() == [try HostTensor(values, shape: [7, 2, 2, 3])])
  }

  @Test func imagesOfDifferentSizesAreNotBatched() throws {
    let unlike = try Self.images() + [ByteImage(pixels: [1], height: 1, width: 1, depth: 1)]
    #expect(throws: DatasetError.self) { try Dataset.elements(unlike).batched(3).collected() }
  }
}
