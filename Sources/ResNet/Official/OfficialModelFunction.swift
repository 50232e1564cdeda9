import EspalierEstimator
import EspalierGraph
import EspalierLayers

/// What the official model function is to train, and how.
///
/// Source: the arguments of `resnet_model_fn` of `official/resnet/resnet_run_loop.py`.
public struct OfficialTraining {
  /// The network.
  public var model: OfficialResNetModel
  /// The weight of the squared weights in the loss.
  public var weightDecay: Double
  /// The rate at a step.
  public var learningRate: (_ globalStep: Variable) -> Tensor
  public var momentum = 0.9
  /// What the loss is multiplied with before gradients are computed, and they divided by: keeps small gradients in
  /// half precision from vanishing.
  public var lossScale = 1.0
  /// Whether a variable of this name decays; by default all that are not of a batch normalisation.
  public var lossFilter: (_ name: String) -> Bool = { !$0.contains("batch_normalization") }
  /// Whether only the last layer is trained.
  public var fineTune = false
  /// The share of probability that is spread evenly over all classes.
  public var labelSmoothing = 0.0

  /// Returns a description with the defaults of the official model.
  public init(
    model: OfficialResNetModel, weightDecay: Double, learningRate: @escaping (_ globalStep: Variable) -> Tensor
  ) {
    self.model = model
    self.weightDecay = weightDecay
    self.learningRate = learningRate
  }

  /// Returns the specification of an estimator for this network.
  ///
  /// The tensors `learning_rate`, `cross_entropy`, `l2_loss`, `train_accuracy` and `train_accuracy_top_5` can be
  /// logged by name. Curves come with the first six images of a batch, `images`.
  ///
  /// Source: `resnet_model_fn`.
  public func modelFn(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys
  ) throws -> EstimatorSpec {
    guard let images = features.only else { throw ResNetError("the features must be one tensor of images") }
    guard images.dataType == model.dataType else {
      throw ResNetError("the features are of type \(images.dataType.name), the model of \(model.dataType.name)")
    }
    Summaries.image("images", images, maxOutputs: 6)
    let logits = cast(model(images, training: mode == .train), to: .float32)
    let predictions: [String: Tensor] = [
      "classes": argMax(logits, axis: 1), "probabilities": softmax(logits, name: "softmax_tensor"),
    ]
    guard mode != .predict, let labels = labels?.only else {
      return try EstimatorSpec(
        mode: mode, predictions: .dictionary(predictions),
        exportOutputs: ["predict": .predict(.dictionary(predictions))])
    }
    let loss = loss(logits, labels)
    var trainOp: Node?
    if mode == .train {
      let step = try getOrCreateGlobalStep()
      let rate = identity(learningRate(step), name: "learning_rate")
      Summaries.scalar("learning_rate", rate)
      trainOp = try trainStep(loss, rate, step)
    }
    let metrics = metrics(logits, labels, classes: predictions["classes"] ?? logits)
    return try EstimatorSpec(
      mode: mode, predictions: .dictionary(predictions), loss: loss, trainOp: trainOp, evalMetricOps: metrics,
      progress: ["accuracy": reduceMean(cast(inTopK(predictions: logits, targets: labels, k: 1), to: .float32))])
  }

  private func loss(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    let crossEntropy =
      labelSmoothing == 0
      ? Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
      : Losses.softmaxCrossEntropy(
        oneHotLabels: oneHot(labels, depth: model.classCount), logits: logits, labelSmoothing: labelSmoothing)
    let decaying = trainableVariables(in: logits.graph).filter { lossFilter($0.name) }
    let decay = weightDecay * addN(decaying.map { l2Loss($0.value) })
    Summaries.scalar("cross_entropy", identity(crossEntropy, name: "cross_entropy"))
    Summaries.scalar("l2_loss", identity(decay, name: "l2_loss"))
    return crossEntropy + decay
  }

  private func trainStep(_ loss: Tensor, _ rate: Tensor, _ step: Variable) throws -> Node {
    let optimizer = MomentumOptimizer(learningRate: rate, momentum: momentum)
    let all = trainableVariables(in: loss.graph)
    let variables = fineTune ? all.filter { $0.name.contains("dense") } : all
    var pairs = try optimizer.computeGradients(of: lossScale == 1 ? loss : loss * lossScale, variables: variables)
    if lossScale != 1 {
      pairs = pairs.map { GradientAndVariable($0.gradient.map { $0 * (1 / lossScale) }, $0.variable) }
    }
    return group([try optimizer.applyGradients(pairs, globalStep: step)] + loss.graph.updateOps())
  }

  private func metrics(_ logits: Tensor, _ labels: Tensor, classes: Tensor) -> [String: Metric] {
    let accuracy = Metrics.accuracy(labels: labels, predictions: classes)
    let inTopFive = cast(inTopK(predictions: logits, targets: labels, k: min(5, model.classCount)), to: .float32)
    let topFive = Metrics.mean(inTopFive, name: "top_5")
    Summaries.scalar("train_accuracy", identity(accuracy.update, name: "train_accuracy"))
    Summaries.scalar("train_accuracy_top_5", identity(topFive.update, name: "train_accuracy_top_5"))
    return ["accuracy": accuracy, "accuracy_top_5": topFive]
  }
}
