import EspalierGraph
import EspalierLayers
import EspalierResNet
import Testing

@Suite struct ParameterCountTests {
  /// Returns the graph of a network in training.
  private func graph(layers: Int, dataFormat: DataFormat = .nhwc) -> Graph {
    let graph = Graph()
    withGraph(graph) {
      let images = placeholder(.float32, shape: [nil, 32, 32, 3])
      let net = ResNetCifar10(layerCount: layers, isTraining: true, dataFormat: dataFormat)
      let logits = variableScope("resnet") { net.forwardPass(images) }
      #expect(logits.shape == [nil, 11])
    }
    #expect(graph.diagnostics.isEmpty)
    return graph
  }

  private func count(_ variables: [Variable]) -> Int { variables.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  @Test(arguments: [(8, 75_355), (20, 269_787), (44, 658_651)]) func trainedParameters(_ layers: Int, _ want: Int) {
    #expect(count(trainableVariables(in: graph(layers: layers))) == want)
  }

  @Test func movingStatisticsAreNotTrained() {
    let graph = graph(layers: 44)
    let all: [Variable] = graph.collection(.globalVariables)
    #expect(count(all) - count(trainableVariables(in: graph)) == 3168)
    #expect(graph.updateOps().count == 2 * 43)
  }

  @Test(arguments: [DataFormat.nhwc, .nchw]) func namesAreTensorFlows(_ dataFormat: DataFormat) {
    let graph = graph(layers: 8, dataFormat: dataFormat)
    let all: [Variable] = graph.collection(.globalVariables)
    let first = ["conv2d/kernel", "BatchNorm/gamma", "BatchNorm/beta"]
    let moving = ["BatchNorm/moving_mean", "BatchNorm/moving_variance", "conv2d_1/kernel"]
    #expect(all.prefix(6).map(\.name) == (first + moving).map { "resnet/" + $0 })
    #expect(all.suffix(2).map(\.name) == ["resnet/dense/kernel", "resnet/dense/bias"])
    #expect(graph.node(named: "resnet/stage_1/residual_v1/conv2d_3/Conv2D") != nil)
    #expect(graph.node(named: "resnet/BatchNorm/AssignMovingAvg") != nil)
  }

  @Test func towersShareVariables() {
    let graph = Graph()
    withGraph(graph) {
      let images = placeholder(.float32, shape: [nil, 32, 32, 3])
      for tower in 0..<2 {
        variableScope("resnet", reuse: tower > 0 ? true : false) {
          nameScope("tower_\(tower)") {
            _ = ResNetCifar10(layerCount: 8, isTraining: true).forwardPass(images)
          }
        }
      }
    }
    #expect(graph.diagnostics.isEmpty)
    #expect(count(trainableVariables(in: graph)) == 75_355)
    #expect(graph.updateOps(scope: "resnet/tower_0").count == 14)
    #expect(graph.updateOps(scope: "resnet_1/tower_1").count == 14)
  }

  @Test func unitsOfTheSecondKindKeepTheirShape() {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 8, 8, 16])
      let parts = ResNet(isTraining: true, batchNormDecay: 0.997, batchNormEpsilon: 1e-5)
      let y = parts.residualV2(x, inFilters: 16, outFilters: 32, stride: 2, activateBeforeResidual: true)
      #expect(y.shape == [nil, 4, 4, 32])
      #expect(parts.bottleneckResidualV2(y, inFilters: 32, outFilters: 64, stride: 2).shape == [nil, 2, 2, 64])
      _ = parts.forwardPass(x)
    }
    #expect(graph.diagnostics.map(\.message) == ["forward_pass() is implemented in ResNet sub classes"])
  }
}
