import EspalierGraph

/// Returns what `body` returns; what it builds counts as built at this place, and goes into `graph` where no graph is
/// current.
func building<Result, Failure: Error>(
  in graph: Graph?, _ file: StaticString, _ line: Int, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  try BuildContext.at(file, line) { () throws(Failure) in
    let context = BuildContext.current
    guard context.graph == nil, let graph else { return try body() }
    return try context.with(\.graph, graph).enter(body)
  }
}

/// The scope that nodes are made in now, as a name that enters it again or names a node like it.
var currentScope: String { BuildContext.current.nameScope + "/" }

/// Returns a new variable that is not trained, whatever variable scope is around: `name` or `name_1`…, a full path.
///
/// - Parameter neighbour: The variable that it belongs to, if any, whose shape it has: it shares its device, and is in
///   checkpoints as that is, in one piece or in parts.
func makeVariable(
  _ name: String, shape: [Int], dataType: DataType = .float32, neighbour: Variable? = nil,
  collections: [CollectionKey] = [.globalVariables], initializer: @escaping Initializer
) -> Variable {
  let context = BuildContext.current
  let graph = context.requiredGraph
  var path = name
  var number = 0
  while graph.node(named: path) != nil {
    number += 1
    path = "\(name)_\(number)"
  }
  let placed = BuildContext(graph: graph, site: context.site).with(\.device, context.device)
  return (neighbour.map { placed.colocated(with: $0.handle.node, ignoringOthers: true) } ?? placed).enter {
    EspalierGraph.makeVariable(
      named: path, shape: shape, dataType: dataType, initializer: initializer, collections: collections,
      slice: neighbour.flatMap { neighbour in
        neighbour.slice.map { $0.named(path.replacing(neighbour.name, with: $0.name, maxReplacements: 1)) }
      })
  }
}

/// Returns a new variable as `makeVariable` does, named inside the current name scope.
func makeScopedVariable(
  _ name: String, shape: [Int], dataType: DataType = .float32, collections: [CollectionKey] = [.globalVariables],
  initializer: @escaping Initializer
) -> Variable {
  let scope = BuildContext.current.nameScope
  return makeVariable(
    scope.isEmpty ? name : scope + "/" + name, shape: shape, dataType: dataType, collections: collections,
    initializer: initializer)
}
