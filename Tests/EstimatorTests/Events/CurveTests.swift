import Espalier
import TestSupport
import Testing

/// Metrics of training, and the numbers of event files as lines of JSON.
@Suite struct CurveTests {
  /// A model without anything to learn, whose input is gathered by a metric.
  private func estimator(_ directory: String) throws -> Estimator<Void> {
    try Estimator(
      modelFn: { features, _, mode in
        let x = try #require(features.only)
        let weight = getVariable("weight", shape: [], initializer: Initializers.zeros)
        let loss = reduceMean(x * weight.tensor)
        let step = try getOrCreateGlobalStep()
        return try EstimatorSpec(
          mode: mode, loss: loss,
          trainOp: try GradientDescentOptimizer(learningRate: 0.0).minimize(loss, globalStep: step),
          evalMetricOps: ["input": Metrics.mean(x)],
          trainMetricOps: mode == .train ? ["input": Metrics.mean(x)] : [:])
      }, config: try RunConfig(modelDir: directory, saveSummarySteps: 3, saveCheckpointsSteps: 100))
  }

  private func input() -> Dataset<Sample> {
    Dataset.range(0..<7).map { Sample(features: HostTensor([Float($0), Float($0)])) }
  }

  @Test func metricsOfTrainingAreMeansBetweenSummaries() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try estimator(directory)
        try estimator.train(inputFn: input)
        let points = try ScalarEvents.points(in: directory).filter { $0.tag == "input" }
        // Of 0, 1, 2; of 3, 4, 5; and of the 6 that is left at the end.
        #expect(points.map(\.step) == [3, 6, 7] && points.map(\.value) == [1, 4, 6])
        #expect(try estimator.evaluate(inputFn: input)["input"] == 3, "evaluation has sums of its own")
      }
    }
  }

  @Test func curvesAreTheNumbersOfTheEvents() throws {
    try withTemporaryDirectory { directory in
      _ = try LogLines.hidden { try estimator(directory).train(inputFn: input) }
      let names = try LocalFileSystem().names(inDirectory: directory).filter { $0.hasSuffix(".jsonl") }
      #expect(names.count == 1 && names[0].hasPrefix("curves."))
      let text = String(decoding: try bytes(ofFile: directory + "/" + names[0]), as: UTF8.self)
      var found: [String] = []
      for line in text.split(separator: "\n") {
        guard case .object(let fields) = try JSONValue(parsing: String(line)), case .number(let step)? = fields["step"],
          case .object(let values)? = fields["values"]
        else {
          Issue.record("\(line)")
          continue
        }
        for (tag, value) in values { found.append("\(Int(step)) \(tag) \(value)") }
      }
      let expected = try ScalarEvents.points(in: directory).map { "\($0.step) \($0.tag) \(JSONValue.number($0.value))" }
      #expect(found.sorted() == expected.sorted() && !found.isEmpty)
    }
  }
}
