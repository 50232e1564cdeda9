import Espalier
import TestSupport
import Testing

@Suite struct EvaluateTests {
  private func trained(_ directory: String) throws -> Estimator<LinearModel.Params> {
    let estimator = try LinearModel.estimator(directory)
    return try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
  }

  @Test func twoEvaluationsGiveTheSameBits() throws {
    try withTemporaryDirectory { directory in
      let log = LogLines()
      try log.during {
        let estimator = try trained(directory)
        let first = try estimator.evaluate(inputFn: { try LinearModel.samples(passes: 1) })
        #expect(try estimator.evaluate(inputFn: { try LinearModel.samples(passes: 1) }) == first)
        #expect(first.globalStep == 6 && first["global_step"] == 6)
        #expect(first.metrics.keys.sorted() == ["error", "loss"])
        let loss = try #require(first["loss"])
        let error = try #require(first["error"])
        #expect(loss > 0 && abs(loss - error) < 1e-6, "all batches are of one size")
      }
      // One graph for training, one for both evaluations.
      #expect(log.lines.count { $0 == "Calling model_fn." } == 2)
    }
  }

  @Test func aNewCheckpointIsReadAgain() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try trained(directory)
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let before = try estimator.evaluate(inputFn: input)
        try estimator.train(inputFn: input, steps: 4)
        let after = try estimator.evaluate(inputFn: input)
        #expect(after.globalStep == 10 && after["loss"] != before["loss"])
        let old = try estimator.evaluate(inputFn: input, checkpointPath: directory + "/model.ckpt-6")
        #expect(old == before)
      }
    }
  }

  @Test func logLinesAreTensorFlows() throws {
    try withTemporaryDirectory { directory in
      let estimator = try LogLines.hidden { try trained(directory) }
      let lines = try LogLines.of {
        _ = try estimator.evaluate(inputFn: { try LinearModel.samples() }, steps: 2, name: "two")
      }
      let path = directory + "/model.ckpt-6"
      let expected: [Regex<Substring>] = [
        /Calling model_fn\./, /Done calling model_fn\./, /Starting evaluation at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/,
        /Graph was finalized\./, /Restoring parameters from .*model\.ckpt-6/, /Running local_init_op\./,
        /Done running local_init_op\./, /Evaluation \[1\/2\]/, /Evaluation \[2\/2\]/, /Inference Time : \d+\.\d{5}s/,
        /Finished evaluation at \d{4}-\d\d-\d\d-\d\d:\d\d:\d\d/,
        /Saving dict for global step 6: error = [0-9.e-]+, global_step = 6, loss = [0-9.e-]+/,
        /Saving 'checkpoint_path' summary for global step 6: .*model\.ckpt-6/,
      ]
      #expect(lines.count == expected.count)
      for (line, pattern) in zip(lines, expected) { #expect(try pattern.wholeMatch(in: line) != nil, "\(line)") }
      #expect(lines.last?.hasSuffix(path) == true)
    }
  }

  @Test func longEvaluationsLogEveryTenth() throws {
    try withTemporaryDirectory { directory in
      let estimator = try LogLines.hidden { try trained(directory) }
      let lines = try LogLines.of {
        _ = try estimator.evaluate(inputFn: { try LinearModel.samples() }, steps: 25)
      }
      let progress = lines.filter { $0.hasPrefix("Evaluation") }
      #expect(progress.first == "Evaluation [2/25]" && progress.last == "Evaluation [25/25]" && progress.count == 13)
    }
  }

  @Test func metricsAreWrittenForTensorBoard() throws {
    try withTemporaryDirectory { directory in
      let result = try LogLines.hidden {
        let estimator = try trained(directory)
        return try estimator.evaluate(inputFn: { try LinearModel.samples(passes: 1) }, name: "test")
      }
      let events = try eventFile(in: directory + "/eval_test")
      #expect(events.map(\.step) == [0, 6, 6])
      guard case .summary(let metrics) = events[1].content, case .summary(let path) = events[2].content else {
        Issue.record("expected two summaries")
        return
      }
      #expect(metrics.values.map(\.tag) == ["error", "loss"])
      #expect(metrics.values[1].content == .scalar(Float(result["loss"] ?? .nan)))
      #expect(path.values == [.init(tag: "checkpoint_path", content: .tensor(HostTensor(directory + "/model.ckpt-6")))])
    }
  }

  @Test func untrainedModelsAreEvaluatedAsTheyAreInitialized() throws {
    try withTemporaryDirectory { directory in
      let lines = try LogLines.of {
        let result = try LinearModel.estimator(directory).evaluate(inputFn: { try LinearModel.samples(passes: 1) })
        #expect(result.globalStep == 0)
      }
      #expect(
        lines.contains(
          "Could not find trained model in model_dir: \(directory), running initialization to evaluate."))
    }
  }

  @Test func theLossIsNobodyElsesMetric() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try Estimator(
          modelFn: { x, y, mode in
            let spec = try LinearModel.modelFn(features: x, labels: y, mode: mode, params: .init())
            return try EstimatorSpec(mode: mode, loss: spec.loss, evalMetricOps: ["loss": spec.evalMetricOps["error"]!])
          }, modelDir: directory)
        #expect(
          errorText { _ = try estimator.evaluate(inputFn: { try LinearModel.samples(passes: 1) }) }
            == "Metric with name \"loss\" is not allowed, because Estimator already defines a default metric with the "
            + "same name.")
      }
    }
  }
}

/// Returns the events of the only event file in a directory.
func eventFile(in directory: String) throws -> [Event] {
  let names = try LocalFileSystem().names(inDirectory: directory).filter { $0.hasPrefix("events.out.tfevents.") }
  #expect(names.count == 1)
  let reader = try EventFileReader(path: directory + "/" + (names.first ?? ""))
  var events: [Event] = []
  while let event = try reader.next() { events.append(event) }
  return events
}
