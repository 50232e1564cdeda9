import Espalier
import Foundation
import TestSupport
import Testing

/// Images in graphs: their files, and what chance does to them.
@Suite struct ImageGraphTests {
  /// 4 x 3 pixels whose numbers tell where they were.
  private static let image = (0..<36).map { Float($0) / 36 }

  private func graph(_ shape: [Int] = [3, 4, 3], _ build: (Tensor) -> Tensor) throws -> (Session, Tensor) {
    let graph = Graph()
    graph.seed = 7
    let values = (0..<shape.reduce(1, *)).map { Self.image[$0 % 36] }
    let result = withGraph(graph) { build(constant(values, shape: shape)) }
    #expect(graph.diagnostics.isEmpty)
    return (Session(graph: graph), result)
  }

  @Test func flipsComeInHalfOfTheRuns() throws {
    for axis in [-2, -3] {
      let (session, flipped) = try graph { axis == -2 ? randomFlipLeftRight($0) : randomFlipUpDown($0) }
      let (still, other) = try graph { axis == -2 ? flipLeftRight($0) : flipUpDown($0) }
      let turned = try still.run(other)
      let plain = try HostTensor(Self.image, shape: [3, 4, 3])
      var count = 0
      for _ in 0..<200 {
        let found = try session.run(flipped)
        #expect(found == turned || found == plain)
        if found == turned { count += 1 }
      }
      #expect((60...140).contains(count))
    }
  }

  @Test func eachImageOfABatchIsFlippedForItself() throws {
    let (session, flipped) = try graph([8, 3, 4, 3]) { randomFlipLeftRight($0) }
    let (still, other) = try graph { flipLeftRight($0) }
    let turned = try still.run(other).scalars(as: Float.self)
    let found = try session.run(flipped).scalars(as: Float.self)
    let images = stride(from: 0, to: found.count, by: 36).map { Array(found[$0..<$0 + 36]) }
    #expect(images.allSatisfy { $0 == turned || $0 == Self.image })
    #expect(Set(images).count == 2)
  }

