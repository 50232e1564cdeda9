/// Returns the gradient with respect to each input of a node, given those with respect to its outputs (nil is zero), by
/// adding operations to the graph; nil for an input that has none.
///
/// Source: the function that `tf.RegisterGradient` decorates.
public typealias GradientFunction = (_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?]

extension Graph {
  /// Makes a function known as the gradient of those nodes of this graph that ask for it by name.
  ///
  ///     graph.registerGradient("Straight") { node, upstream in upstream }
  ///     let y = withGradientOverrides(["Round": "Straight"]) { round(x) }
  ///
  /// A name that is taken is a mistake of the graph. Functions are not part of files: whoever imports a graph that asks
  /// for one registers it anew.
  ///
  /// Source: `tf.RegisterGradient`, whose names hold for all graphs of a program.
  public func registerGradient(
    _ name: String, file: StaticString = #fileID, line: Int = #line, _ function: @escaping GradientFunction
  ) {
    guard gradientFunctions[name] == nil else {
      return report(GraphError("Registering two gradient with name '\(name)'!", file: file, line: line))
    }
    gradientFunctions[name] = function
  }

  /// Returns a name under which no function is registered: `CustomGradient-1`.
  package func unusedGradientName() -> String {
    let first = gradientFunctions.count
    // One of more names than there are functions is free.
    let free = (first...2 * first).first { gradientFunctions["CustomGradient-\($0)"] == nil }
    return "CustomGradient-\(free ?? first)"
  }
}

/// Returns what `body` returns; the nodes that it makes have the gradients that were registered under these names in
/// place of those of their operations.
///
/// - Parameter names: The names of gradients by TensorFlow's names of operations, `["Round": "Straight"]`.
///
/// Source: `tf.Graph.gradient_override_map`.
public func withGradientOverrides<Result, Failure: Error>(
  _ names: [String: String], _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let all = BuildContext.current.gradientOverrides.merging(names) { _, inner in inner }
  return try BuildContext.current.with(\.gradientOverrides, all).enter(body)
}
