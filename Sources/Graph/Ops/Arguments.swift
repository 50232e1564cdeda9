/// Integer arguments that TensorFlow passes as constant inputs, and the nodes that take them.

/// Returns an integer vector, or a tensor of another shape in row-major order; too large becomes the largest int32.
func constant(indices: [Int], shape: [Int]? = nil, name: String) -> Tensor {
  withoutControlDependencies { constant(indices.map { Int32(clamping: $0) }, shape: shape, name: name) }
}

/// Returns an integer scalar.
func constant(index: Int, name: String) -> Tensor {
  withoutControlDependencies { constant(Int32(clamping: index), name: name) }
}

/// Returns the outputs of a new node that takes tensors and constants, which are named after it: `Pad/paddings`.
///
/// - Parameters:
///   - sources: The tensors that it takes; if one of them is the result of a failed call, so are the outputs.
///   - inputs: Makes the constants and returns all inputs in their order.
func applyWithConstants(
  _ operation: some Operation, on sources: [Tensor], name: String?, outputs: Int = 1, file: StaticString, line: Int,
  inputs: () -> [Tensor]
) -> [Tensor] {
  BuildContext.at(file, line) {
    if let failed = sources.first(where: \.isPoisoned) { return [Tensor](repeating: failed, count: outputs) }
    return inGraph(of: sources.first) {
      nameScope(name ?? operation.name) {
        apply(operation, to: inputs(), name: BuildContext.current.nameScope + "/", outputs: outputs)
      }
    }
  }
}

/// Returns the output of a new node that takes tensors and constants, which are named after it.
func applyWithConstants(
  _ operation: some Operation, on sources: Tensor..., name: String?, file: StaticString, line: Int,
  inputs: () -> [Tensor]
) -> Tensor {
  applyWithConstants(operation, on: sources, name: name, file: file, line: line, inputs: inputs)[0]
}

/// Returns the result of a function that builds several nodes: in a name scope of its own, and failed if a source is.
func composite(
  _ scope: String, _ name: String?, on sources: [Tensor], _ file: StaticString, _ line: Int, _ body: () -> Tensor
) -> Tensor {
  composite(scope, name, on: sources, file, line, outputs: 1) { [body()] }[0]
}

/// Returns the results of a function that builds several nodes.
func composite(
  _ scope: String, _ name: String?, on sources: [Tensor], _ file: StaticString, _ line: Int, outputs: Int,
  _ body: () -> [Tensor]
) -> [Tensor] {
  BuildContext.at(file, line) {
    if let failed = sources.first(where: \.isPoisoned) { return [Tensor](repeating: failed, count: outputs) }
    return inGraph(of: sources.first) { nameScope(name ?? scope, body) }
  }
}

/// Outside `withGraph`, constants go where the tensors are that they are used with.
private func inGraph<Result>(of source: Tensor?, _ body: () -> Result) -> Result {
  guard BuildContext.current.graph == nil, let graph = source?.graph else { return body() }
  return BuildContext.current.with(\.graph, graph).enter(body)
}

extension Operation {
  /// Returns an axis counted from the start.
  ///
  /// - Throws: `GraphError` if it is out of range.
  package func resolve(axis: Int, rank: Int) throws(GraphError) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw GraphError("Expected dimension in the range [\(-rank), \(rank)), but got \(axis)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Throws unless the input is int32 or int64.
  package func expectIndices(_ input: TensorType, _ name: String) throws(GraphError) {
    try expect(input, isOneOf: [.int32, .int64], name)
  }

  /// Throws unless there are as many inputs as `range` says.
  package func expectInputs(atLeast count: Int, _ inputs: [TensorType]) throws(GraphError) {
    guard inputs.count >= count else {
      throw GraphError("\(Self.tfName) takes at least \(count) inputs, not \(inputs.count)")
    }
  }
}

extension Shape {
  /// Returns what both shapes say together.
  ///
  /// - Throws: `GraphError` in TensorFlow's words if they contradict each other.
  func mergedOrThrow(_ other: Shape) throws(GraphError) -> Shape {
    if let merged = merged(with: other) { return merged }
    guard let a = extents, let b = other.extents, a.count == b.count else {
      throw GraphError(
        "Shapes must be equal rank, but are \(rank ?? 0) and \(other.rank ?? 0). Shapes are \(self) and \(other).")
    }
    let axis = zip(a, b).enumerated().first { $1.0 != nil && $1.1 != nil && $1.0 != $1.1 }?.offset ?? 0
    throw GraphError(
      "Dimension \(axis) in both shapes must be equal, but are \(a[axis] ?? 0) and \(b[axis] ?? 0). "
        + "Shapes are \(self) and \(other).")
  }
}
