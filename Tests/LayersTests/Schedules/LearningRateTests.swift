import EspalierGraph
import EspalierLayers
import Testing

/// What TensorFlow 2.15 computes at a rate of 0.1 and 10 steps.
@Suite struct LearningRateTests {
  struct Schedule: CustomTestStringConvertible {
    let testDescription: String
    let build: @Sendable (Tensor) -> Tensor
    let values: [Int64: Double]
  }

  static let schedules = [
    Schedule(
      testDescription: "exponential staircase",
      build: { LearningRate.exponentialDecay(0.1, step: $0, decaySteps: 10, decayRate: 0.94, staircase: true) },
      values: [0: 0.1, 9: 0.1, 10: 0.094, 25: 0.08836]),
    Schedule(
      testDescription: "exponential",
      build: { LearningRate.exponentialDecay(0.1, step: $0, decaySteps: 10, decayRate: 0.94) },
      values: [5: 0.0969536, 10: 0.094]),
    Schedule(
      testDescription: "polynomial",
      build: { LearningRate.polynomialDecay(0.1, step: $0, decaySteps: 10, endRate: 1e-4, power: 2) },
      values: [5: 0.025075, 10: 1e-4, 25: 1e-4]),
    Schedule(
      testDescription: "cosine", build: { LearningRate.cosineDecay(0.1, step: $0, decaySteps: 10) },
      values: [5: 0.05, 10: 0]),
    Schedule(
      testDescription: "natural exponential",
      build: { LearningRate.naturalExponentialDecay(0.1, step: $0, decaySteps: 10, decayRate: 0.5) },
      values: [5: 0.0778801]),
    Schedule(
      testDescription: "inverse time",
      build: { LearningRate.inverseTimeDecay(0.1, step: $0, decaySteps: 10, decayRate: 0.5) }, values: [5: 0.08]),
    Schedule(
      testDescription: "cosine with restarts",
      build: { LearningRate.cosineDecayRestarts(0.1, step: $0, firstDecaySteps: 10) },
      values: [10: 0.1, 15: 0.0853553, 25: 0.0146447]),
    Schedule(
      testDescription: "linear cosine", build: { LearningRate.linearCosineDecay(0.1, step: $0, decaySteps: 10) },
      values: [5: 0.0251]),
    Schedule(
      testDescription: "the tutorial's steps",
      build: {
        LearningRate.piecewiseConstant(
          $0, boundaries: [28_782, 43_173, 105_300], values: [0.1, 0.01, 0.001, 0.0002])
      },
      values: [0: 0.1, 28_782: 0.1, 28_783: 0.01, 43_173: 0.01, 43_174: 0.001]),
    Schedule(
      testDescription: "warm-up",
      build: { LearningRate.warmUp(constant(0.128 as Float), to: 0.128, step: $0, warmUpSteps: 4) },
      values: [0: 0, 1: 0.032, 3: 0.096, 4: 0.128, 9: 0.128]),
  ]

  @Test(arguments: schedules) func followsTensorFlow(_ schedule: Schedule) throws {
    let trial = try Trial {
      let step = placeholder(.int64, shape: [])
      return (step: step, rate: schedule.build(step))
    }
    for (step, want) in schedule.values {
      let got = try trial.value(trial.nodes.rate, feeding: [trial.nodes.step: HostTensor(step)])
      #expect(Swift.abs(got - want) < 1e-7, "step \(step)")
    }
  }

  @Test func piecewiseConstantRefusesWhatDoesNotFit() {
    let graph = Graph()
    withGraph(graph) {
      let step = placeholder(.int64, shape: [])
      _ = LearningRate.piecewiseConstant(step, boundaries: [1, 2], values: [0.1, 0.01])
      _ = LearningRate.piecewiseConstant(step, boundaries: [1.5], values: [0.1, 0.01])
    }
    #expect(
      graph.diagnostics.map(\.message) == [
        "The length of boundaries should be 1 less than the length of values",
        "Boundaries (float32) must have the same dtype as x (int64).",
      ])
  }
}
