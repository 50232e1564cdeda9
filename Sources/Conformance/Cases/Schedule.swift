import EspalierExecutor
import EspalierGraph
import EspalierLayers

extension Cases {
  /// Cases of learning rates at given steps.
  static let schedules: [String: @Sendable (GoldenCase) throws -> Deviation] = ["schedule": { try schedule($0) }]

  private static func schedule(_ golden: GoldenCase) throws -> Deviation {
    guard let steps = golden.content["steps"]?.ints, let want = golden.content["values"]?.doubles else {
      throw ConformanceError("\(golden.name) has no steps")
    }
    return try withGraph(Graph()) {
      let step = placeholder(.int64, shape: [])
      let rate = try learningRate(golden, step)
      let session = Session(graph: step.graph, configuration: Runner.configuration)
      let got = try steps.map { try session.run(rate, feeding: [step: HostTensor(Int64($0))]).doubles()[0] }
      var deviation = Deviation()
      deviation.compare(got, with: want, golden.tolerance, "rate")
      return deviation
    }
  }

  private static func learningRate(_ golden: GoldenCase, _ step: Tensor) throws(ConformanceError) -> Tensor {
    let attributes = golden.attributes
    func number(_ name: String, _ standard: Double = 0) -> Double { attributes[name]?.double ?? standard }
    let rate = number("learning_rate")
    let steps = number("decay_steps")
    let staircase = attributes["staircase"]?.bool ?? false
    switch golden.operation {
    case "piecewise_constant":
      return LearningRate.piecewiseConstant(
        step, boundaries: attributes["boundaries"]?.ints ?? [], values: attributes["values"]?.doubles ?? [])
    case "exponential_decay":
      return LearningRate.exponentialDecay(
        rate, step: step, decaySteps: steps, decayRate: number("decay_rate"), staircase: staircase)
    case "natural_exp_decay":
      return LearningRate.naturalExponentialDecay(
        rate, step: step, decaySteps: steps, decayRate: number("decay_rate"), staircase: staircase)
    case "inverse_time_decay":
      return LearningRate.inverseTimeDecay(
        rate, step: step, decaySteps: steps, decayRate: number("decay_rate"), staircase: staircase)
    case "polynomial_decay":
      return LearningRate.polynomialDecay(
        rate, step: step, decaySteps: steps, endRate: number("end_learning_rate", 1e-4), power: number("power", 1),
        cycle: attributes["cycle"]?.bool ?? false)
    case "cosine_decay":
      return LearningRate.cosineDecay(rate, step: step, decaySteps: steps, alpha: number("alpha"))
    case "cosine_decay_restarts":
      return LearningRate.cosineDecayRestarts(
        rate, step: step, firstDecaySteps: number("first_decay_steps"), lengthFactor: number("t_mul", 2),
        heightFactor: number("m_mul", 1), alpha: number("alpha"))
    case "linear_cosine_decay": return LearningRate.linearCosineDecay(rate, step: step, decaySteps: steps)
    default: throw ConformanceError("there is no \(golden.operation)")
    }
  }
}
