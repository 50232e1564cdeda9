import Espalier

/// A classifier of images: ResNet without its last layer, and a layer for the classes at hand.
struct ClassificationModel {
  let isTraining: Bool
  let options: Options

  /// Returns images in the size of the network, less the means of their colours.
  func preprocess(_ images: Tensor) -> Tensor {
    let cut = resizeWithCropOrPad(images, height: options.inputSize, width: options.inputSize)
    return cut - constant(ImagenetPreprocessing.channelMeans)
  }

  /// Returns the logits; `resnet/block4` and so on are among the end points.
  func predict(_ images: Tensor) -> (logits: Tensor, endPoints: Slim.EndPoints) {
    Slim.argScope(Slim.resnetArgScope(isTraining: isTraining, batchNormDecay: options.batchNormDecay)) {
      let (net, endPoints) = Slim.resnetV1(
        images, blocks: Slim.resnetV1Blocks(options.units, baseDepth: options.baseDepth), scope: "resnet_v1_50")
      let features = squeeze(net, axes: [1, 2])
      let logits = Slim.fullyConnected(features, options.numClasses, activation: .some(nil), scope: "Predict/logits")
      return (logits, endPoints)
    }
  }

  func postprocess(_ logits: Tensor) -> [String: Tensor] {
    ["logits": softmax(logits), "classes": argMax(logits, axis: 1)]
  }

  func loss(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    _ = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
    return Losses.totalLoss()
  }
}

/// Returns the specification of the estimator.
func createModel(
  features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, options: Options
) throws -> EstimatorSpec {
  guard let images = features["image"] else { throw ResNetError("the features hold no 'image'") }
  let model = ClassificationModel(isTraining: mode == .train, options: options)
  let (logits, _) = model.predict(model.preprocess(images))
  let outputs = model.postprocess(logits)
  if mode == .train, !options.checkpointPath.isEmpty {
    try Slim.initVariablesFromCheckpoint(options.checkpointPath, excluding: options.checkpointExcludeScopes)
  }
  guard mode != .predict, let labels = labels?.only, let classes = outputs["classes"] else {
    return try EstimatorSpec(
      mode: mode, predictions: .dictionary(outputs),
      exportOutputs: ["tensorflow/serving/predict": .predict(.dictionary(outputs))])
  }
  let loss = model.loss(logits, labels)
  let accuracy = Metrics.batchAccuracy(labels: labels, predictions: classes)
  Summaries.scalar("loss", loss)
  Summaries.scalar("accuracy", accuracy)
  var trainOp: Node?
  if mode == .train {
    let step = try getOrCreateGlobalStep()
    let rate = Slim.learningRate(
      options.learningRateDecayType, options.learningRate, step: step.value,
      steps: options.decaySteps, factor: options.decayFactor, end: options.endLearningRate)
    let trained = Slim.variables(trainableVariables(in: images.graph), excluding: options.scopesToFreeze)
    let optimizer = MomentumOptimizer(learningRate: rate, momentum: 0.9)
    trainOp = try Slim.createTrainOp(loss, optimizer, variablesToTrain: trained, summarizeGradients: true).node
  }
  return try EstimatorSpec(
    mode: mode, predictions: ["logits": logits], loss: loss, trainOp: trainOp,
    evalMetricOps: ["Accuracy": Metrics.accuracy(labels: labels, predictions: classes)],
    scaffold: Scaffold(saver: Saver(keepCheckpointEveryNHours: options.keepCheckpointEveryNHours)),
    progress: ["accuracy": accuracy])
}
