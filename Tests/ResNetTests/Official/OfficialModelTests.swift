import EspalierExecutor
import EspalierGraph
import EspalierLayers
import EspalierResNet
import Testing

@Suite struct OfficialModelTests {
  /// Returns the graph of a network in training, and its logits.
  private func graph(
    _ model: OfficialResNetModel, size: Int, training: Bool = true
  ) -> (graph: Graph, logits: Tensor) {
    let graph = Graph()
    let logits = withGraph(graph) {
      model(placeholder(model.dataType, shape: [nil, size, size, 3], name: "images"), training: training)
    }
    #expect(graph.diagnostics.isEmpty)
    return (graph, logits)
  }

  private func count(_ variables: [Variable]) -> Int { variables.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  @Test(arguments: [
    (8, 78_330, 78_106), (20, 272_762, 272_538), (32, 467_194, 466_970), (44, 661_626, 661_402),
    (56, 856_058, 855_834), (110, 1_731_002, 1_730_778),
  ]) func cifarParameters(_ size: Int, _ version1: Int, _ version2: Int) throws {
    for (version, want) in [(1, version1), (2, version2)] {
      let (graph, logits) = graph(try Cifar10Model(resnetSize: size, resnetVersion: version), size: 32)
      #expect(count(trainableVariables(in: graph)) == want)
      #expect(logits.shape == [nil, 10])
    }
  }

  @Test(arguments: [
    (18, 11_694_249, 11_692_329), (34, 21_802_409, 21_800_489), (50, 25_559_081, 25_551_401),
    (101, 44_551_209, 44_543_529), (152, 60_194_857, 60_187_177), (200, 64_675_881, 64_668_201),
  ]) func imagenetParameters(_ size: Int, _ version1: Int, _ version2: Int) throws {
    for (version, want) in [(1, version1), (2, version2)] {
      let (graph, logits) = graph(try ImagenetModel(resnetSize: size, resnetVersion: version), size: 224)
      #expect(count(trainableVariables(in: graph)) == want)
      #expect(logits.shape == [nil, 1001])
    }
  }

  @Test(arguments: [DataFormat.nhwc, .nchw]) func partsCanBeFetchedByName(_ dataFormat: DataFormat) throws {
    let (graph, _) = graph(try ImagenetModel(resnetSize: 50, resnetVersion: 1, dataFormat: dataFormat), size: 224)
    let extents = [
      "initial_conv": (112, 64), "initial_max_pool": (56, 64), "block_layer1": (56, 256), "block_layer2": (28, 512),
      "block_layer3": (14, 1024), "block_layer4": (7, 2048), "final_reduce_mean": (1, 2048),
    ]
    for (name, (size, channels)) in extents {
      let node = graph.node(named: "resnet_model/" + name)
      let want: [Int?] = dataFormat == .nhwc ? [nil, size, size, channels] : [nil, channels, size, size]
      #expect(node?.outputs.first?.shape == Shape(want), "shape of \(name)")
    }
    #expect(graph.node(named: "resnet_model/final_dense") != nil)
    let names = trainableVariables(in: graph).map(\.name)
    #expect(names.prefix(2) == ["resnet_model/conv2d/kernel", "resnet_model/batch_normalization/gamma"])
    #expect(names.suffix(2) == ["resnet_model/dense/kernel", "resnet_model/dense/bias"])
  }

  @Test func whatThereIsNotIsRefused() {
    func text(_ body: () throws -> OfficialResNetModel) -> String {
      do { return "\(try body())" } catch { return "\(error)" }
    }
    #expect(
      text { try Cifar10Model(resnetSize: 8, resnetVersion: 3) }
        == "Resnet version should be 1 or 2. See README for citations.")
    #expect(text { try Cifar10Model(resnetSize: 8, dataType: .int8) }.hasPrefix("dtype must be one of: "))
    #expect(text { try Cifar10Model(resnetSize: 9) } == "resnet_size must be 6n + 2: 9")
    #expect(text { try ImagenetModel(resnetSize: 51) }.contains("sizes allowed: [18, 34, 50, 101, 152, 200]."))
  }

  @Test func variablesOfAHalfPrecisionModelAreInSinglePrecision() throws {
    let (graph, logits) = graph(try Cifar10Model(resnetSize: 8, resnetVersion: 1, dataType: .float16), size: 32)
    let all: [Variable] = graph.collection(.globalVariables)
    #expect(all.allSatisfy { $0.dataType == .float32 })
    #expect(logits.dataType == .float16)
    #expect(graph.node(named: "resnet_model/conv2d/kernel_cast") != nil)
    #expect(graph.node(named: "resnet_model/block_layer1")?.outputs.first?.dataType == .float16)
  }

  @Test func kernelsAreDrawnWithVarianceOneOverFanIn() throws {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 8, 8, 64])
      _ = OfficialResNet.conv2DFixedPadding(x, filters: 128, kernelSize: 3, strides: 1, dataFormat: .nhwc)
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let weights = try #require(session.variables.value(of: "conv2d/kernel")).doubles()
    let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
    #expect(abs(variance.squareRoot() - 0.0417) < 5e-4)
    #expect(weights.allSatisfy { abs($0) < 0.0948 })
  }

  @Test func paddingDoesNotDependOnTheSize() throws {
    let graph = Graph()
    let sums = withGraph(graph) {
      [4, 8].map { n in
        let image = constant((1...n).map { Float($0) }, shape: [1, n, 1, 1])
        let padded = OfficialResNet.fixedPadding(image, kernelSize: 3, dataFormat: .nhwc)
        return conv2D(padded, filter: ones([3, 3, 1, 1]), strides: (2, 2), padding: .valid)
      }
    }
    let session = Session(graph: graph)
    #expect(try session.run(sums[0]).doubles() == [3, 9])
    #expect(try session.run(sums[1]).doubles() == [3, 9, 15, 21])
  }
}
