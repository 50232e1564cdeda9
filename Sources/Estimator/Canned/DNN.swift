import EspalierGraph
import EspalierLayers

/// Tells classes apart with fully connected layers.
///
/// Source: `tf.estimator.DNNClassifier`.
public final class DNNClassifier: Estimator<Void> {
  /// Returns an estimator.
  ///
  /// - Parameters:
  ///   - hiddenUnits: The units of each hidden layer.
  ///   - featureColumns: How features become numbers.
  ///   - nClasses: The number of classes; labels are numbers below it.
  ///   - optimizer: Makes the optimizer; by default Adagrad with rate 0.05.
  ///   - dropout: The share of each hidden layer that is dropped in training.
  /// - Throws: As `Estimator`.
  public init(
    hiddenUnits: [Int], featureColumns: [FeatureColumn], modelDir: String? = nil, nClasses: Int = 2,
    optimizer: @escaping () throws -> Optimizer = { AdagradOptimizer(learningRate: 0.05) },
    activation: Activation = .relu, dropout: Double = 0, config: RunConfig? = nil,
    warmStartFrom: WarmStartSettings? = nil
  ) throws {
    let head = try Head.classes(nClasses)
    let network = DenseNetwork(
      hiddenUnits: hiddenUnits, columns: featureColumns, activation: activation, dropout: dropout)
    try super.init(
      modelFn: { features, labels, mode, _ in
        let logits = try network.logits(features, count: head.logitCount, mode: mode)
        return try head.spec(mode, logits: logits, labels: labels, optimizer: optimizer)
      }, modelDir: modelDir, config: config, params: (), warmStartFrom: warmStartFrom)
  }
}

/// Predicts numbers with fully connected layers.
///
/// Source: `tf.estimator.DNNRegressor`.
public final class DNNRegressor: Estimator<Void> {
  /// Returns an estimator.
  ///
  /// - Parameters:
  ///   - hiddenUnits: The units of each hidden layer.
  ///   - featureColumns: How features become numbers.
  ///   - labelDimension: How many numbers each label has.
  ///   - optimizer: Makes the optimizer; by default Adagrad with rate 0.05.
  ///   - dropout: The share of each hidden layer that is dropped in training.
  /// - Throws: As `Estimator`.
  public init(
    hiddenUnits: [Int], featureColumns: [FeatureColumn], modelDir: String? = nil, labelDimension: Int = 1,
    optimizer: @escaping () throws -> Optimizer = { AdagradOptimizer(learningRate: 0.05) },
    activation: Activation = .relu, dropout: Double = 0, config: RunConfig? = nil,
    warmStartFrom: WarmStartSettings? = nil
  ) throws {
    try expectPositive(labelDimension, "label_dimension")
    let head = Head.regression(dimension: labelDimension)
    let network = DenseNetwork(
      hiddenUnits: hiddenUnits, columns: featureColumns, activation: activation, dropout: dropout)
    try super.init(
      modelFn: { features, labels, mode, _ in
        let logits = try network.logits(features, count: head.logitCount, mode: mode)
        return try head.spec(mode, logits: logits, labels: labels, optimizer: optimizer)
      }, modelDir: modelDir, config: config, params: (), warmStartFrom: warmStartFrom)
  }
}
