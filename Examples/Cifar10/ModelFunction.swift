import Espalier

/// Returns the model: ResNet towers that share their variables, each with its part of the batch.
func residualModel(
  features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, params: Options
) throws -> EstimatorSpec {
  guard let labels else { throw DataError("the model needs labels") }
  let (towerCount, device) = params.towers
  var towers: [Tower] = []
  for (index, (feature, label)) in zip(features.leaves, labels.leaves).prefix(towerCount).enumerated() {
    let tower = try variableScope("resnet", reuse: index == 0 ? nil : .reuse) {
      try nameScope("tower_\(index)") {
        try withLocalDevices(worker: "/\(device):\(index)") {
          try Tower(feature: feature, label: label, isTraining: mode == .train, params: params)
        }
      }
    }
    towers.append(tower)
  }
  if params.logDevicePlacement, let graph = features.leaves.first?.graph {
    for variable in trainableVariables(in: graph) {
      Logging.info("\(variable.name): \(variable.handle.node.device)")
    }
  }
  let gradients = averageGradients(towers.map(\.gradients))
  return try withDevice("/cpu:0") {
    try specification(of: towers, gradients, labels: labels, mode: mode, params: params)
  }
}

/// One tower: the network on its part of the batch, its loss, and the gradients of its loss.
struct Tower {
  let loss: Tensor
  let gradients: [GradientAndVariable]
  let classes: Tensor
  let probabilities: Tensor
  /// The updates of its moving averages.
  let updates: [Node]

  init(feature: Tensor, label: Tensor, isTraining: Bool, params: Options) throws {
    let network = ResNetCifar10(
      layerCount: params.numLayers, isTraining: isTraining, batchNormDecay: params.batchNormDecay,
      batchNormEpsilon: params.batchNormEpsilon,
      dataFormat: params.dataFormat == "channels_first" ? .nchw : .nhwc)
    let updatesBefore = Set(feature.graph.updateOps())
    let logits = network.forwardPass(feature, inputFormat: .nhwc)
    classes = argMax(logits, axis: 1)
    probabilities = softmax(logits)
    updates = feature.graph.updateOps().filter { !updatesBefore.contains($0) }

    let crossEntropy = Losses.sparseSoftmaxCrossEntropy(labels: label, logits: logits)
    let variables = trainableVariables(in: feature.graph)
    let decay = addN(variables.map { l2Loss($0.value) }) * params.weightDecay
    loss = crossEntropy + decay
    guard isTraining else {
      gradients = []
      return
    }
    let computed = try Espalier.gradients(of: loss, withRespectTo: variables.map(\.value))
    gradients = zip(computed, variables).map { GradientAndVariable($0, $1) }
  }
}

private func specification(
  of towers: [Tower], _ gradients: [GradientAndVariable], labels: Structure<Tensor>, mode: ModeKeys, params: Options
) throws -> EstimatorSpec {
  let step = try getOrCreateGlobalStep()
  let batchesPerEpoch = try Cifar10Dataset.examplesPerEpoch("train") / params.trainBatchSize
  let learningRate = LearningRate.piecewiseConstant(
    step.value, boundaries: [82, 123, 300].map { $0 * batchesPerEpoch },
    values: [1, 0.1, 0.01, 0.002].map { $0 * params.learningRate })
  let loss = reduceMean(stack(towers.map(\.loss)), name: "loss")

  let classes = concat(towers.map(\.classes), axis: 0)
  let truth = concat(labels.leaves, axis: 0)
  let accuracy = Metrics.accuracy(labels: truth, predictions: classes)
  let isCorrect = equal(classes, cast(truth, to: classes.dataType))

  var trainOp: Node?
  var hooks: [any SessionRunHook] = []
  if mode == .train {
    let optimizer = MomentumOptimizer(learningRate: learningRate, momentum: params.momentum)
    let applied = try optimizer.applyGradients(gradients, globalStep: step)
    // The first tower's moving averages stand for all: their statistics gather fast enough.
    trainOp = group([applied] + (towers.first?.updates ?? []))
    hooks = [
      try LoggingTensorHook(
        ["learning_rate": .tensor(learningRate), "loss": .tensor(loss)], everyNIter: params.logEverySteps),
      try ExamplesPerSecondHook(batchSize: params.trainBatchSize, everyNSteps: params.logEverySteps),
    ]
  }
  return try EstimatorSpec(
    mode: mode,
    predictions: .dictionary([
      "classes": classes, "probabilities": concat(towers.map(\.probabilities), axis: 0),
    ]), loss: loss, trainOp: trainOp, evalMetricOps: ["accuracy": accuracy], trainingHooks: hooks,
    progress: ["accuracy": reduceMean(cast(isCorrect, to: .float32))])
}
