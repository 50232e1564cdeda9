import EspalierGraph
import EspalierLayers
import Testing

@Suite struct LayerTests {
  @Test func namesAndShapesAreTensorFlows() {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 8, 8, 3])
      variableScope("net") {
        var y = Layers.conv2D(x, filters: 4, kernelSize: 3, padding: .same, activation: .relu, useBias: false)
        #expect(y.name == "net/conv2d/Relu:0")
        y = Layers.conv2D(y, filters: 6, kernelSize: Size2D(3, 1), strides: 2, kernelRegularizer: Regularizers.l2(0.1))
        #expect(y.shape == [nil, 3, 4, 6])
        y = Layers.batchNormalization(y, training: true)
        y = Layers.maxPooling2D(y, poolSize: 2, strides: 1)
        y = Layers.averagePooling2D(y, poolSize: 2, strides: 2, padding: .same)
        y = Layers.dropout(Layers.flatten(y), rate: 0.5, training: true)
        #expect(y.shape == [nil, 12])
        #expect(Layers.dense(y, units: 5).name == "net/dense/BiasAdd:0")
        #expect(Layers.dense(x, units: 7, name: "pixels").shape == [nil, 8, 8, 7])
      }
    }
    #expect(graph.diagnostics.isEmpty)
    let normalization = ["gamma", "beta", "moving_mean", "moving_variance"].map { "batch_normalization/" + $0 }
    let names =
      ["conv2d/kernel", "conv2d_1/kernel", "conv2d_1/bias"] + normalization
      + ["dense/kernel", "dense/bias", "pixels/kernel", "pixels/bias"]
    #expect(graph.collection(.globalVariables, of: Variable.self).map(\.name) == names.map { "net/" + $0 })
    #expect(
      graph.updateOps().map(\.name) == ["AssignMovingAvg", "AssignMovingAvg_1"].map { "net/batch_normalization/" + $0 })
    let losses = Losses.regularizationLosses(in: graph).map(\.name)
    #expect(losses == ["net/conv2d_1/kernel/Regularizer/l2_regularizer:0"])
    for node in [
      "conv2d/Conv2D", "conv2d_1/BiasAdd", "max_pooling2d/MaxPool", "average_pooling2d/AvgPool", "dense/MatMul",
    ] {
      #expect(graph.node(named: "net/" + node) != nil, "\(node)")
    }
  }

  @Test func namedLayersAreReused() {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 4])
      _ = Layers.dense(x, units: 3, name: "fc")
      _ = Layers.dense(x, units: 3, name: "fc", reuse: true)
    }
    #expect(graph.diagnostics.isEmpty)
    #expect(trainableVariables(in: graph).map(\.name) == ["fc/kernel", "fc/bias"])
  }

  @Test func inputsThatDoNotFitAreRefused() {
    let graph = Graph()
    withGraph(graph) {
      _ = Layers.conv2D(placeholder(.float32, shape: [nil, 3]), filters: 1, kernelSize: 3)
      _ = Layers.conv2D(placeholder(.float32, shape: [nil, 8, 8, nil]), filters: 1, kernelSize: 3)
      _ = Layers.dense(placeholder(.float32), units: 1)
    }
    #expect(
      graph.diagnostics.map(\.message) == [
        "Input 0 of layer conv2d is incompatible with the layer: expected ndim=4, found ndim=2. "
          + "Full shape received: (None, 3)",
        "The channel dimension of the inputs should be defined. Found `None`.",
        "The last dimension of the inputs to `Dense` should be defined. Found `None`.",
      ])
    #expect(graph.diagnostics.allSatisfy { $0.description.contains("LayerTests.swift") })
  }

  @Test func dropoutScalesWhatItKeeps() throws {
    let trial = try Trial {
      let x = ones([1000])
      return [Layers.dropout(x, rate: 0.25, training: true), Layers.dropout(x, rate: 0.25)]
    }
    let results = try trial.session.run(trial.nodes).map { try $0.doubles() }
    #expect(results[0].allSatisfy { $0 == 0 || Swift.abs($0 - 4.0 / 3) < 1e-6 })
    #expect((650...850).contains(results[0].count { $0 > 0 }))
    #expect(results[1].allSatisfy { $0 == 1 })
  }
}
