import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

extension Estimator {
  /// Trains the model.
  ///
  /// Goes on from the latest checkpoint, in the middle of the input if it was saved there, and ends after `steps` steps,
  /// at the global step `maxSteps`, at the end of the input, or when a hook asks for it, whichever comes first. When the
  /// latest checkpoint was saved where the input ended, the next pass over the input begins.
  ///
  /// - Parameters:
  ///   - inputFn: The input, in batches.
  ///   - hooks: Called around each step, in this order, after those that save.
  ///   - steps: How many steps to make in this call.
  ///   - maxSteps: The global step to reach; nothing is done if a checkpoint has reached it.
  ///   - maxEpochs: How many times to go over the input, all calls together, where `inputFn` gives each example once.
  ///   - savingListeners: What is told of saved checkpoints.
  /// - Returns: The estimator itself.
  /// - Throws: `EstimatorError`: `invalidArgument` for numbers that make no sense, `nanLoss`, `modelDirectoryInUse`,
  ///   `restoreMismatch`, `interrupted`; and whatever the input, the model and the hooks throw.
  @discardableResult
  public func train(
    inputFn: InputFn, hooks: [any SessionRunHook] = [], steps: Int? = nil, maxSteps: Int? = nil,
    maxEpochs: Int? = nil, savingListeners: [any CheckpointSaverListener] = []
  ) throws -> Self {
    if steps != nil, maxSteps != nil {
      throw EstimatorError.invalidArgument("Can not provide both steps and max_steps.")
    }
    try expectPositive(steps, "steps")
    try expectPositive(maxSteps, "max_steps")
    try expectPositive(maxEpochs, "max_epochs")
    try LocalFileSystem().createDirectory(modelDir)
    let lock = try DirectoryLock(modelDir)
    try withExtendedLifetime(lock) {
      try CheckpointDirectory(modelDir).removeTemporaries()
      let checkpoint = try soundCheckpoint()
      if let maxSteps, try checkpoint.map(Self.savedStep) ?? 0 >= maxSteps {
        Logging.info("Skipping training since max_steps has already saved.")
        return
      }
      let request = TrainingRequest(
        hooks: hooks, savingListeners: savingListeners, steps: steps, maxSteps: maxSteps, maxEpochs: maxEpochs,
        checkpoint: checkpoint)
      try config.savesOnSignals
        ? Signals.whileWatching { try train(inputFn, request) } : train(inputFn, request)
      if config.writesReport { writeReport() }
    }
    return self
  }

  /// Writes the page about the training, which is no reason to fail.
  private func writeReport() {
    do {
      try eventLogs[modelDir]?.flush()
      let report = try TrainingReport(modelDir: modelDir)
      if report.hasCurves { try report.write() }
    } catch {
      Logging.warn("The report of the training could not be written: \(error)")
    }
  }

  /// Returns the best checkpoint to go on from; those with damaged data are passed over with a warning.
  private func soundCheckpoint() throws -> CheckpointReader? {
    let (reader, damaged) = try CheckpointDirectory(modelDir).latestReadable()
    for error in damaged {
      Logging.warn("Passing over a damaged checkpoint: \(error); going on from \(reader?.prefix ?? "none").")
    }
    // Starting again from nothing would throw away the training that the damaged files stand for.
    if reader == nil, let first = damaged.first { throw first }
    return reader
  }

  /// Trains as a specification says.
  func train(_ spec: TrainSpec, listeners: [any CheckpointSaverListener]) throws {
    try train(
      inputFn: spec.inputFn, hooks: spec.hooks, maxSteps: spec.maxSteps, maxEpochs: spec.maxEpochs,
      savingListeners: spec.savingListeners + listeners)
  }

  static func savedStep(_ checkpoint: CheckpointReader) throws -> Int {
    guard checkpoint.contains("global_step") else { return 0 }
    return Int(try checkpoint.tensor(named: "global_step").doubles().first ?? 0)
  }