  @Test func batchesOfUnknownSizeAreFlipped() throws {
    let graph = Graph()
    graph.seed = 3
    let (images, flipped) = withGraph(graph) {
      let images = placeholder(shape: [nil, 3, 4, 3], name: "images")
      return (images, [randomFlipLeftRight(images), randomFlipUpDown(images)])
    }
    try graph.check()
    #expect(flipped.allSatisfy { $0.shape == [nil, 3, 4, 3] })
    let session = Session(graph: graph)
    for count in [1, 16] {
      let batch = try HostTensor((0..<count).flatMap { _ in Self.image }, shape: [count, 3, 4, 3])
      for (tensor, turn) in zip(flipped, [flipLeftRight, flipUpDown]) {
        let (still, other) = try self.graph { turn($0, nil, #fileID, #line) }
        let turned = try still.run(other).scalars(as: Float.self)
        let found = try session.run([tensor], feeding: [images: batch])[0].scalars(as: Float.self)
        let each = stride(from: 0, to: found.count, by: 36).map { Array(found[$0..<$0 + 36]) }
        #expect(each.count == count && each.allSatisfy { $0 == turned || $0 == Self.image })
        if count == 16 { #expect(Set(each).count == 2) }
      }
    }
  }

  /// Sums and first pixels are those of `tf.image.adjust_jpeg_quality`.
  @Test(.enabled(if: SystemLibraries.hasJPEG, "libturbojpeg is not installed"))
  func imagesAreAsFilesOfAQualityHaveThem() throws {
    let bytes = (0..<24 * 40 * 3).map { index -> UInt8 in
      let (place, channel) = (index / 3, index % 3)
      return UInt8(128 + (place % 40 * 3 + place / 40 * 2 + channel * 40) % 100)
    }
    let graph = Graph()
    graph.seed = 5
    let (adjusted, real, random) = withGraph(graph) {
      let image = constant(bytes, shape: [24, 40, 3])
      let adjusted = [10, 50, 95].map { adjustJpegQuality(image, quality: $0) }
      let real = adjustJpegQuality(cast(image, to: .float32) / 255, quality: 50)
      return (adjusted, real, randomJpegQuality(image, minimum: 10, maximum: 12))
    }
    try graph.check()
    #expect(adjusted[0].shape == [nil, nil, 3] && real.dataType == .float32)
    let session = Session(graph: graph)
    let values = try session.run(adjusted)
    for (value, sum) in zip(values, [507_211, 507_209, 506_893]) {
      #expect(try value.scalars(as: UInt8.self).reduce(0) { $0 + Int($1) } == sum)
    }
    #expect(
      try values.map { Array(try $0.scalars(as: UInt8.self).prefix(2)) } == [[119, 196], [126, 167], [128, 168]])
    let sum = try session.run(real).scalars(as: Float.self).reduce(0) { $0 + Double($1) }
    #expect(abs(sum - 1989.0549019607843) < 1e-3)
    let choices = try withGraph(graph) {
      let image = constant(bytes, shape: [24, 40, 3])
      return try session.run([10, 11].map { adjustJpegQuality(image, quality: $0) })
    }
    var found: Set<Int> = []
    for _ in 0..<40 {
      let value = try session.run(random)
      found.insert(try #require(choices.firstIndex(of: value)))
    }
    #expect(found == [0, 1])
  }

  @Test func qualitiesOutOfRangeAreMistakes() {
    func message(_ minimum: Int, _ maximum: Int) -> String? {
      let graph = Graph()
      withGraph(graph) {
        _ = randomJpegQuality(placeholder(.uint8, shape: [4, 4, 3]), minimum: minimum, maximum: maximum)
      }
      return graph.diagnostics.first?.message
    }
    #expect(message(-1, 50) == "jpeg encoding range must be between 0 and 100.")
    #expect(message(50, 101) == "jpeg encoding range must be between 0 and 100.")
    #expect(message(50, 50) == "`min_jpeg_quality` must be less than `max_jpeg_quality`.")
  }

  @Test func cropsLieAnywhere() throws {
    let (session, crop) = try graph { randomCrop($0, size: [2, 2, 3]) }
    #expect(crop.shape == [2, 2, 3])
    var places: Set<Float> = []
    for _ in 0..<200 {
      let found = try session.run(crop).scalars(as: Float.self)
      let first = Int((found[0] * 36).rounded())
      let expected = [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17].map { Self.image[first + $0] }
      #expect(found == expected)
      places.insert(found[0])
    }
    #expect(places.count == 6)
  }

  @Test func coloursChangeWithinTheirBounds() throws {
    func range(measuring measure: ([Float]) -> Float, _ build: (Tensor) -> Tensor) throws -> ClosedRange<Float> {
      let (session, changed) = try graph([3, 4, 3], build)
      let found = try (0..<100).map { _ in measure(try session.run(changed).scalars(as: Float.self)) }
      return (found.min() ?? 0)...(found.max() ?? 0)
    }
    func spread(_ x: [Float]) -> Float { (x[33] - x[0]) / (33 / 36) }
    func share(_ x: [Float]) -> Float { 1 - x[0] / x[2] }
    let brightness = try range(measuring: \.[0]) { randomBrightness($0, maxDelta: 0.2) }
    #expect(brightness.lowerBound >= -0.2 && brightness.lowerBound < -0.1)
    #expect(brightness.upperBound <= 0.2 && brightness.upperBound > 0.1)
    let contrast = try range(measuring: spread) { randomContrast($0, lower: 0.5, upper: 2) }
    #expect(contrast.lowerBound >= 0.4999 && contrast.lowerBound < 0.8)
    #expect(contrast.upperBound <= 2.0001 && contrast.upperBound > 1.7)
    // The first colour is of a saturation of 1.
    let saturation = try range(measuring: share) { randomSaturation($0, lower: 0, upper: 1) }
    #expect(saturation.lowerBound < 0.3 && saturation.upperBound > 0.7 && saturation.upperBound <= 1.0001)
    let hue = try range(measuring: \.[2]) { randomHue($0, maxDelta: 0.1) }
    #expect(hue.upperBound <= 1 / 18 + 1e-6 && hue.lowerBound < hue.upperBound)
  }

  /// Source: the same calls in TensorFlow 2.15.
  @Test func adjustmentsByATensorAreThoseByANumber() throws {
    let pairs: [((Tensor) -> Tensor, (Tensor) -> Tensor)] = [
      ({ adjustBrightness($0, delta: 0.3) }, { adjustBrightness($0, delta: constant(Float(0.3))) }),
      ({ adjustContrast($0, factor: 1.5) }, { adjustContrast($0, factor: constant(Float(1.5))) }),
      ({ adjustSaturation($0, factor: 0.5) }, { adjustSaturation($0, factor: constant(Float(0.5))) }),
      ({ adjustHue($0, delta: 0.25) }, { adjustHue($0, delta: constant(Float(0.25))) }),
    ]
    for (number, tensor) in pairs {
      let (first, a) = try graph([3, 4, 3], number)
      let (second, b) = try graph([3, 4, 3], tensor)
      #expect(try first.run(a) == second.run(b))
    }
    let (session, bright) = try graph { adjustGamma($0, gamma: 2, gain: 3) }
    let found = try session.run(bright).scalars(as: Float.self)
    #expect(zip(found, Self.image).allSatisfy { abs($0 - 3 * $1 * $1) < 1e-5 })
  }

  @Test func wrongBoundsAreToldWhereTheyStand() {
    func message(_ build: (Tensor) -> Tensor) -> String {
      let graph = Graph()
      withGraph(graph) { _ = build(zeros([3, 4, 3])) }
      return graph.diagnostics.map { "\($0)" }.joined()
    }
    #expect(message { randomBrightness($0, maxDelta: -1) }.contains("max_delta must be non-negative."))
    #expect(message { randomHue($0, maxDelta: 0.6) }.contains("max_delta must be <= 0.5."))
    #expect(message { randomContrast($0, lower: 1, upper: 1) }.contains("upper must be > lower."))
    #expect(message { randomSaturation($0, lower: -1, upper: 1) }.contains("lower must be non-negative."))
    #expect(message { randomCrop($0, size: [4, 4, 3]) }.contains("Need value.shape >= size, got [3,4,3]"))
    #expect(message { adjustGamma($0, gamma: -1) }.contains("Gamma should be a non-negative real number."))
  }

  private func decoded(_ file: [UInt8], _ build: (Tensor) -> Tensor) throws -> HostTensor {
    let graph = Graph()
    let (contents, image) = withGraph(graph) {
      let contents = placeholder(.string, shape: [], name: "contents")
      return (contents, build(contents))
    }
    let copy = Graph()
    try copy.importGraphDef(try graph.graphDef(), prefix: "")
    #expect(copy.nodes.map { AnyHashable($0.operation) } == graph.nodes.map { AnyHashable($0.operation) })
    return try Session(graph: graph).run(image, feeding: [contents: HostTensor(strings: [file], shape: [])])
  }

  @Test func filesOfAllKindsAreDecoded() throws {
    let graymap = Array("P2 2 1 255 0 255".utf8)
    let found = try decoded(graymap) { decodeImage($0, channels: 3, dataType: .float32) }
    #expect(found == (try HostTensor([0, 0, 0, 1, 1, 1] as [Float], shape: [1, 2, 3])))
    let shapes = try [
      decoded(graymap) { decodeBmp($0) }, decoded(graymap) { decodePng($0, channels: 4) },
      decoded(Format.animation) { decodeGif($0) }, decoded(Format.animation) { decodeImage($0) },
      decoded(Format.animation) { decodeImage($0, expandAnimations: false) },
    ].map(\.shape)
    #expect(shapes == [[1, 2, 1], [1, 2, 4], [3, 3, 4, 3], [3, 3, 4, 3], [3, 4, 3]])
    let error = #expect(throws: ExecutionError.self) { try decoded(Format.animation) { decodeJpeg($0) } }
    #expect(error?.description.contains("Got 3 frames, but animated gifs can only be decoded by") == true)
  }

  @Test(.enabled(if: Format.hasLibraries, "libturbojpeg or libpng is not installed"))
  func imagesAreEncoded() throws {
    let graph = Graph()
    let files = withGraph(graph) {
      let image = constant((0..<8 * 8 * 3).map { UInt8($0 / 3) }, shape: [8, 8, 3])
      return [encodePng(image), encodeJpeg(image, quality: 90, progressive: true), image]
    }
    let found = try Session(graph: graph).run(files)
    let png = try decodeImage(found[0].strings()[0])
    #expect(png == found[2])
    let jpeg = try decodeImage(found[1].strings()[0])
    let pairs = try zip(jpeg.scalars(as: UInt8.self), found[2].scalars(as: UInt8.self))
    #expect(pairs.allSatisfy { abs(Int($0) - Int($1)) < 12 })
    let copy = Graph()
    try copy.importGraphDef(try graph.graphDef(), prefix: "")
    #expect(copy.nodes.map { AnyHashable($0.operation) } == graph.nodes.map { AnyHashable($0.operation) })
  }
}
