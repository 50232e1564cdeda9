import Espalier
import TestSupport
import Testing

@Suite struct HookStateTests {
  /// Sums up the numbers of all steps, of those of earlier runs too.
  private final class StepSum: ResumableHook {
    let stateName = "step_sum"
    private(set) var sum = 0.0

    var state: [String: HostTensor] { ["sum": HostTensor(sum)] }
    func restore(_ state: [String: HostTensor]) throws { sum = try state["sum"]?.scalar(as: Double.self) ?? 0 }
    func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) { sum += Double(context.globalStep ?? 0) }
  }

  private func train(_ directory: String, upTo ends: [Int]) throws -> Double {
    var last = 0.0
    for end in ends {
      let hook = StepSum()
      let config = try RunConfig(tfRandomSeed: 3, saveCheckpointsSteps: 4)
      try LogLines.hidden {
        _ = try LinearModel.estimator(directory, config: config).train(
          inputFn: { try LinearModel.samples(shuffled: true) }, hooks: [hook], maxSteps: end)
      }
      last = hook.sum
    }
    return last
  }

  @Test func hooksRememberAcrossRuns() throws {
    try withTemporaryDirectory { directory in
      let whole = try train(directory + "/whole", upTo: [10])
      #expect(try train(directory + "/parts", upTo: [3, 7, 10]) == whole)
      #expect(whole == 55)
      let estimator = try LogLines.hidden { try LinearModel.estimator(directory + "/whole") }
      #expect(!(try estimator.variableNames()).contains { $0.hasPrefix("espalier/") }, "they are no variables")
    }
  }

  @Test func namesAreUnique() throws {
    try withTemporaryDirectory { directory in
      LogLines.hidden {
        let text = errorText {
          try LinearModel.estimator(directory).train(
            inputFn: { try LinearModel.samples() }, hooks: [StepSum(), StepSum()], steps: 1)
        }
        #expect(text == "Two hooks have the state name 'step_sum'.")
      }
    }
  }
}
