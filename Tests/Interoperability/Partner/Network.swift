import Espalier

/// The network that both sides train: `judge.py` builds the same one.
enum Network {
  static let batchSize = 6
  static let classCount = 4
  static let imageShape = [8, 8, 3]

  /// Images made by a formula that gives the same bits in Python.
  static func images() throws -> HostTensor {
    let count = batchSize * imageShape.reduce(1, *)
    return try HostTensor((0..<count).map { Float($0 * 7919 % 1000) / 1000 - 0.5 }, shape: [batchSize] + imageShape)
  }

  /// The same batch in each step, so that it does not matter where an input goes on.
  static func input(passes: Int? = nil) throws -> Dataset<Sample> {
    let labels = HostTensor((0..<Int32(batchSize)).map { $0 % Int32(classCount) })
    return Dataset.elements([Sample(features: ["image": try images()], labels: .single(labels))]).repeated(passes)
  }

  static func modelFn(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys
  ) throws -> EstimatorSpec {
    guard let image = features["image"] ?? features.only else {
      throw EstimatorError.invalidArgument("there is no feature 'image'")
    }
    var x = Layers.conv2D(image, filters: 4, kernelSize: 3, padding: .same, useBias: false)
    x = relu(Layers.batchNormalization(x, momentum: 0.9, training: mode == .train))
    let logits = Layers.dense(reduceMean(x, axes: [1, 2]), units: classCount)
    let predictions = ["classes": argMax(logits, axis: 1), "probabilities": softmax(logits)]
    guard mode != .predict, let labels = labels?.only else {
      return try EstimatorSpec(
        mode: mode, predictions: .dictionary(predictions),
        exportOutputs: ["predict": .predict(.dictionary(predictions))])
    }
    let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
    var trainOp: Node?
    if mode == .train {
      Summaries.histogram("logits", logits)
      let step = try getOrCreateGlobalStep()
      let applied = try MomentumOptimizer(learningRate: 0.1, momentum: 0.9).minimize(loss, globalStep: step)
      trainOp = group([applied] + image.graph.updateOps())
    }
    return try EstimatorSpec(
      mode: mode, predictions: .dictionary(predictions), loss: loss, trainOp: trainOp,
      evalMetricOps: ["accuracy": Metrics.accuracy(labels: labels, predictions: predictions["classes"] ?? logits)])
  }

  static func estimator(_ directory: String) throws -> Estimator<Void> {
    let config = try RunConfig(
      modelDir: directory, tfRandomSeed: 1, saveSummarySteps: 1, saveCheckpointsSteps: 100, logStepCountSteps: 1)
    return try Estimator(modelFn: modelFn, config: config)
  }
}

/// Prints the loss of each step.
final class PrintLossHook: SessionRunHook {
  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    guard let loss = context.originalArgs.fetches.first.flatMap(values.number) else { return }
    print("loss \(context.globalStep ?? 0) \(loss)")
  }
}
