import Espalier
import TestSupport
import Testing

@Suite struct SummaryTests {
  @Test func layersAreCounted() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try Estimator(
          modelFn: { features, labels, mode in
            let x = features.leaves[0]
            let conv = Layers.conv2D(x, filters: 8, kernelSize: 3, padding: .same, name: "conv")
            let normal = Layers.batchNormalization(conv, training: mode == .train, name: "norm")
            let pooled = nameScope("a_scope_with_a_name_that_no_terminal_has_room_for") {
              Layers.maxPooling2D(relu(normal), poolSize: 2, strides: 2)
            }
            let logits = Layers.dense(Layers.flatten(pooled), units: 10, name: "logits")
            let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels!.leaves[0], logits: logits)
            let trained = try MomentumOptimizer(learningRate: 0.1, momentum: 0.9).minimize(
              loss, globalStep: try getOrCreateGlobalStep())
            return try EstimatorSpec(mode: mode, loss: loss, trainOp: group([trained] + x.graph.updateOps()))
          }, modelDir: directory)
        let batch = Sample(
          features: HostTensor(zeros: .float32, shape: [4, 6, 6, 3]), labels: HostTensor(zeros: .int64, shape: [4]))
        let summary = try estimator.summary(for: batch)
        let conv = try #require(summary.layers.first)
        #expect(conv.name == "conv" && conv.operation == "Conv2D" && conv.outputShape == [4, 6, 6, 8])
        #expect(conv.parameterCount == 3 * 3 * 3 * 8 + 8)
        #expect(conv.multiplyAdds == 4 * 6 * 6 * 8 * 27)
        #expect(summary.layers.map(\.name).contains("norm"))
        let logits = try #require(summary.layers.first { $0.name == "logits" })
        #expect(logits.parameterCount == 72 * 10 + 10 && logits.multiplyAdds == 4 * 10 * 72)
        #expect(logits.outputShape == [4, 10])
        #expect(summary.trainableParameterCount == 224 + 16 + 730)
        #expect(summary.parameterCount >= summary.trainableParameterCount)
        #expect(try #require(summary.peakBytes) > summary.trainableParameterCount * 8, "weights and momenta at least")
        let text = "\(summary)"
        #expect(text.contains("conv") && text.contains("[4, 6, 6, 8]") && text.contains("31.1 k"))
        #expect(text.contains("970 are trained."))
        let lines = text.split(separator: "\n")
        #expect(text.contains("a_scope_wi…") && lines.allSatisfy { $0.count <= 110 })
        #expect(lines[1].allSatisfy { $0 == "─" } && lines.prefix(3).allSatisfy { $0.count <= lines[1].count })
      }
    }
  }
}
