import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// A model from a directory that TensorFlow or `SavedModelExporter` wrote, with its weights, ready to run.
///
///     let model = try SavedModel.load("export/1700000000")
///     let result = try model.predict(["image": images])
///
/// The graph and its variables are as if they had been built here: more can be built on them, and they can be trained.
///
/// Source: `tf.compat.v1.saved_model.load`.
public final class SavedModel {
  /// The graph.
  public let graph: Graph
  /// A session in which the variables have their values.
  public let session: Session
  /// What the graph is for: `serve`.
  public let tags: [String]
  /// The ways to call it, by name.
  public let signatures: [String: SignatureDefinition]
  /// One step of training, where the graph is for training.
  public let trainOp: Node?
  /// Why signatures cannot be called here, by name.
  public let unavailable: [String: GraphError]

  init(
    session: Session, tags: [String], signatures: [String: SignatureDefinition], trainOp: Node?,
    unavailable: [String: GraphError]
  ) {
    graph = session.graph
    self.session = session
    self.tags = tags
    self.signatures = signatures
    self.trainOp = trainOp
    self.unavailable = unavailable
  }

  /// Returns the model in a directory.
  ///
  /// - Parameters:
  ///   - tags: Which of its graphs: the one that has exactly these tags.
  /// - Throws: `FormatError` if the files are missing or damaged, or no graph has these tags; `GraphError`, naming the
  ///   operation, if no signature can be called here.
  public static func load(
    _ directory: String, tags: Set<String> = ["serve"], configuration: SessionConfiguration = .init(),
    file: StaticString = #fileID, line: Int = #line
  ) throws -> SavedModel {
    let site = SourceSite(file: file, line: line)
    return try SavedModelLoader(directory: directory, site: site).model(tags: tags, configuration)
  }

  /// Returns the outputs of a signature.
  ///
  /// - Parameters:
  ///   - inputs: A value for each input of the signature, by key.
  ///   - signature: The name of the signature.
  /// - Throws: `ExecutionError` if there is no such signature, or a key is missing or unknown; and as `Session.run`.
  public func predict(
    _ inputs: [String: HostTensor], signature name: String = SignatureDefinition.defaultServingKey
  ) throws -> [String: HostTensor] {
    if let reason = unavailable[name] { throw reason }
    guard let signature = signatures[name] else {
      throw ExecutionError(
        "there is no signature '\(name)', only \(signatures.keys.sorted())", kind: .notFound)
    }
    guard Set(inputs.keys) == Set(signature.inputs.keys) else {
      throw ExecutionError(
        "signature '\(name)' takes \(signature.inputs.keys.sorted()), not \(inputs.keys.sorted())")
    }
    var feeds: [Tensor: HostTensor] = [:]
    for (key, tensor) in signature.inputs { feeds[tensor] = inputs[key] }
    return try session.run(signature.outputs, feeding: feeds)
  }
}
