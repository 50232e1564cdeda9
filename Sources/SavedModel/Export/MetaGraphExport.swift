import EspalierFormats
import EspalierGraph

/// What is written of one graph of a model.
struct MetaGraphExport {
  private let metaGraph: SavedModelExporter.MetaGraph
  private let graph: Graph
  private let stripsDefaults: Bool
  private let variables: [Variable]

  init(_ metaGraph: SavedModelExporter.MetaGraph, stripsDefaults: Bool) {
    self.metaGraph = metaGraph
    self.stripsDefaults = stripsDefaults
    graph = metaGraph.graph
    var seen: Set<String> = []
    variables = graph.collection(.globalVariables, of: Variable.self).filter { seen.insert($0.name).inserted }
  }

  /// Returns the message.
  ///
  /// - Throws: `GraphError` if the graph has mistakes, a tensor is not of the graph, or TensorFlow has no such operation.
  func definition() throws(GraphError) -> MetaGraphDef {
    try graph.check()
    try checkTensors()
    let nodes = try chosenNodes()
    let chosen = Set(nodes.map(\.id))
    var result = MetaGraphDef()
    result.tags = metaGraph.tags
    result.tensorFlowVersion = MetaGraphEncoder.version
    result.hasNoDefaultAttributes = stripsDefaults
    result.graph = GraphDefEncoder(nodes, stripsDefaults: stripsDefaults).graphDef
    result.collections = MetaGraphEncoder.collections(of: graph) { chosen.contains($0.id) }
    result.collections[CollectionKey.savers.rawValue] = nil
    if let initializer = metaGraph.initializer {
      result.collections[CollectionKey.savedModelMainOp.rawValue] = .init(nodes: [initializer.name])
    }
    if let trainOp = metaGraph.trainOp {
      result.collections[CollectionKey.savedModelTrainOp.rawValue] = .init(nodes: [trainOp.name])
    }
    result.signatures = metaGraph.signatures.mapValues(Self.definition)
    result.assets = metaGraph.assets.map { .init(tensor: $0.tensor.name, fileName: FilePath.name(of: $0.path)) }
    if !variables.isEmpty {
      let saver = SaverNodes(variables.map { SaverNodes.Entry($0) }, scope: SaverNodes.unusedScope(in: graph))
      result.graph.nodes += saver.nodes
      result.saver = saver.definition
    }
    return result
  }

  private static func definition(of signature: SignatureDefinition) -> SignatureDef {
    SignatureDef(
      inputs: signature.inputs.mapValues(information), outputs: signature.outputs.mapValues(information),
      methodName: signature.method.description)
  }

  private static func information(_ tensor: Tensor) -> TensorInfo {
    TensorInfo(name: tensor.name, typeNumber: tensor.dataType.tensorFlowNumber, shape: tensor.shape)
  }

  /// The tensors that callers feed and fetch, and those that assets go to.
  private var tensors: [Tensor] {
    metaGraph.signatures.values.flatMap { Array($0.inputs.values) + Array($0.outputs.values) }
      + metaGraph.assets.map(\.tensor)
  }

  private func checkTensors() throws(GraphError) {
    for tensor in tensors where tensor.isPoisoned || tensor.graph !== graph {
      throw GraphError("Tensor \(tensor) of a signature is not an element of the graph that is exported.")
    }
  }

  /// Returns what is written, in the graph's order.
  private func chosenNodes() throws(GraphError) -> [Node] {
    var needed: Set<Int> = []
    var pending = tensors.map(\.node)
    pending += [metaGraph.initializer, metaGraph.trainOp].compactMap(\.self)
    for variable in variables { pending += [variable.value.node, variable.initializer] }
    if metaGraph.isWhole { pending = graph.nodes }
    while let next = pending.popLast() {
      guard needed.insert(next.id).inserted else { continue }
      pending += next.inputs.map(\.node) + next.controlInputs
    }
    let nodes = graph.nodes.filter { needed.contains($0.id) }
    for node in nodes where !GraphDefEncoder.canWrite(node.operation) {
      throw GraphError("TensorFlow has no operation that does what '\(node.name)' (\(node.operation.name)) does")
    }
    return nodes
  }
}
