import Espalier

/// A small model that the tests train: y = Σ w·x, with what it takes to notice lost state.
enum LinearModel {
  struct Params: Sendable {
    /// Whether each step multiplies the input by random numbers.
    var hasNoise = false
    var learningRate = 0.05
  }

  static let batchSize = 4
  static let exampleCount = 20

  /// Returns twenty examples of three numbers and their sums.
  static func samples(shuffled: Bool = false, passes: Int? = nil) throws -> Dataset<Sample> {
    let values = (0..<exampleCount * 3).map { Float($0 % 7) / 7 - 0.3 }
    let sums = (0..<exampleCount).map { row -> Float in
      let sum = values[row * 3] + values[row * 3 + 1] + values[row * 3 + 2]
      return sum + Float(row % 3) / 10
    }
    let sample = Sample(
      features: try HostTensor(values, shape: [exampleCount, 3]), labels: HostTensor(sums))
    let slices = try Dataset.slices(of: sample)
    let ordered = shuffled ? slices.shuffled(buffer: 7, seed: 5) : slices
    return ordered.repeated(passes).batched(batchSize)
  }

  static func modelFn(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys, params: Params
  ) throws -> EstimatorSpec {
    guard let input = features.only else { throw EstimatorError.invalidArgument("one feature is expected") }
    let x = params.hasNoise && mode == .train ? input * randomUniform([batchSize, 3], minimum: 0.5) : input
    let weights = getVariable("weights", shape: [3], initializer: Initializers.zeros).tensor
    let sums = reduceSum(x * weights, axes: [1])
    let predictions: Structure<Tensor> = ["sums": sums, "doubled": sums * 2]
    guard let labels = labels?.only else { return try EstimatorSpec(mode: mode, predictions: predictions) }
    let loss = reduceMean(square(sums - labels))
    let optimizer = MomentumOptimizer(learningRate: params.learningRate, momentum: 0.9)
    let trainOp = mode == .train ? try optimizer.minimize(loss, globalStep: try getOrCreateGlobalStep()) : nil
    return try EstimatorSpec(
      mode: mode, predictions: predictions, loss: loss, trainOp: trainOp,
      evalMetricOps: ["error": Metrics.mean(square(sums - labels))])
  }

  static func estimator(
    _ directory: String, _ params: Params = Params(), config: RunConfig? = nil
  ) throws -> Estimator<Params> {
    let config = try config ?? RunConfig(tfRandomSeed: 1)
    return try Estimator(modelFn: modelFn, modelDir: directory, config: config, params: params)
  }
}

/// Gathers what is logged.
final class LogLines: Sendable {
  private let gathered = Lock<[String]>([])

  var lines: [String] { gathered.withLock { $0 } }

  /// Returns what `body` returns; what it logs is gathered here.
  func during<Result>(_ body: () throws -> Result) rethrows -> Result {
    let gather: @Sendable (Logging.Level, String) -> Void = { [gathered] _, line in
      gathered.withLock { $0.append(line) }
    }
    return try Logging.withSink(gather) { try body() }
  }

  /// Returns the lines that `body` logs.
  static func of(_ body: () throws -> Void) rethrows -> [String] {
    let log = LogLines()
    try log.during(body)
    return log.lines
  }

  /// Returns what `body` returns, without its log.
  static func hidden<Result>(_ body: () throws -> Result) rethrows -> Result {
    try LogLines().during(body)
  }
}

/// Returns the text of the `EstimatorError` that `body` throws, or nil.
func errorText(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
