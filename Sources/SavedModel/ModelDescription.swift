import EspalierFormats
import EspalierGraph

/// What a directory says of a model, without importing its graphs: also of models that cannot run here.
public struct ModelDescription {
  /// A tensor that is fed or fetched.
  public struct TensorDescription: Hashable, Sendable {
    /// Its name in the graph.
    public let name: String
    /// The element type, or nil for one that is not known here.
    public let dataType: DataType?
    /// The shape.
    public let shape: Shape
  }

  /// A way to call a graph.
  public struct Signature: Sendable {
    /// What kind of call it is.
    public let method: SignatureDefinition.Method
    /// What is fed, by key.
    public let inputs: [String: TensorDescription]
    /// What is fetched, by key.
    public let outputs: [String: TensorDescription]
  }

  /// One of the graphs.
  public struct MetaGraph: Sendable {
    /// What it is for.
    public let tags: [String]
    /// The version of TensorFlow that wrote it.
    public let tensorFlowVersion: String
    /// The number of nodes.
    public let nodeCount: Int
    /// How many nodes there are of which operation.
    public let operations: [String: Int]
    /// The ways to call it, by name.
    public let signatures: [String: Signature]
  }

  /// The graphs.
  public let metaGraphs: [MetaGraph]

  /// Reads the description of the model in a directory.
  ///
  /// - Throws: `FormatError` if there is none or it is damaged.
  public init(directory: String) throws(FormatError) {
    metaGraphs = try SavedModelLoader(directory: directory).definition.metaGraphs.map { metaGraph in
      MetaGraph(
        tags: metaGraph.tags, tensorFlowVersion: metaGraph.tensorFlowVersion, nodeCount: metaGraph.graph.nodes.count,
        operations: metaGraph.graph.nodes.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 },
        signatures: metaGraph.signatures.mapValues { signature in
          Signature(
            method: .init(name: signature.methodName), inputs: signature.inputs.mapValues(Self.description),
            outputs: signature.outputs.mapValues(Self.description))
        })
    }
  }

  private static func description(_ info: TensorInfo) -> TensorDescription {
    TensorDescription(name: info.name, dataType: DataType(tensorFlowNumber: info.typeNumber), shape: info.shape)
  }
}
