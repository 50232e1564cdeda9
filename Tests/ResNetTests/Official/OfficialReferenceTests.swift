import EspalierExecutor
import EspalierGraph
import EspalierLayers
import EspalierResNet
import Testing

/// The blocks against the reference data that TensorFlow's official models are tested with.
///
/// Source: `official/resnet/layer_test.py` and `official/utils/testing/reference_data/resnet` of tensorflow/models: the
/// first and the last number and the sum of images and results, and the seeds from which images and weights were drawn.
/// The seeds of operations are how many nodes the graph had, which follows from how TensorFlow built layers then. For
/// two of the eight blocks no number of nodes that was tried draws the weights of the files; they are left out, and the
/// same blocks without or with a projection are here.
@Suite struct OfficialReferenceTests {
  struct Reference: Sendable, CustomTestStringConvertible {
    let name: String
    let block: @Sendable () -> OfficialResNet.Block
    let isBottleneck: Bool
    let projects: Bool
    let seed: UInt64
    let operationSeeds: [UInt64]
    let images: [Double]
    let results: [Double]

    var testDescription: String { name }
  }

  private static let references = [
    Reference(
      name: "bottleneck, projection, version 1", block: { OfficialResNet.bottleneckBlockV1 }, isBottleneck: true,
      projects: true, seed: 586_563_029, operationSeeds: [15, 64, 116, 166],
      images: [0.08920872211456299, 0.8918969631195068, 4064.7060546875],
      results: [0, 0.8524793982505798, 2294.368896484375]),
    Reference(
      name: "bottleneck, version 2", block: { OfficialResNet.bottleneckBlockV2 }, isBottleneck: true, projects: false,
      seed: 576_452_547, operationSeeds: [52, 102, 152],
      images: [0.8239736557006836, 0.3485994338989258, 4108.87548828125],
      results: [0.8239736557006836, 0.3485994338989258, 1519.11328125]),
    Reference(
      name: "building, projection, version 1", block: { OfficialResNet.buildingBlockV1 }, isBottleneck: false,
      projects: true, seed: 959_272_317, operationSeeds: [15, 66, 116],
      images: [0.5349493026733398, 0.5126370191574097, 4070.01220703125],
      results: [0, 1.4142168760299683, 2306.740478515625]),
    Reference(
      name: "building, projection, version 2", block: { OfficialResNet.buildingBlockV2 }, isBottleneck: false,
      projects: true, seed: 1_524_694_851, operationSeeds: [54, 67, 117],
      images: [0.7820245027542114, 0.8173515796661377, 4095.256591796875],
      results: [-0.3681173324584961, 0.197183296084404, 213.7501678466797]),
    Reference(
      name: "building, version 1", block: { OfficialResNet.buildingBlockV1 }, isBottleneck: false, projects: false,
      seed: 1_806_366_191, operationSeeds: [13, 63],
      images: [0.23128163814544678, 0.22117376327514648, 4100.51806640625],
      results: [0.9646798372268677, 0.16614516079425812, 5799.6708984375]),
    Reference(
      name: "building, version 2", block: { OfficialResNet.buildingBlockV2 }, isBottleneck: false, projects: false,
      seed: 1_005_914_145, operationSeeds: [52, 102],
      images: [0.7616699934005737, 0.5485763549804688, 4106.8720703125],
      results: [0.42806127667427063, 0.7305102348327637, 5319.9892578125]),
  ]

  private func images(_ seed: UInt64, _ shape: [Int]) throws -> HostTensor {
    try HostTensor(
      TensorFlowRandom(seed: seed, operationSeed: 3).uniform(shape.reduce(1, *)), shape: shape)
  }

  private func isClose(_ values: [Double], _ want: [Double]) -> Bool {
    let got = [values[0], values[values.count - 1], values.reduce(0, +)]
    // What TensorFlow's own test asks for; the sum was added up in single precision.
    return zip(got, zip(want, [1e-6, 1e-6, 3e-3])).allSatisfy { abs($0 - $1.0) <= $1.1 + 1e-6 * abs($1.0) }
  }

  @Test(arguments: references) func blocksAreTheOfficialOnes(_ want: Reference) throws {
    let images = try images(want.seed, [32, 8, 8, 4])
    #expect(isClose(try images.doubles(), want.images))
    let strides = want.projects ? 2 : 1
    let channels = 4 * strides
    let graph = Graph()
    let y = withGraph(graph) {
      let projection: OfficialResNet.Projection = {
        OfficialResNet.conv2DFixedPadding($0, filters: channels, kernelSize: 1, strides: strides, dataFormat: .nhwc)
      }
      return want.block()(
        constant(images), want.isBottleneck ? channels / 4 : channels, true, want.projects ? projection : nil, strides,
        .nhwc)
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let kernels = trainableVariables(in: graph).filter { $0.name.hasSuffix("kernel") }
    #expect(kernels.count == want.operationSeeds.count)
    for (kernel, operationSeed) in zip(kernels, want.operationSeeds) {
      let random = TensorFlowRandom(seed: want.seed, operationSeed: operationSeed)
      let scale = (1 / Float(kernel.shape.dropLast().reduce(1, *))).squareRoot()
      let weights = random.truncatedNormal(kernel.shape.reduce(1, *)).map { $0 * scale }
      try session.variables.set(HostTensor(weights, shape: kernel.shape), for: kernel.name)
    }
    let values = try session.run(y)
    #expect(values.shape == [32, 8 / strides, 8 / strides, channels])
    let numbers = try values.doubles()
    let isRight = isClose(numbers, want.results)
    #expect(isRight, "\(numbers[0]), \(numbers[numbers.count - 1]), \(numbers.reduce(0, +))")
  }

  @Test func batchNormalisationIsTheOfficialOne() throws {
    let images = try images(1_398_065_124, [32, 16, 16, 3])
    #expect(isClose(try images.doubles(), [0.9722558259963989, 0.18413543701171875, 12374.20703125]))
    let graph = Graph()
    let y = withGraph(graph) { OfficialResNet.batchNorm(constant(images), training: true, dataFormat: .nhwc) }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let numbers = try session.run(y).doubles()
    #expect(abs(numbers[0] - 1.6126631498336792) < 2e-6 && abs(numbers[numbers.count - 1] + 1.096894383430481) < 2e-6)
    // 24,576 numbers whose sum is 0 but for rounding; TensorFlow's is -0.04.
    #expect(abs(numbers.reduce(0, +)) < 0.05)
  }
}
