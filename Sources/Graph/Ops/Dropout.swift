/// Returns `x` with a random part of its elements set to 0 and the others divided by 1 - `rate`.
///
/// - Parameters:
///   - rate: The probability that an element is dropped, in 0 ..< 1.
///   - noiseShape: Broadcast against `x`: along axes of extent 1 elements are dropped together. By default that of `x`.
///   - seed: Makes the choice repeatable.
///
/// Source: `tf.nn.dropout`.
public func dropout(
  _ x: Tensor, rate: Double, noiseShape: [Int]? = nil, seed: Int? = nil, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("dropout", name, on: [x], file, line) {
    guard rate >= 0, rate < 1 else {
      return failedTensor("rate must be a scalar tensor or a float in the range [0, 1), got \(rate)", in: x.graph)
    }
    if rate == 0 { return identity(x) }
    let draw = x.graph.draw(seed: seed, x.dataType)
    let extents = noiseShape.map(shapeConstant) ?? shape(x)
    let drawn = nameScope("random_uniform") {
      apply(RandomUniform(draw), extents)
    }
    let isKept = greaterEqual(drawn, constant(number: rate, like: x, name: "rate"))
    return x * (1 / (1 - rate)) * cast(isKept, to: x.dataType)
  }
}

/// Returns `x` with each element kept with a probability and divided by it, else set to 0.
///
/// - Parameter keepProbability: In (0, 1].
///
/// Source: `tf.nn.dropout(keep_prob=…)`.
public func dropout(
  _ x: Tensor, keepProbability: Double, noiseShape: [Int]? = nil, seed: Int? = nil, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  dropout(x, rate: 1 - keepProbability, noiseShape: noiseShape, seed: seed, name: name, file: file, line: line)
}
