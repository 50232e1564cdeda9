import EspalierGraph
import EspalierLayers
import Testing

/// Spread and limits of weights `[3, 3, 64, 128]`, as TensorFlow 2.15 draws them.
@Suite struct InitializerTests {
  struct Distribution: CustomTestStringConvertible {
    let testDescription: String
    let initializer: @Sendable () -> Initializer
    let deviation: Double
    let greatest: ClosedRange<Double>
  }

  static let distributions = [
    Distribution(
      testDescription: "variance scaling", initializer: { Initializers.varianceScaling() }, deviation: 0.0417,
      greatest: 0.090...0.0948),
    Distribution(
      testDescription: "Glorot uniform", initializer: { Initializers.glorotUniform() }, deviation: 0.0341,
      greatest: 0.0585...0.0590),
    Distribution(
      testDescription: "He normal", initializer: { Initializers.heNormal() }, deviation: 0.0589,
      greatest: 0.127...0.1341),
    Distribution(
      testDescription: "unit scaling", initializer: { Initializers.uniformUnitScaling() }, deviation: 0.0417,
      greatest: 0.0717...0.0722),
    Distribution(
      testDescription: "slim's", initializer: { Initializers.slimVarianceScaling() }, deviation: 0.0591,
      greatest: 0.128...0.1344),
    Distribution(
      testDescription: "untruncated",
      initializer: { Initializers.varianceScaling(scale: 2, mode: .fanOut, distribution: .untruncatedNormal) },
      deviation: 0.0417, greatest: 0.15...0.25),
  ]

  @Test(arguments: distributions) func spreadsAsTensorFlow(_ distribution: Distribution) throws {
    let trial = try Trial {
      getVariable("w", shape: [3, 3, 64, 128], initializer: distribution.initializer()).tensor
    }
    let values = try trial.values(trial.nodes)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(Swift.abs(mean) < 0.001)
    #expect(Swift.abs(variance.squareRoot() - distribution.deviation) < 0.0004)
    let greatest = try #require(values.map { Swift.abs($0) }.max())
    #expect(distribution.greatest.contains(greatest), "\(greatest)")
  }

  @Test func constantsFill() throws {
    let trial = try Trial {
      [
        getVariable("zeros", shape: [2], dataType: .int64, initializer: Initializers.zeros).tensor,
        getVariable("ones", shape: [2], dataType: .float64, initializer: Initializers.ones).tensor,
        getVariable("half", shape: [], initializer: Initializers.constant(0.5)).tensor,
        getVariable("list", shape: [2, 2], initializer: Initializers.constant([1, 2, 3, 4])).tensor,
        getVariable("unit", shape: [2, 2], initializer: Initializers.identity(gain: 3)).tensor,
      ]
    }
    let values = try trial.nodes.map { try trial.values($0) }
    #expect(values == [[0, 0], [1, 1], [0.5], [1, 2, 3, 4], [3, 0, 0, 3]])
  }
}
