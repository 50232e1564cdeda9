import Espalier
import TestSupport
import Testing

/// Trainings of a network that many threads work on.
@Suite struct DeterminismTests {
  private func input(threads: Int) throws -> Dataset<Sample> {
    Dataset.range(0..<64).shuffled(buffer: 32, seed: 3).repeated()
      .map(threads: threads, seed: 5) { number, random in
        let pixels = (0..<32 * 32 * 3).map { _ in Float(Int.random(in: 0..<256, using: &random)) }
        return Sample(
          features: .single(try HostTensor(pixels, shape: [32, 32, 3])), labels: .single(HostTensor(Int32(number % 10)))
        )
      }.batched(16).prefetched(2)
  }

  private func modelFn(
    _ features: Structure<Tensor>, _ labels: Structure<Tensor>?, _ mode: ModeKeys
  ) throws -> EstimatorSpec {
    let images = try #require(features.only)
    let logits = ResNetCifar10(layerCount: 8, isTraining: mode == .train).forwardPass(images)
    let loss = Losses.sparseSoftmaxCrossEntropy(labels: try #require(labels?.only), logits: logits)
    let step = try getOrCreateGlobalStep()
    let applied = try MomentumOptimizer(learningRate: 0.05, momentum: 0.9).minimize(loss, globalStep: step)
    return try EstimatorSpec(mode: mode, loss: loss, trainOp: group([applied] + images.graph.updateOps()))
  }

  /// Returns the checksums of the files of the last checkpoint.
  private func train(_ directory: String, threads: Int) throws -> [String] {
    var config = try RunConfig(tfRandomSeed: 11)
    config.sessionThreads = threads
    let estimator = try Estimator(modelFn: modelFn, modelDir: directory, config: config)
    try estimator.train(inputFn: { try input(threads: threads) }, steps: 3)
    return try ["index", "data-00000-of-00001"].map { suffix in
      var sum = SHA256()
      sum.update(try bytes(ofFile: "\(directory)/model.ckpt-3.\(suffix)"))
      return sum.hex
    }
  }

  @Test func trainingHasTheSameBitsWithAnyNumberOfThreads() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let results = try [1, 2, 8, 1, 2, 8].enumerated().map { run, threads in
          try train("\(directory)/\(run)", threads: threads)
        }
        #expect(Set(results).count == 1)
      }
    }
  }
}
