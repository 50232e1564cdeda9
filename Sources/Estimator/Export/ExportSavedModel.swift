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
  /// - Returns: The directory that was written.
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if there is no checkpoint or no default output;
  ///   `GraphError` if TensorFlow has no such operation; and whatever the model and the files throw.
  ///
  /// Source: `tf.estimator.Estimator.export_saved_model`.
  public func exportSavedModel(
    to base: String, servingInput: ServingInputFn, assetsExtra: [String: String] = [:], asText: Bool = false,
    checkpointPath: String? = nil
  ) throws -> String {
    guard let checkpoint = try checkpointPath ?? latestCheckpoint() else {
      throw EstimatorError.invalidArgument("Couldn't find trained model at \(modelDir).")
    }
    let graph = Graph()
    graph.seed = config.tfRandomSeed
    let session = Session(graph: graph, configuration: sessionConfiguration)
    let signatures = try withGraph(graph) { () throws -> [String: SignatureDefinition] in
      try createGlobalStep()
      let receiver = try servingInput()
      Logging.info("Calling model_fn.")
      let spec = try modelFn(receiver.features, nil, .predict, params)
      Logging.info("Done calling model_fn.")
      try graph.check()
      let signatures = try Signatures(receiver, try Signatures.outputs(of: spec)).included
      _ = try MonitoredSession.restoreForExport(session, checkpoint, spec.scaffold)
      return signatures
    }
    var exporter = SavedModelExporter(session: session, signatures: signatures)
    exporter.extraAssets = assetsExtra
    exporter.writesText = asText
    Logging.info("Assets added to graph.")
    Logging.info("No assets to write.")
    let path = try exporter.writeTimestamped(in: base)
    Logging.info("SavedModel written to: \(path)/\(exporter.fileName)")
    return path
  }
}

extension MonitoredSession {
  /// Gives the variables of a graph that is exported the values of a checkpoint.
  fileprivate static func restoreForExport(
    _ session: Session, _ checkpoint: String, _ scaffold: Scaffold
  ) throws -> RestoreReport {
    try scaffold.adoptSaver(of: session.graph)
    Logging.info("Restoring parameters from \(checkpoint)")
    let report = try (scaffold.saver ?? Saver()).restore(session, from: checkpoint)
    try scaffold.checkReady(session)
    return report
  }
}

/// The ways to call an exported model.
private struct Signatures {
  private(set) var included: [String: SignatureDefinition] = [:]

  /// Returns what a model offers, with one of its outputs as the default.
  static func outputs(of spec: EstimatorSpec) throws(EstimatorError) -> [String: ExportOutput] {
    var outputs = spec.exportOutputs
    if outputs.isEmpty, let predictions = spec.predictions { outputs = [defaultKey: .predict(predictions)] }
    if outputs[defaultKey] != nil { return outputs }
    guard outputs.count == 1, let only = outputs.first else {
      throw .invalidArgument(
        "Multiple `export_outputs` were provided, but none of them is specified as the default.  Do this by naming one "
          + "of them with `signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY`.")
    }
    outputs[defaultKey] = only.value
    return outputs
  }

  private static let defaultKey = SignatureDefinition.defaultServingKey

  init(_ receiver: ServingInputReceiver, _ outputs: [String: ExportOutput]) throws {
    var excluded: [String: String] = [:]
    let entrances = [("", receiver.receiverTensors)] + receiver.alternatives.sorted { $0.key < $1.key }
    for (prefix, inputs) in entrances {
      for (key, output) in outputs.sorted(by: { $0.key < $1.key }) {
        if !prefix.isEmpty, key == Self.defaultKey { continue }
        let name = prefix.isEmpty ? key : "\(prefix):\(key)"
        add(name, inputs, output, &excluded)
      }
    }
    log(excluded)
  }

  private mutating func add(
    _ name: String, _ inputs: [String: Tensor], _ output: ExportOutput, _ excluded: inout [String: String]
  ) {
    if output.method == .predict {
      included[name] = SignatureDefinition(method: .predict, inputs: inputs, outputs: output.tensors)
      return
    }
    // Such calls hand over serialized examples, and nothing else.
    guard inputs.count == 1, let examples = inputs.values.first, examples.dataType == .string else {
      let kind = output.method == .classify ? "Classification" : "Regression"
      let given = inputs.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
      excluded[name] = "\(kind) input must be a single string Tensor; got {\(given)}"
      return
    }
    included[name] = SignatureDefinition(method: output.method, inputs: ["inputs": examples], outputs: output.tensors)
  }

  private func log(_ excluded: [String: String]) {
    func names(_ method: SignatureDefinition.Method) -> String {
      let all = included.filter { $0.value.method == method }.keys.sorted()
      return all.isEmpty ? "None" : "[" + all.map { "'\($0)'" }.joined(separator: ", ") + "]"
    }
    Logging.info("Signatures INCLUDED in export for Classify: \(names(.classify))")
    Logging.info("Signatures INCLUDED in export for Regress: \(names(.regress))")
    Logging.info("Signatures INCLUDED in export for Predict: \(names(.predict))")
    Logging.info("Signatures INCLUDED in export for Train: None")
    Logging.info("Signatures INCLUDED in export for Eval: None")
    guard !excluded.isEmpty else { return }
    Logging.info(
      "Signatures EXCLUDED from export because they cannot be be served via TensorFlow Serving APIs:")
    for (name, reason) in excluded.sorted(by: { $0.key < $1.key }) { Logging.info("'\(name)' : \(reason)") }
    if included[Self.defaultKey] == nil { Logging.warn("Export includes no default signature!") }
  }
}
