import Espalier

/// The right column of `Docs/PortingFromTensorFlow.md`, compiled: each row stands here as it stands there.
enum PortingRows {
  static func graphs() throws {
    let graph = Graph()
    try withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 28, 28, 1])
      let two = constant(Float(2))
      let w = getVariable("w", shape: [3, 3, 1, 16], initializer: Initializers.heNormal())
      variableScope("net", reuse: .auto) { _ = getVariable("b", shape: [16]) }
      nameScope("block") { _ = two * 2 }
      _ = currentGraph
      withDevice("/gpu:0") { _ = two + 1 }
      withDevice(ReplicaDeviceSetter(psTasks: 2)) { _ = two + 2 }
      withControlDependencies(on: graph.updateOps()) { _ = identity(two) }
      let variables = trainableVariables(in: graph)
      let losses = graph.collection(.losses, of: Tensor.self)
      graph.add(two, to: .losses)
      let grads = try gradients(of: two, withRespectTo: variables.map(\.value))
      let gated = try gradients(of: [two], withRespectTo: [x], gateGradients: true, colocateGradientsWithOps: true)
      let tree = try gradients(of: [two], withRespectTo: [x], aggregationMethod: .experimentalTree)
      _ = customGradient(x) { x in (log(1 + exp(x)), { dy in dy * sigmoid(x) }) }
      graph.registerGradient("Straight") { node, upstream in upstream }
      let y = withGradientOverrides(["Round": "Straight"]) { round(x) }
      withColocation(with: w.variable.handle.node) { _ = two + 1 }
      _ = tuple([x, two])
      _ = getVariable("p", shape: [64, 8], partitioner: Partitioners.fixedSize(4))
      let all = group(grads.compactMap { $0?.node })
      let session = Session(graph: graph)
      try session.run(globalVariablesInitializer())
      let values = try session.run([two], feeding: [x: HostTensor(zeros: .float32, shape: [1, 28, 28, 1])])
      _ = (w, losses, all, values, gated, tree, y)
    }
  }

  static func savers(graph: Graph, session: Session) throws {
    let saver = Saver(maxToKeep: 2, variables: trainableVariables(in: graph))
    try saver.save(session, to: "run/model.ckpt", globalStep: 100, metaGraphSuffix: "graph")
    try saver.restore(session, from: latestCheckpoint(in: "run"))
    try saver.exportMetaGraph(of: graph, to: "run/graph.meta")
    let state = try checkpointState(in: "run")
    let listed = try listVariables("run")
    try withGraph(graph) { _ = try initFromCheckpoint("run", ["old/": "new/"]) }
    _ = (state, listed)
  }

  static func images(x: Tensor, file: Tensor, pixels: Tensor) {
    _ = randomJpegQuality(x, minimum: 75, maximum: 95)
    _ = decodePng(file, dataType: .uint16)
    _ = decodeJpeg(file, ratio: 2, tryRecoverTruncated: true)
    _ = encodeJpeg(pixels, quality: 90, optimizeSize: true)
  }

  static func operations(x: Tensor, labels: Tensor) {
    _ = cast(x, to: .float32)
    _ = reshape(x, to: [-1, 784])
    _ = transpose(x, order: [0, 3, 1, 2])
    _ = concat([x, x], axis: 0)
    _ = pad(x, paddings: [(0, 0), (1, 1), (1, 1), (0, 0)])
    _ = reduceMean(x, axes: [1, 2])
    _ = argMax(x, axis: 1)
    _ = select(less(x, zeros(like: x)), 0.1 * x, x)
    _ = addN([x, x])
    _ = l2Loss(x)
    _ = x[.all, .every(2), .every(2)]
    _ = relu(x)
    _ = softmax(x)
    _ = conv2D(x, filter: x, strides: (2, 2), padding: .same)
    _ = averagePool2D(x, size: (2, 2), strides: (2, 2), padding: .valid)
    _ = sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: x)
    _ = randomFlipLeftRight(x)
    _ = randomCrop(x, size: [24, 24, 3])
    _ = sampleDistortedBoundingBox(imageSize: shape(x), boundingBoxes: x)
    _ = moments(x, axes: [0, 1, 2])
  }

  static func layers(x: Tensor, labels: Tensor, best: Tensor, mode: ModeKeys) {
    _ = Layers.conv2D(x, filters: 32, kernelSize: 3, strides: 2, padding: .same, useBias: false)
    _ = Layers.batchNormalization(x, momentum: 0.997, epsilon: 1e-5, training: mode == .train)
    _ = Layers.maxPooling2D(x, poolSize: 3, strides: 2, padding: .same)
    _ = Layers.dense(Layers.flatten(x), units: 10, activation: .relu)
    _ = Layers.dropout(x, rate: 0.4, training: mode == .train)
    _ = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: x)
    _ = Losses.totalLoss()
    _ = Metrics.accuracy(labels: labels, predictions: argMax(x, axis: 1))
    _ = Metrics.precisionAtTopK(labels: labels, predictedClasses: best)
    _ = Metrics.recallAtK(labels: labels, predictions: x, k: 5, classID: 3)
    _ = Summaries.scalar("loss", x)
    _ = Summaries.image("images", x, maxOutputs: 6)
    _ = Summaries.audio("sounds", x, sampleRate: 8000)
  }

  static func training(loss: Tensor, graph: Graph) throws {
    let step = try getOrCreateGlobalStep()
    let rate = LearningRate.piecewiseConstant(step.value, boundaries: [1000, 2000], values: [0.1, 0.01, 0.001])
    let optimizer = MomentumOptimizer(learningRate: rate, momentum: 0.9)
    let minimize = try optimizer.minimize(loss, globalStep: step)
    _ = try optimizer.minimize(loss, gateGradients: .graph)
    let pairs = try optimizer.computeGradients(of: loss)
    let apply = try optimizer.applyGradients(pairs, globalStep: step)
    let trainOp = group([minimize, apply] + graph.updateOps())
    let w = graph.collection(.trainableVariables, of: Variable.self)[0].value
    let curvature = try hessians(of: [loss], withRespectTo: [w])
    _ = (LossScaleOptimizer(optimizer, DynamicLossScale()), MovingAverageOptimizer(optimizer))
    _ = (curvature, trainOp, AdamOptimizer(learningRate: 0.001), GradientDescentOptimizer(learningRate: 0.1))
  }

  static func data(files: [String], url: String, sum: String) throws {
    let records = Dataset.tfRecords(files)
    let names = try Dataset.listFiles("train-*", seed: 1)
    let parsed = records.map(threads: 2) { record in try Example(serialized: record) }
    let parse: @Sendable ([UInt8]) throws -> Example = { try Example(serialized: $0) }
    var options = DatasetOptions()
    options.threading.privateThreadpoolSize = 2
    let free = records.map(threads: 4, deterministic: false, parse).withOptions(options)
    let batches = Dataset.range(0..<100).shuffled(buffer: 100).repeated().map { Float($0) }
      .map { HostTensor($0) }.batched(32, dropsRemainder: true).prefetched(2)
    let turns = Dataset.elements(files).interleaved(cycle: 4, block: 32) { .tfRecords([$0]) }
    let sparse = SparseValues(indices: [[0, 1]], values: HostTensor([Float(1)]), denseShape: [2, 3])
    _ = try Dataset.slices(of: sparse)
    let part = records.sharded(count: 4, index: 0).cached().ignoringErrors()
    let writer = try TFRecordWriter(path: "train.tfrecords")
    try writer.write(Example(features: ["label": .int64([3])]).serialized())
    try Files.download(url, to: "x.tar.gz", sha256: sum)
    let inside = try Files.names(inDirectory: "records")
    _ = (inside, names, parsed, batches, turns, part, free)
  }

  static func estimators(modelFn: @escaping Estimator<Int>.ModelFn, inputFn: @escaping InputFn) throws {
    let config = try RunConfig(modelDir: "run", saveCheckpointsSteps: 1000)
    let estimator = try Estimator(modelFn: modelFn, config: config, params: 3)
    try estimator.train(inputFn: inputFn, maxSteps: 10_000)
    let results = try estimator.evaluate(inputFn: inputFn, steps: 100)
    let predictions = estimator.predict(inputFn: inputFn)
    while let prediction = try predictions.next() { _ = prediction }
    try trainAndEvaluate(estimator, TrainSpec(inputFn: inputFn, maxSteps: 10_000), EvalSpec(inputFn: inputFn))
    let hook = try LoggingTensorHook(["loss": "loss"], everyNIter: 100)
    let names = try estimator.variableNames()
    let servingInput = ServingInput.raw(["x": (.float32, [nil, 4])])
    let path = try estimator.exportSavedModel(to: "export", servingInput: servingInput)
    let labeled = try ServingInput.supervised(like: inputFn)
    _ = try estimator.exportAllSavedModels(to: "all", inputs: [.train: labeled, .predict: servingInput])
    _ = try BestExporter(servingInput: servingInput, eventFilePattern: "eval/*.tfevents.*")
    _ = try RunConfig(evalDistribute: .oneDevice("/cpu:0"))
    _ = try CheckpointInputPipelineHook(estimator)
    Logging.info("done")
    _ = (results, hook, names, path)
  }

  static func slimAndKeras(x: Tensor, loss: Tensor) throws {
    let (net, endPoints) = Slim.argScope(Slim.resnetArgScope(isTraining: true)) { Slim.resnetV150(x) }
    let logits = Slim.fullyConnected(net, 2, activation: .some(nil), scope: "Predict/logits")
    let trainOp = try Slim.createTrainOp(loss, MomentumOptimizer(learningRate: 0.01, momentum: 0.9))
    let input = Keras.input(shape: [224, 224, 3])
    let y = Keras.ReLU()(Keras.BatchNormalization(axis: 3)(Keras.Conv2D(64, 7, strides: 2, padding: .same)(input)))
    let model = try Keras.Model(inputs: input, outputs: Keras.Dense(1, activation: .sigmoid)(Keras.Flatten()(y)))
    try model.compile(optimizer: .adam, loss: .binaryCrossentropy, metrics: [.accuracy])
    _ = (endPoints, logits, trainOp)
  }
}
