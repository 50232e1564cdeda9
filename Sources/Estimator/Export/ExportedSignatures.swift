import EspalierGraph
import EspalierLayers
import EspalierSavedModel

/// The ways to call an exported model.
struct ExportedSignatures {
  /// Those that are written.
  private(set) var included: [String: SignatureDefinition] = [:]
  /// The names of those, in the order in which the log lists them.
  private var names: [String] = []
  /// Why others are not.
  private var excluded: [(name: String, reason: String)] = []

  private static let defaultKey = SignatureDefinition.defaultServingKey

  /// Returns the signatures of a model: in prediction what it offers with one of its outputs as the default; in training
  /// and evaluation its loss, predictions and metrics.
  init(_ receiver: ServingInputReceiver, _ spec: EstimatorSpec) throws {
    switch spec.mode {
    case .train: include("train", .train, receiver, spec)
    case .evaluate: include("eval", .evaluate, receiver, spec)
    case .predict: try includeOutputs(of: spec, receiver)
    }
  }

  private mutating func include(
    _ name: String, _ method: SignatureDefinition.Method, _ receiver: ServingInputReceiver, _ spec: EstimatorSpec
  ) {
    include(
      name,
      SignatureDefinition(method: method, inputs: receiver.receiverTensors, outputs: Self.supervisedOutputs(of: spec)))
  }

  private mutating func include(_ name: String, _ signature: SignatureDefinition) {
    included[name] = signature
    names.append(name)
  }

  /// Returns what training and evaluation compute, by the keys that callers see.
  ///
  /// Source: `TrainOutput` and `EvalOutput` of TensorFlow's `model_utils/export_output.py`.
  private static func supervisedOutputs(of spec: EstimatorSpec) -> [String: Tensor] {
    func key(_ name: String, _ kind: String) -> String { name.hasPrefix(kind) ? name : "\(kind)/\(name)" }
    var result: [String: Tensor] = [:]
    result["loss"] = spec.loss
    switch spec.predictions {
    case nil: break
    case .single(let tensor): result["predictions"] = tensor
    case .list(let tensors):
      for (index, tensor) in tensors.enumerated() { result["predictions/\(index)"] = tensor }
    case .dictionary(let tensors):
      for (name, tensor) in tensors { result[key(name, "predictions")] = tensor }
    }
    for (name, metric) in spec.evalMetricOps {
      result[key(name, "metrics") + "/value"] = metric.value
      result[key(name, "metrics") + "/update_op"] = metric.update
    }
    return result
  }

  private mutating func includeOutputs(of spec: EstimatorSpec, _ receiver: ServingInputReceiver) throws {
    let outputs = try Self.outputs(of: spec).sorted { $0.key < $1.key }
    let entrances = [("", receiver.receiverTensors)] + receiver.alternatives.sorted { $0.key < $1.key }
    for (prefix, inputs) in entrances {
      for (key, output) in outputs { add(prefix.isEmpty ? key : "\(prefix):\(key)", inputs, output) }
    }
  }

  /// Returns what a model offers, with one of its outputs as the default.
  private static func outputs(of spec: EstimatorSpec) throws(EstimatorError) -> [String: ExportOutput] {
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

  private mutating func add(_ name: String, _ inputs: [String: Tensor], _ output: ExportOutput) {
    if output.method == .predict {
      return include(name, SignatureDefinition(method: .predict, inputs: inputs, outputs: output.tensors))
    }
    // Such calls hand over serialized examples, and nothing else.
    guard inputs.count == 1, let examples = inputs.values.first, examples.dataType == .string else {
      let kind = output.method == .classify ? "Classification" : "Regression"
      let given = inputs.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
      excluded.append((name, "\(kind) input must be a single string Tensor; got {\(given)}"))
      return
    }
    include(name, SignatureDefinition(method: output.method, inputs: ["inputs": examples], outputs: output.tensors))
  }

  /// Logs what is written, and why the rest is not.
  func log() {
    let kinds: [(name: String, method: SignatureDefinition.Method)] = [
      ("Classify", .classify), ("Regress", .regress), ("Predict", .predict), ("Train", .train), ("Eval", .evaluate),
    ]
    for (kind, method) in kinds {
      let all = names.filter { included[$0]?.method == method }.map { "'\($0)'" }
      Logging.info(
        "Signatures INCLUDED in export for \(kind): \(all.isEmpty ? "None" : "[\(all.joined(separator: ", "))]")")
    }
    if !excluded.isEmpty {
      Logging.info(
        "Signatures EXCLUDED from export because they cannot be be served via TensorFlow Serving APIs:")
      for (name, reason) in excluded { Logging.info("'\(name)' : \(reason)") }
    }
    if included.isEmpty {
      Logging.warn("Export includes no signatures!")
    } else if included[Self.defaultKey] == nil {
      Logging.warn("Export includes no default signature!")
    }
  }
}
