/// What computes golden cases: a table from the name of an operation, and one from kinds of cases that are no expression.
package enum Cases {
  /// Builds of expressions, by operation.
  static let builders: [String: Builder] = merged([
    convolutions, pools, normalizations, activations, losses,
  ])

  /// Runs of the other kinds of cases.
  static let kinds: [String: @Sendable (GoldenCase) throws -> Deviation] = [:]

  private static func merged(_ tables: [[String: Builder]]) -> [String: Builder] {
    tables.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }
}
