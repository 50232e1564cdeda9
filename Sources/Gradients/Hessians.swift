import EspalierGraph

/// Returns the second derivatives of the sum of `ys` with respect to each of `xs`, of its shape twice: element `[i, j]` is
/// the derivative of the one for `x[i]` by `x[j]`. Zeros where `ys` depend on `x` linearly or not at all.
///
/// The graph grows with the number of elements of `xs`: for each, gradients are built.
///
/// - Throws: `GraphError` as `gradients` does, or if the shape of an `x` is not known.
///
/// Source: `tf.hessians`, which takes vectors only.
public func hessians(
  of ys: [Tensor], withRespectTo xs: [Tensor], name: String = "hessians", colocateGradientsWithOps: Bool = false,
  gateGradients: Bool = false, aggregationMethod: AggregationMethod = .addN, file: StaticString = #fileID,
  line: Int = #line
) throws(GraphError) -> [Tensor] {
  func slopes(of ys: [Tensor], by xs: [Tensor]) throws(GraphError) -> [Tensor?] {
    try gradients(
      of: ys, withRespectTo: xs, gateGradients: gateGradients, aggregationMethod: aggregationMethod,
      colocateGradientsWithOps: colocateGradientsWithOps, name: name, file: file, line: line)
  }
  let first = try slopes(of: ys, by: xs)
  var results: [Tensor] = []
  for (x, gradient) in zip(xs, first) {
    guard let extents = x.shape.known else {
      throw GraphError("the second derivatives by \(x.name) need its shape, which is \(x.shape)")
    }
    var rows: [Tensor] = []
    if let gradient {
      let flat = reshape(gradient, to: [-1])
      for index in 0..<extents.reduce(1, *) {
        let element = slice(flat, begin: [index], size: [1])
        let row = try slopes(of: [element], by: [x])[0]
        rows.append(row ?? zeros(like: x))
      }
    }
    results.append(
      rows.isEmpty ? zeros(extents + extents, dataType: x.dataType) : reshape(stack(rows), to: extents + extents))
  }
  return results
}
