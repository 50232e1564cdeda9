import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierSavedModel

extension Estimator {
  /// Writes the model with the weights of a checkpoint for serving, into a directory of `base` that is named by the time.
  ///
  /// - Parameters:
  ///   - servingInput: The entrance of the model.
  ///   - assetsExtra: Files to copy into `assets.extra`, by their paths in it.
  ///   - asText: Whether the graph is written for people to read, as `saved_model.pbtxt`.
  ///   - checkpointPath: The path prefix of the checkpoint; by default the latest.
  ///   - mode: What the graph is for; training and evaluation need an entrance for labels, `ServingInput.supervised`.
  /// - Returns: The directory that was written.
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if there is no checkpoint or no default output;
  ///   `GraphError` if TensorFlow has no such operation; and whatever the model and the files throw.
  ///
  /// Source: `tf.estimator.Estimator.export_saved_model`.
  public func exportSavedModel(
    to base: String, servingInput: @escaping ServingInputFn, assetsExtra: [String: String] = [:], asText: Bool = false,
    checkpointPath: String? = nil, mode: ModeKeys = .predict
  ) throws -> String {
    try exportAllSavedModels(
      to: base, inputs: [mode: servingInput], assetsExtra: assetsExtra, asText: asText, checkpointPath: checkpointPath)
  }

  /// Writes the graphs of several modes with the weights of a checkpoint, into a directory of `base` that is named by the
  /// time: with the tag `train` one that trains on, with `eval` one that evaluates, with `serve` one that predicts.
  ///
  /// - Parameters:
  ///   - inputs: The modes, and the entrance of each.
  ///   - assetsExtra: Files to copy into `assets.extra`, by their paths in it.
  ///   - asText: Whether the graphs are written for people to read, as `saved_model.pbtxt`.
  ///   - checkpointPath: The path prefix of the checkpoint; by default the latest, or what the model is warm-started from.
  /// - Returns: The directory that was written.
  /// - Throws: As `exportSavedModel`; `EstimatorError.invalidArgument` if there are no modes.
  ///
  /// Source: `tf.estimator.Estimator.experimental_export_all_saved_models`.
  public func exportAllSavedModels(
    to base: String, inputs: [ModeKeys: ServingInputFn], assetsExtra: [String: String] = [:], asText: Bool = false,
    checkpointPath: String? = nil
  ) throws -> String {
    let checkpoint = try checkpointPath ?? exportedCheckpoint()
    let weights = WeightStore()
    // In the order of TensorFlow, which begins with the graph that wrote the checkpoint.
    let metaGraphs = try ModeKeys.allCases.compactMap { mode in
      try inputs[mode].map { try metaGraph(mode, $0, checkpoint, weights.variables) }
    }
    guard !metaGraphs.isEmpty else {
      throw EstimatorError.invalidArgument("No valid modes for exporting found. Got [].")
    }
    var exporter = SavedModelExporter(variables: weights.variables, metaGraphs: metaGraphs)
    exporter.extraAssets = assetsExtra
    exporter.writesText = asText
    let path = try exporter.writeTimestamped(in: base)
    Logging.info("SavedModel written to: \(path)/\(exporter.fileName)")
    return path
  }

  private func exportedCheckpoint() throws -> String {
    if let latest = try latestCheckpoint() { return latest }
    guard let warmStartFrom else {
      throw EstimatorError.invalidArgument("Couldn't find trained model at \(modelDir).")
    }
    return try loadCheckpoint(warmStartFrom.ckptToInitializeFrom).prefix
  }

  /// Builds the graph of a mode, and gives its variables the values of a checkpoint.
  private func metaGraph(
    _ mode: ModeKeys, _ input: ServingInputFn, _ checkpoint: String, _ variables: VariableStore
  ) throws -> SavedModelExporter.MetaGraph {
    let graph = Graph()
    graph.seed = config.tfRandomSeed
    let session = Session(graph: graph, configuration: sessionConfiguration)
    return try withGraph(graph) {
      try createGlobalStep()
      let receiver = try input()
      Logging.info("Calling model_fn.")
      let spec = try modelFn(receiver.features, receiver.labels, mode, params)
      Logging.info("Done calling model_fn.")
      try graph.check()
      let signatures = try ExportedSignatures(receiver, spec)
      signatures.log()
      let names = graph.collection(.globalVariables, of: Variable.self).map(\.name)
      session.variables.share(Set(names), with: variables)
      try spec.scaffold.restoreForExport(session, checkpoint)
      Logging.info("Assets added to graph.")
      Logging.info("No assets to write.")
      return SavedModelExporter.MetaGraph(
        graph: graph, tags: [mode.exportTag], signatures: signatures.included,
        initializer: spec.scaffold.localInitializer(of: graph), trainOp: spec.trainOp)
    }
  }
}

extension ModeKeys {
  /// The tag of the graphs of this mode.
  ///
  /// Source: `tf.saved_model` tag constants.
  fileprivate var exportTag: String {
    switch self {
    case .train: "train"
    case .evaluate: "eval"
    case .predict: "serve"
    }
  }
}

extension Scaffold {
  /// Gives the variables of a graph that is exported the values of a checkpoint.
  fileprivate func restoreForExport(_ session: Session, _ checkpoint: String) throws {
    try adoptSaver(of: session.graph)
    Logging.info("Restoring parameters from \(checkpoint)")
    _ = try (saver ?? Saver()).restore(session, from: checkpoint)
    try checkReady(session)
  }

  /// Returns what gives the local variables of an exported graph, such as those of metrics, their first values when it is
  /// loaded; nil if it has none.
  fileprivate func localInitializer(of graph: Graph) -> Node? {
    let usual = graph.collection(.localVariables, of: Variable.self).map(\.initializer)
    let ops = localInitOps ?? usual
    return ops.isEmpty ? nil : group(ops)
  }
}