  private func train(_ inputFn: InputFn, _ request: TrainingRequest) throws {
    let saved = try request.checkpoint.map(TrainingState.init) ?? TrainingState()
    let place = config.resumesInput ? saved : TrainingState()
    let input = try InputFeed(
      try inputFn(), pass: place.inputPass, position: place.inputPosition, maxPasses: request.maxEpochs)
    if try input.isAtEnd() {
      Logging.info("Skipping training since max_epochs has already been reached.")
      return
    }
    guard let first = try input.peek() else { return Self.warnOfEmptyInput() }
    let key = ModelKey(.train, first)
    if let known = models[key], !known.isReusableForTraining { models[key] = nil }
    let model = try model(key, first)
    guard let loss = model.spec.loss, let trainOp = model.spec.trainOp else {
      throw EstimatorError.invalidArgument("Missing train_op.")
    }
    model.session.randomInvocation = saved.randomInvocation
    if model.spec.scaffold.saver == nil {
      model.spec.scaffold.saver = Saver(
        maxToKeep: config.keepCheckpointMax, keepCheckpointEveryNHours: config.keepCheckpointEveryNHours)
    }
    let hooks = try trainingHooks(model, request, loss, input)
    if let checkpoint = request.checkpoint { try HookStates.restore(hooks, from: checkpoint) }
    weights.isTraining = true
    trainingInput = input
    defer {
      weights.isTraining = false
      trainingInput = nil
    }
    let loop = try model.begin(try trainingStart(model, request.checkpoint), hooks: hooks)
    let args = SessionRunArgs([loss], targets: [trainOp])
    try run(loop, input, model.input, args, maxEpochs: request.maxEpochs) {
      try restart(model, input, hooks)
    }
  }

  /// Takes training back to the latest checkpoint, or to its beginning.
  private func restart(
    _ model: BuiltModel, _ input: InputFeed, _ hooks: [any SessionRunHook]
  ) throws -> MonitoredSession.Start {
    let checkpoint = try soundCheckpoint()
    let saved = try checkpoint.map(TrainingState.init) ?? TrainingState()
    model.session.randomInvocation = saved.randomInvocation
    let place = config.resumesInput ? saved : TrainingState()
    try input.move(toPass: place.inputPass, position: place.inputPosition)
    guard let checkpoint else { return .initializers }
    try HookStates.restore(hooks, from: checkpoint)
    return .checkpoint(checkpoint)
  }

  private func trainingStart(
    _ model: BuiltModel, _ checkpoint: CheckpointReader?
  ) throws -> MonitoredSession.Start {
    guard let checkpoint else { return .initializers }
    return try model.hasValues(of: checkpoint.prefix) ? .restored(prefix: checkpoint.prefix) : .checkpoint(checkpoint)
  }

  /// Makes steps until a hook, a signal or the end of the input ends the loop.
  private func run(
    _ loop: MonitoredSession, _ input: InputFeed, _ placeholders: ModelInput, _ args: SessionRunArgs, maxEpochs: Int?,
    restart: () throws -> MonitoredSession.Start
  ) throws {
    var finalLoss: HostTensor?
    var epoch: Int?
    if isInterrupted { loop.stop() }
    try loop.run(input, restart: restart) { sample in
      if let maxEpochs, epoch != input.pass {
        epoch = input.pass
        let verb = input.position == 1 ? "begins" : "goes on"
        Logging.info("Epoch \(input.pass + 1) of \(maxEpochs) \(verb).")
      }
      var step = args
      step.feeding = try placeholders.feeding(sample)
      step.exampleCount = sample.exampleCount
      if let loss = try loop.step(step)[args.fetches[0]] { finalLoss = loss }
      return !isInterrupted
    }
    try loop.close()
    if config.savesOnSignals, let signal = Signals.pending { throw EstimatorError.interrupted(signal: signal) }
    guard let finalLoss else { return Self.warnOfEmptyInput() }
    Logging.info("Loss for final step: \(finalLoss).")
  }

  private var isInterrupted: Bool { config.savesOnSignals && Signals.pending != nil }

  private static func warnOfEmptyInput() {
    Logging.warn("Training with estimator made no steps. Perhaps input is empty or misspecified.")
  }
}

