import Espalier

// Learns whether a point of the square lies inside a circle.
func inputFn() throws -> Dataset<Sample> {
  Dataset.range(0..<1000).map(seed: 1) { _, random in
    let x = Float.random(in: -1...1, using: &random)
    let y = Float.random(in: -1...1, using: &random)
    return Sample(features: HostTensor([x, y]), labels: HostTensor(Int32(x * x + y * y < 0.6 ? 1 : 0)))
  }.repeated().batched(50)
}

func modelFn(features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys) throws -> EstimatorSpec {
  guard let points = features.only else { throw GraphError("one feature is expected") }
  let logits = Layers.dense(Layers.dense(points, units: 32, activation: .relu), units: 2)
  let inside = argMax(logits, axis: 1)
  guard let labels = labels?.only else { return try EstimatorSpec(mode: mode, predictions: ["inside": inside]) }
  let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
  let trainOp = try AdamOptimizer(learningRate: 0.01).minimize(loss, globalStep: getOrCreateGlobalStep())
  let accuracy = Metrics.accuracy(labels: labels, predictions: inside)
  return try EstimatorSpec(mode: mode, loss: loss, trainOp: trainOp, evalMetricOps: ["accuracy": accuracy])
}

@main struct Circle {
  static func main() throws {
    let estimator = try Estimator(modelFn: modelFn, modelDir: "jobs/circle")
    try estimator.train(inputFn: inputFn, maxSteps: 500)
    print(try estimator.evaluate(inputFn: inputFn, steps: 20))
  }
}
