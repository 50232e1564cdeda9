import EspalierGraph
import EspalierLayers

/// A learning rate for batches of any size: proportional to it, falling at epochs, perhaps rising in the first five.
///
///     let rate = LearningRateWithDecay(
///       batchSize: 128, batchDenominator: 128, imageCount: 50_000, boundaryEpochs: [91, 136, 182],
///       decayRates: [1, 0.1, 0.01, 0.001])
///     let optimizer = try MomentumOptimizer(learningRate: rate(getOrCreateGlobalStep()), momentum: 0.9)
///
/// Source: `learning_rate_with_decay` of `official/resnet/resnet_run_loop.py`.
public struct LearningRateWithDecay: Hashable, Sendable {
  /// The rate before any decay.
  public let initialRate: Double
  /// The steps up to which each of `values` holds.
  public let boundaries: [Int]
  /// The rates, one more than there are boundaries.
  public let values: [Double]
  /// The steps in which the rate rises from 0, or nil.
  public let warmUpSteps: Int?

  /// Returns a schedule.
  ///
  /// - Parameters:
  ///   - batchDenominator: The batch size for which `baseRate` is meant.
  ///   - imageCount: The images of an epoch.
  ///   - boundaryEpochs: The epochs at whose ends the rate falls.
  ///   - decayRates: What the rate is multiplied with, one more than there are boundaries.
  ///   - warmUp: Whether the rate rises from 0 in the first five epochs.
  public init(
    batchSize: Int, batchDenominator: Int, imageCount: Int, boundaryEpochs: [Int], decayRates: [Double],
    baseRate: Double = 0.1, warmUp: Bool = false
  ) {
    let initialRate = baseRate * Double(batchSize) / Double(batchDenominator)
    let batchesPerEpoch = Double(imageCount) / Double(batchSize)
    self.initialRate = initialRate
    boundaries = boundaryEpochs.map { Int(batchesPerEpoch * Double($0)) }
    values = decayRates.map { initialRate * $0 }
    warmUpSteps = warmUp ? Int(batchesPerEpoch * 5) : nil
  }

  /// Returns the rate at the step of a counter.
  public func callAsFunction(_ globalStep: Variable) -> Tensor {
    let rate = LearningRate.piecewiseConstant(globalStep.value, boundaries: boundaries, values: values)
    guard let warmUpSteps else { return rate }
    return LearningRate.warmUp(rate, to: initialRate, step: globalStep.value, warmUpSteps: Double(warmUpSteps))
  }
}
