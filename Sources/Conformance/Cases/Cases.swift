/// What computes golden cases: a table from the name of an operation, and one from kinds of cases that are no expression.
package enum Cases {
  /// Builds of expressions, by operation.
  static let builders: [String: Builder] = merged([
    convolutions, pools, normalizations, activations, losses, weightedLosses,
    arithmetic, elementwise, composites, arrays, indexing, values, reductions, places, matrices, resizing,
    imageGeometry,
    colors,
  ])

  /// Runs of the other kinds of cases.
  static let kinds: [String: @Sendable (GoldenCase) throws -> Deviation] = merged([
    layers, optimizers, schedules, metrics,
  ])

  private static func merged<Value>(_ tables: [[String: Value]]) -> [String: Value] {
    tables.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }
}
