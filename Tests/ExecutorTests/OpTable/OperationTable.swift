import EspalierGraph

/// All rows: every operation of the graph stands in one of them, or in the gradients of one.
enum OperationTable {
  static let rows: [OperationRow] =
    unary + binary + comparisons + selections + joins + slices + rearrangements + indexing + fills + dataDependent
    + reductions + runs + segments + matrices + norms + resizing + imageGeometry + colors + convolutions + pools
    + normalizations + activations + losses

  /// Returns a row of a function of one tensor.
  static func row(
    _ name: String, _ x: Operand, order: Int = 2, needs: OperationRow.Knowledge = .nothing, tolerance: Double = 1e-5,
    _ body: @escaping @Sendable (Tensor) -> Tensor
  ) -> OperationRow {
    OperationRow(name, [x], order: order, needs: needs, tolerance: tolerance) { [body($0[0])] }
  }

  /// Returns a row of a function of two tensors.
  static func row(
    _ name: String, _ x: Operand, _ y: Operand, order: Int = 2, needs: OperationRow.Knowledge = .nothing,
    tolerance: Double = 1e-5, _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> OperationRow {
    OperationRow(name, [x, y], order: order, needs: needs, tolerance: tolerance) { [body($0[0], $0[1])] }
  }
}
