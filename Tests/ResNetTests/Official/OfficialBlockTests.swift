import EspalierExecutor
import EspalierGradients
import EspalierGraph
import EspalierResNet
import Testing

/// The four blocks on images and weights that a formula gives, as TensorFlow 2.15 computes them on a CPU.
@Suite struct OfficialBlockTests {
  private struct Golden {
    let block: OfficialResNet.Block
    let channels: Int
    let first: Double
    let last: Double
    let sum: Double
    let squares: Double
    let gradientNorm: Double
  }

  private static var golden: [Golden] {
    [
      Golden(
        block: OfficialResNet.buildingBlockV1, channels: 8, first: 0, last: 0, sum: 126.02011, squares: 226.40945,
        gradientNorm: 141.639442),
      Golden(
        block: OfficialResNet.buildingBlockV2, channels: 8, first: 0.134271, last: -0.337054, sum: 3.42384,
        squares: 113.62532, gradientNorm: 64.885113),
      Golden(
        block: OfficialResNet.bottleneckBlockV1, channels: 32, first: 0.025133, last: 0, sum: 435.30140,
        squares: 657.60458, gradientNorm: 382.847805),
      Golden(
        block: OfficialResNet.bottleneckBlockV2, channels: 32, first: 0.183600, last: 0.562152, sum: 4.36264,
        squares: 1070.09716, gradientNorm: 1089.110570),
    ]
  }

  @Test(arguments: 0..<4, [DataFormat.nhwc, .nchw]) func followsTensorFlow(_ index: Int, _ format: DataFormat) throws {
    let want = Self.golden[index]
    let graph = Graph()
    let (y, norm) = try withGraph(graph) {
      let x = 2 * constant(try FormulaWeights.images([2, 8, 8, 16], maximum: 1)) - 1
      let ordered = format == .nchw ? transpose(x, order: [0, 3, 1, 2]) : x
      let result = OfficialResNet.blockLayer(
        ordered, filters: 8, bottleneck: want.channels == 32, block: want.block, blocks: 1, strides: 2,
        training: true, name: "block_layer1", dataFormat: format)
      let y = format == .nchw ? transpose(result, order: [0, 2, 3, 1]) : result
      let gradient = try #require(try gradients(of: reduceSum(y * y), withRespectTo: [x])[0])
      return (y, sqrt(reduceSum(gradient * gradient)))
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    try FormulaWeights.set(trainableVariables(in: graph), in: session)
    let values = try session.run([y, norm])
    let numbers = try values[0].doubles()
    #expect(values[0].shape == [2, 4, 4, want.channels])
    #expect(abs(numbers[0] - want.first) < 1e-5 && abs(numbers[numbers.count - 1] - want.last) < 1e-5)
    #expect(abs(numbers.reduce(0, +) - want.sum) < 2e-4)
    #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } - want.squares) < 1e-5 * want.squares)
    #expect(abs(try values[1].doubles()[0] - want.gradientNorm) < 2e-5 * want.gradientNorm)
  }
}
