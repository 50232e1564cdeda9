import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierResNet
import TestSupport
import Testing

@Suite struct OfficialModelFunctionTests {
  private static let count = 8

  /// Returns the images of the summary that a training computes of images whose elements `value` gives by their place.
  private func shown(_ dataType: DataType, _ value: (Int) -> Double) throws -> [Summary.Value] {
    let shape = [Self.count, 32, 32, 3]
    let pixels = try HostTensor((0..<shape.reduce(1, *)).map { Float(value($0)) }, shape: shape)
    let graph = Graph()
    try withGraph(graph) {
      let training = OfficialTraining(
        model: try Cifar10Model(resnetSize: 8, dataType: dataType), weightDecay: 2e-4,
        learningRate: { _ in constant(0.1 as Float) })
      _ = try training.modelFn(
        features: .single(cast(constant(pixels), to: dataType)),
        labels: .single(constant([Int32](repeating: 1, count: Self.count))), mode: .train)
    }
    let summaries: [Tensor] = graph.collection(.summaries)
    let summary = try #require(summaries.first { $0.node.name == "images" })
    #expect(summary.node.operation.attributes["max_images"] == .int(6))
    return try Summary(serialized: try Session(graph: graph).run(summary).strings()[0]).values
  }

  private func decoded(_ value: Summary.Value) throws -> [UInt8] {
    guard case .image(let image) = value.content else { throw ResNetError("\(value.tag) is no image") }
    #expect((image.height, image.width, image.colorspace) == (32, 32, 3))
    let pixels = try decodeImage(image.encoded)
    #expect(pixels.shape == [32, 32, 3])
    return try pixels.scalars()
  }

  @Test(.enabled(if: SystemLibraries.hasPNG, "libpng is not installed"), arguments: [DataType.float32, .float16])
  func showsSixImages(_ dataType: DataType) throws {
    // Each image has elements up to its own maximum, 8, 16, 32…, which is shown as 255.
    let values = try shown(dataType) { place in
      Double(place % 5) * Double(2 << (place / 3072))
    }
    #expect(values.map(\.tag) == (0..<6).map { "images/image/\($0)" })
    for (number, value) in values.enumerated() {
      let want = (0..<3072).map { UInt8(Float((3072 * number + $0) % 5) / 4 * 255) }
      #expect(zip(try decoded(value), want).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "\(value.tag)")
    }
  }

  @Test(.enabled(if: SystemLibraries.hasPNG, "libpng is not installed"))
  func signedNumbersAreShownAroundGray() throws {
    let values = try shown(.float32) { place in [-2, 0, 1][place % 3] }
    for value in values {
      let pixels = try decoded(value)
      #expect(Array(pixels.prefix(3)) == [1, 128, 191])
    }
  }
}
