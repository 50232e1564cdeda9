import EspalierGraph
import EspalierLayers

/// Tells classes apart by weighted sums.
///
/// Source: `tf.estimator.LinearClassifier`.
public final class LinearClassifier: Estimator<Void> {
  /// Returns an estimator.
  ///
  /// - Parameters:
  ///   - featureColumns: How features become numbers.
  ///   - nClasses: The number of classes; labels are numbers below it.
  ///   - optimizer: Makes the optimizer; by default Ftrl with a rate of at most 0.2.
  /// - Throws: As `Estimator`.
  public init(
    featureColumns: [FeatureColumn], modelDir: String? = nil, nClasses: Int = 2,
    optimizer: (() throws -> Optimizer)? = nil, config: RunConfig? = nil,
    warmStartFrom: WarmStartSettings? = nil
  ) throws {
    let head = try Head.classes(nClasses)
    let network = LinearNetwork(columns: featureColumns)
    try super.init(
      modelFn: { features, labels, mode, _ in
        let logits = try network.logits(features, count: head.logitCount)
        return try head.spec(mode, logits: logits, labels: labels, optimizer: optimizer ?? network.optimizer)
      }, modelDir: modelDir, config: config, params: (), warmStartFrom: warmStartFrom)
  }
}

/// Predicts numbers by weighted sums.
///
/// Source: `tf.estimator.LinearRegressor`.
public final class LinearRegressor: Estimator<Void> {
  /// Returns an estimator.
  ///
  /// - Parameters:
  ///   - featureColumns: How features become numbers.
  ///   - labelDimension: How many numbers each label has.
  ///   - optimizer: Makes the optimizer; by default Ftrl with a rate of at most 0.2.
  /// - Throws: As `Estimator`.
  public init(
    featureColumns: [FeatureColumn], modelDir: String? = nil, labelDimension: Int = 1,
    optimizer: (() throws -> Optimizer)? = nil, config: RunConfig? = nil,
    warmStartFrom: WarmStartSettings? = nil
  ) throws {
    try expectPositive(labelDimension, "label_dimension")
    let head = Head.regression(dimension: labelDimension)
    let network = LinearNetwork(columns: featureColumns)
    try super.init(
      modelFn: { features, labels, mode, _ in
        let logits = try network.logits(features, count: head.logitCount)
        return try head.spec(mode, logits: logits, labels: labels, optimizer: optimizer ?? network.optimizer)
      }, modelDir: modelDir, config: config, params: (), warmStartFrom: warmStartFrom)
  }
}
