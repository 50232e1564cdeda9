import Espalier

// The programs of the guides in `Docs/Guides`, as they stand there.

func digitsModel(
  features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, params: Hyperparameters
) throws -> EstimatorSpec {
  guard let images = features.only else { throw GraphError("one tensor of images is expected") }
  let logits = digitsNetwork(images, training: mode == .train)
  let classes = argMax(logits, axis: 1)
  guard mode != .predict, let labels = labels?.only else {
    return try EstimatorSpec(mode: mode, predictions: ["classes": classes, "probabilities": softmax(logits)])
  }
  let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
  var trainOp: Node?
  if mode == .train {
    let step = try getOrCreateGlobalStep()
    let optimizer = MomentumOptimizer(learningRate: params.learningRate, momentum: 0.9)
    trainOp = group([try optimizer.minimize(loss, globalStep: step)] + loss.graph.updateOps())
  }
  let accuracy = Metrics.accuracy(labels: labels, predictions: classes)
  return try EstimatorSpec(mode: mode, loss: loss, trainOp: trainOp, evalMetricOps: ["accuracy": accuracy])
}

struct Hyperparameters {
  var learningRate = 0.1
}

func digitsNetwork(_ images: Tensor, training: Bool) -> Tensor {
  var y = Layers.conv2D(images, filters: 16, kernelSize: 3, padding: .same, useBias: false)
  y = relu(Layers.batchNormalization(y, training: training))
  for filters in [16, 32] { y = residualBlock(y, filters, training: training) }
  return Layers.dense(reduceMean(y, axes: [1, 2]), units: 10)
}

func residualBlock(_ x: Tensor, _ filters: Int, training: Bool) -> Tensor {
  variableScope(defaultName: "block") {
    var y = Layers.conv2D(x, filters: filters, kernelSize: 3, strides: 2, padding: .same, useBias: false)
    y = relu(Layers.batchNormalization(y, training: training))
    y = Layers.conv2D(y, filters: filters, kernelSize: 3, padding: .same, useBias: false)
    let shortcut = Layers.conv2D(x, filters: filters, kernelSize: 1, strides: 2, padding: .same)
    return relu(Layers.batchNormalization(y, training: training) + shortcut)
  }
}

func rmsNorm(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  withCallSite(file, line) {
    variableScope(defaultName: "rms_norm") {
      guard let channels = x.shape[-1] else { return failedTensor("rmsNorm needs a known number of channels") }
      let scale = getVariable("scale", shape: [channels], initializer: Initializers.ones)
      return x * scale.tensor * rsqrt(reduceMean(square(x), axes: [-1], keepDims: true) + 1e-5)
    }
  }
}

func digitsInput(_ file: String, isTraining: Bool, batchSize: Int = 128) -> InputFn {
  {
    var records = Dataset.tfRecords([file])
    if isTraining { records = records.shuffled(buffer: 10_000, seed: 1).repeated() }
    return records.map(threads: 2, seed: 1) { record, random in
      let sample = try parseDigit(record)
      guard isTraining, let image = sample.features.only else { return sample }
      let moved = try image.resizedWithCropOrPad(height: 32, width: 32)
        .randomlyCropped(height: 28, width: 28, using: &random)
      return Sample(features: .single(moved), labels: sample.labels)
    }.batched(batchSize).prefetched(2)
  }
}

func parseDigit(_ record: [UInt8]) throws -> Sample {
  let features = try Example(serialized: record).features
  guard case .bytes(let images)? = features["image"], case .int64(let labels)? = features["label"] else {
    throw GraphError("a record holds no 'image' or no 'label'")
  }
  let image = try HostTensor(imagePlanes: images[0], height: 28, width: 28, depth: 1)
  return Sample(features: image, labels: HostTensor(Int32(labels[0])))
}

func runDigits() throws {
  let config = try RunConfig(modelDir: "jobs/digits", tfRandomSeed: 1, saveCheckpointsSteps: 500)
  let estimator = try Estimator(modelFn: digitsModel, config: config, params: Hyperparameters())
  let results = try trainAndEvaluate(
    estimator, TrainSpec(inputFn: digitsInput("data/train.record", isTraining: true), maxSteps: 5000),
    EvalSpec(inputFn: digitsInput("data/test.record", isTraining: false), steps: nil, throttleSecs: 0))
  print(results?["accuracy"] ?? .nan)
  let predictions = estimator.predict(inputFn: digitsInput("data/test.record", isTraining: false))
  while let prediction = try predictions.next() { print(prediction["classes"] ?? "") }
}

func tuneDigits() throws {
  let settings = WarmStartSettings(
    ckptToInitializeFrom: "jobs/digits", varsToWarmStart: .trainable(matching: "(?!.*dense)"))
  let estimator = try Estimator(
    modelFn: digitsModel, modelDir: "jobs/letters", params: Hyperparameters(learningRate: 0.01),
    warmStartFrom: settings)
  try estimator.train(inputFn: digitsInput("data/letters.record", isTraining: true), maxSteps: 500)
}
