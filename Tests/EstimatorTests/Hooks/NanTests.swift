import Espalier
import TestSupport
import Testing

@Suite struct NanTests {
  /// Trains y = f(w·x) on ones with a rate that leaves w alone but for what is not finite.
  private func train(
    _ directory: String, steps: Int = 3, input: Float = 1, start: Double = 2,
    _ loss: @escaping (Tensor, Tensor) -> Tensor
  ) throws -> (error: String?, lines: [String], weight: HostTensor?) {
    let log = LogLines()
    return try log.during {
      let estimator = try Estimator(
        modelFn: { features, _, mode in
          let x = try features.only ?? { throw EstimatorError.invalidArgument("one feature") }()
          let w = getVariable("w", shape: [2], initializer: Initializers.constant(start)).tensor
          let value = loss(x, w)
          let trainOp = try GradientDescentOptimizer(learningRate: 0.5).minimize(
            value, globalStep: try getOrCreateGlobalStep())
          return try EstimatorSpec(mode: mode, loss: value, trainOp: trainOp)
        }, modelDir: directory, config: try RunConfig(saveCheckpointsSteps: 1))
      let sample = Sample(features: try HostTensor([input, 1], shape: [1, 2]))
      let error = errorText {
        try estimator.train(inputFn: { .elements(Array(repeating: sample, count: 10)) }, steps: steps)
      }
      return (error, log.lines, try? estimator.variableValue("w"))
    }
  }

  @Test func theFirstOperationToBlameIsNamed() throws {
    try withTemporaryDirectory { directory in
      let line = #line + 2
      let result = try train(directory) { x, w in
        reduceMean(log(x * w - 2) * (x - x))
      }
      #expect(result.error == "NaN loss during training.")
      #expect(
        result.lines.contains { text in
          text.hasPrefix("The loss of step 1 is not a number. The first operation to blame is Log Log")
            && text.contains("NanTests.swift:\(line)): it made 2 infinite of 2 numbers out of ")
            && text.contains("float32[1,2] in 0 … 0.")
        })
      #expect(result.lines.last == "Model diverged with loss = NaN.")
    }
  }

  @Test(arguments: ["Sqrt", "RealDiv", "Exp"])
  func plantedMistakesAreFound(_ operation: String) throws {
    try withTemporaryDirectory { directory in
      let result = try train(directory) { x, w in
        switch operation {
        case "Sqrt": reduceMean(sqrt(x - 2 * w))
        case "RealDiv": reduceMean((x - x) / (w - w))
        default: reduceMean(exp(w * 1000) - exp(w * 1001))
        }
      }
      #expect(result.lines.contains { $0.contains("The first operation to blame is \(operation) ") })
      // Such a step changes nothing: the checkpoint before it is the last.
      #expect(result.weight == HostTensor([Float(2), 2]))
    }
  }

  @Test func inputsAndVariablesCanBeToBlame() throws {
    try withTemporaryDirectory { directory in
      let fed = try train(directory + "/input", input: .nan) { x, w in reduceMean(x * w) }
      #expect(
        fed.lines.contains {
          $0.contains("The input IteratorGetNext/features") && $0.hasSuffix("has 1 NaN of 2 numbers before the step.")
        })
      // The gradient of a square root at zero is infinite while the loss is not.
      let poisoned = try train(directory + "/variable", start: 1) { x, w in reduceMean(sqrt(w - x)) }
      #expect(
        poisoned.lines.contains {
          $0.hasPrefix("The loss of step 2 is") && $0.contains("The variable w")
            && $0.contains("of 2 numbers before the step.")
        })
    }
  }

  @Test func infiniteLossesAreExplainedOnceAndTrainingGoesOn() throws {
    try withTemporaryDirectory { directory in
      let result = try train(directory, steps: 3) { x, w in reduceMean(stopGradient(-log(x - x)) + w) }
      #expect(result.error == nil)
      #expect(result.lines.count { $0.contains("is infinite. The first operation to blame is Log") } == 1)
      #expect(result.weight == HostTensor([Float(1.25), 1.25]))
    }
  }
}
