import EspalierFormats
import EspalierGraph

/// Makes variables and collections of an imported graph known, so that it can be trained and saved as one built here.
struct VariableImport {
  /// Collections whose members are variables.
  private static let variableCollections: Set<CollectionKey> = [
    .globalVariables, .localVariables, .trainableVariables, .modelVariables, .movingAverageVariables,
    .metricVariables, .globalStep, .evalStep,
  ]

  let graph: Graph
  let importer: GraphImporter
  private var known: [Tensor: Variable] = [:]

  init(graph: Graph, importer: GraphImporter) {
    self.graph = graph
    self.importer = importer
  }

  /// Fills the collections of the graph; members that were left out of it are passed over.
  mutating func run(_ collections: [String: MetaGraphDef.Collection], file: String) throws(FormatError) {
    for (name, collection) in collections.sorted(by: { $0.key < $1.key }) {
      let key = CollectionKey(rawValue: name)
      if Self.variableCollections.contains(key) {
        for message in collection.messages {
          let definition = try VariableDef(serialized: message, file: file)
          if let variable = variable(definition) { graph.adopt(variable, into: [key]) }
        }
      }
      for member in collection.nodes { add(member, to: key) }
    }
  }

  private func add(_ name: String, to key: CollectionKey) {
    if name.contains(":") {
      if let tensor = try? importer.tensor(named: name) { graph.add(tensor, to: key) }
    } else if let node = (try? importer.node(name)) ?? nil {
      graph.add(node, to: key)
    }
  }

  private mutating func variable(_ definition: VariableDef) -> Variable? {
    guard let handle = try? importer.tensor(named: definition.variable), handle.node.operation is VariableV2 else {
      return nil
    }
    if let made = known[handle] { return made }
    let value = importer.read(of: handle) ?? (try? importer.tensor(named: definition.snapshot))
    let initial = try? importer.tensor(named: definition.initialValue)
    let initializer = (try? importer.node(definition.initializer)) ?? nil
    let made = withGraph(graph) {
      // What initializes it may have been left out: zeros do, for a variable that is restored.
      let start = initial ?? zeros(handle)
      let assignment = initial == nil ? nil : initializer
      return Variable(
        handle: handle, value: value ?? identity(handle),
        initializer: assignment ?? apply(Assign(), handle, start).node,
        initialValue: start, isTrainable: definition.isTrainable, slice: slice(definition, handle))
    }
    known[handle] = made
    return made
  }

  private func slice(_ definition: VariableDef, _ handle: Tensor) -> VariableSlice? {
    guard let slice = definition.slice, let extents = handle.shape.known, slice.extents == extents.map(Int64.init)
    else {
      return nil
    }
    return VariableSlice(
      name: slice.name, shape: slice.shape.map { Int(truncatingIfNeeded: $0) },
      offsets: slice.offset.map { Int(truncatingIfNeeded: $0) }, extents: extents)
  }

  private func zeros(_ handle: Tensor) -> Tensor {
    apply(Fill(), shapeConstant(handle.shape.known ?? []), constant(number: 0, handle.dataType))
  }
}