/// The hooks of a training, for closures that are made before all of them are known.
private final class HookList {
  var hooks: [any SessionRunHook] = []
}

/// What a call of `train` asks for.
struct TrainingRequest {
  let hooks: [any SessionRunHook]
  let savingListeners: [any CheckpointSaverListener]
  let steps: Int?
  let maxSteps: Int?
  let maxEpochs: Int?
  let checkpoint: CheckpointReader?
}

extension Estimator {
  /// Returns all hooks of a training, in TensorFlow's order.
  private func trainingHooks(
    _ model: BuiltModel, _ request: TrainingRequest, _ loss: Tensor, _ input: InputFeed
  ) throws -> [any SessionRunHook] {
    let spec = model.spec
    // Savers ask for the memories of hooks that come after them.
    let all = HookList()
    var hooks = try savingHooks(model, request, input) { all.hooks }
    hooks += spec.trainingChiefHooks
    if let steps = config.logStepCountSteps {
      try eventLog(modelDir)
      hooks.append(try StepCounterHook(everyNSteps: steps, outputDir: modelDir))
    }
    if config.saveSummarySteps > 0 {
      try eventLog(modelDir)
      hooks.append(
        try SummarySaverHook(saveSteps: config.saveSummarySteps, outputDir: modelDir, scaffold: spec.scaffold))
    }
    if !spec.trainMetricOps.isEmpty, config.saveSummarySteps > 0 {
      hooks.append(
        try TrainMetricsHook(spec.trainMetricOps, saveSteps: config.saveSummarySteps, outputDir: modelDir))
    }
    hooks += request.hooks
    if request.steps != nil || request.maxSteps != nil {
      hooks.append(try StopAtStepHook(numSteps: request.steps, lastStep: request.maxSteps))
    }
    hooks.append(NanTensorHook(loss))
    if let steps = config.logStepCountSteps, let step = try EspalierLayers.globalStep(in: model.session.graph) {
      hooks.append(
        try LoggingTensorHook(
          ordered: [("loss", .tensor(loss)), ("step", .tensor(step.value))], everyNIter: steps, everyNSecs: nil,
          atEnd: false, formatter: nil))
    }
    hooks += spec.trainingHooks
    if Progress.isShown {
      hooks.append(ProgressHook(loss: loss, more: spec.progress, steps: request.steps, maxSteps: request.maxSteps))
    }
    all.hooks = hooks
    return hooks
  }

  /// Returns the hook that saves checkpoints, unless the user gave one, and tells all such hooks what to save besides
  /// variables.
  private func savingHooks(
    _ model: BuiltModel, _ request: TrainingRequest, _ input: InputFeed,
    all hooks: @escaping () -> [any SessionRunHook]
  ) throws -> [any SessionRunHook] {
    let spec = model.spec
    let given = (request.hooks + spec.trainingHooks + spec.trainingChiefHooks).compactMap { $0 as? CheckpointSaverHook }
    var made: [CheckpointSaverHook] = []
    if given.isEmpty, config.savesCheckpoints {
      try eventLog(modelDir)
      made = [
        try CheckpointSaverHook(
          checkpointDir: modelDir, saveSecs: config.saveCheckpointsSecs, saveSteps: config.saveCheckpointsSteps,
          scaffold: spec.scaffold, saveGraphDef: config.checkpointSaveGraphDef)
      ]
    }
    let savers = given + made
    if !request.savingListeners.isEmpty, savers.isEmpty {
      throw EstimatorError.invalidArgument(
        "There should be a CheckpointSaverHook to use saving_listeners. Please set one of the "
          + "RunConfig.save_checkpoints_steps or RunConfig.save_checkpoints_secs.")
    }
    savers.first?.add(request.savingListeners)
    for saver in savers {
      saver.extras = { session in
        var state = TrainingState()
        state.inputPosition = input.position
        state.inputPass = input.pass
        state.randomInvocation = session.randomInvocation
        return try state.tensors.merging(HookStates.tensors(of: hooks())) { own, _ in own }
      }
      saver.noteSave = { try model.noteCheckpoint($0) }
    }
    return made
  }
}
