import EspalierGraph
import EspalierSavedModel
import Testing

/// Every operation of the table, and those of its gradients, comes back from a `GraphDef` as it was.
@Suite struct ImportTests {
  /// Operations that TensorFlow does not have.
  private static let expanded: Set<String> = [
    AllAxes.tfName, ChannelVariance.tfName, GatherGrad.tfName, ReducedShape.tfName,
  ]

  @Test(arguments: OperationTable.rows)
  func operationsComeBackFromGraphDef(_ row: OperationRow) throws {
    let trial = try Trial(row, row.isSingle ? .float32 : .float64)
    if row.order > 0 { _ = try trial.gradients(of: trial.weighted(trial.outputs, seed: "loss")) }
    let copy = Graph()
    let imported = try copy.importGraphDef(try trial.graph.graphDef(), prefix: "")
    for node in trial.graph.nodes {
      let found = try imported.node(named: node.name)
      if Self.expanded.contains(node.operation.name) { continue }
      #expect(AnyHashable(found.operation) == AnyHashable(node.operation), "\(node.name)")
      #expect(found.inputs.map(\.name) == node.inputs.map(\.name), "\(node.name)")
      #expect(found.outputs.map(\.type) == node.outputs.map(\.type), "\(node.name)")
    }
  }
}
