import Espalier

/// Returns the model: ResNet towers that share their variables, each with its part of the batch.
func residualModel(
  features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, params: Options
) throws -> EstimatorSpec {
  guard let labels else { throw DataError("the model needs labels") }
  let (towerCount, device) = params.towers
  let batches = zip(features.leaves, labels.leaves).prefix(towerCount)
  let towers = try batches.enumerated().map { index, batch in
    let setter = ReplicaDeviceSetter(parameterDevices: ["/cpu:0"], workerDevice: "/\(device):\(index)")
    return try variableScope("resnet", reuse: index == 0 ? nil : .reuse) {
      try nameScope("tower_\(index)") {
        try withDevice(setter) { try Tower(batch.0, label: batch.1, isTraining: mode == .train, params: params) }
      }
    }
  }
  return try withDevice("/cpu:0") { try specification(of: towers, labels: labels, mode: mode, params: params) }
}

/// One tower: the network on its part of the batch, its loss, and the gradients of its loss.
struct Tower {
  let loss: Tensor
  let gradients: [GradientAndVariable]
  let classes: Tensor
  let probabilities: Tensor

  init(_ images: Tensor, label: Tensor, isTraining: Bool, params: Options) throws {
    let network = ResNetCifar10(
      layerCount: params.numLayers, isTraining: isTraining, batchNormDecay: params.batchNormDecay,
      batchNormEpsilon: params.batchNormEpsilon, dataFormat: params.dataFormat == "channels_first" ? .nchw : .nhwc)
    let logits = network.forwardPass(images)
    classes = argMax(logits, axis: 1)
    probabilities = softmax(logits)

    let variables = trainableVariables(in: images.graph)
    let decay = addN(variables.map { l2Loss($0.value) }) * params.weightDecay
    loss = Losses.sparseSoftmaxCrossEntropy(labels: label, logits: logits) + decay
    let slopes = isTraining ? try Espalier.gradients(of: loss, withRespectTo: variables.map(\.value)) : []
    gradients = zip(slopes, variables).map { GradientAndVariable($0, $1) }
  }
}

private func specification(
  of towers: [Tower], labels: Structure<Tensor>, mode: ModeKeys, params: Options
) throws -> EstimatorSpec {
  let step = try getOrCreateGlobalStep()
  let batchesPerEpoch = Cifar10Dataset.Subset.train.examplesPerEpoch / params.trainBatchSize
  let learningRate = LearningRate.piecewiseConstant(
    step.value, boundaries: [82, 123, 300].map { $0 * batchesPerEpoch },
    values: [1, 0.1, 0.01, 0.002].map { $0 * params.learningRate })
  let loss = reduceMean(stack(towers.map(\.loss)), name: "loss")

  let classes = concat(towers.map(\.classes), axis: 0)
  let truth = concat(labels.leaves, axis: 0)

  var trainOp: Node?
  var hooks: [any SessionRunHook] = []
  if mode == .train {
    let optimizer = MomentumOptimizer(learningRate: learningRate, momentum: params.momentum)
    let applied = try optimizer.applyGradients(averageGradients(towers.map(\.gradients)), globalStep: step)
    // The first tower's moving averages stand for all: their statistics gather fast enough.
    trainOp = group([applied] + step.graph.updateOps(scope: "resnet/tower_0/"))
    hooks = [
      try LoggingTensorHook(
        ["learning_rate": .tensor(learningRate), "loss": .tensor(loss)], everyNIter: params.logEverySteps),
      try ExamplesPerSecondHook(batchSize: params.trainBatchSize, everyNSteps: params.logEverySteps),
    ]
  }
  return try EstimatorSpec(
    mode: mode,
    predictions: ["classes": classes, "probabilities": concat(towers.map(\.probabilities), axis: 0)], loss: loss,
    trainOp: trainOp, evalMetricOps: ["accuracy": Metrics.accuracy(labels: truth, predictions: classes)],
    trainingHooks: hooks, progress: ["accuracy": Metrics.batchAccuracy(labels: truth, predictions: classes)])
}
