import EspalierGraph
import EspalierLayers

/// The older residual network for CIFAR, which normalises before convolutions, built from operations and variables
/// alone.
///
///     let network = ResidualNetwork(ResidualHyperparameters(), images: images, labels: labels, isTraining: true)
///     let trainOp = try network.trainOp()
///
/// Variables are named `init/init_conv/DW`, `unit_1_0/sub1/conv1/DW`, `unit_1_0/shared_activation/init_bn/beta`…
///
/// Source: `ResNet` of `research/resnet/resnet_model.py` of tensorflow/models.
public final class ResidualNetwork {
  /// What it is made with.
  public let hyperparameters: ResidualHyperparameters
  /// Whether batches are normalised by their own statistics.
  public let isTraining: Bool
  /// Is told the shape after each unit: `image after unit unit_1_0: (None, 32, 32, 16)`.
  public var log: ((String) -> Void)?
  /// The nodes that let moving averages follow, which each step of training must run.
  public private(set) var extraTrainOps: [Node] = []
  /// For each image the logits, and the probabilities of its classes.
  public private(set) var logits: Tensor
  public private(set) var predictions: Tensor
  /// What is made small: the cross-entropy, and the squared weights.
  public private(set) var cost: Tensor
  /// The share of right predictions in the batch.
  public private(set) var precision: Tensor
  /// A constant, meant to be fed.
  public private(set) var learningRate: Tensor

  /// Returns the network on a batch of images `[N, H, W, 3]` and their classes, `int32` `[N]`.
  public init(
    _ hyperparameters: ResidualHyperparameters, images: Tensor, labels: Tensor, isTraining: Bool,
    log: ((String) -> Void)? = nil
  ) {
    self.hyperparameters = hyperparameters
    self.isTraining = isTraining
    self.log = log
    (logits, predictions, cost, precision, learningRate) = (images, images, images, images, images)
    logits = model(images)
    predictions = softmax(logits)
    cost = nameScope("costs") {
      let losses = sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: logits)
      return reduceMean(losses, name: "xent") + decay()
    }
    precision = nameScope("acc") {
      let isRight = equal(cast(argMax(logits, axis: 1), to: .int32), labels)
      return reduceMean(cast(isRight, to: .float32), name: "accu")
    }
    learningRate = constant(Float(hyperparameters.learningRate))
    Summaries.scalar("cost", cost)
    Summaries.scalar("accuracy", precision)
    Summaries.scalar("learning rate", learningRate)
  }

  private func model(_ images: Tensor) -> Tensor {
    let filters = hyperparameters.filters
    var x = variableScope("init") { conv("init_conv", images, 3, 3, filters[0], 1) }
    for (stage, (stride, activates)) in zip([1, 2, 2], [true, false, false]).enumerated() {
      for unit in 0..<hyperparameters.residualUnitCount {
        let name = "unit_\(stage + 1)_\(unit)"
        let input = x
        x = variableScope(name) {
          self.unit(
            input, unit == 0 ? filters[stage] : filters[stage + 1], filters[stage + 1],
            stride: unit == 0 ? stride : 1, activatesBefore: unit == 0 && activates)
        }
        log?("image after unit \(name): \(x.shape.tuple)")
      }
    }
    let last = x
    let pooled = variableScope("unit_last") { globalAveragePool(relu(batchNorm("final_bn", last))) }
    return variableScope("logit") { fullyConnected(pooled, hyperparameters.classCount) }
  }

  private func unit(_ x: Tensor, _ from: Int, _ to: Int, stride: Int, activatesBefore: Bool) -> Tensor {
    hyperparameters.useBottleneck
      ? bottleneckResidual(x, from, to, stride: stride, activatesBefore: activatesBefore)
      : residual(x, from, to, stride: stride, activatesBefore: activatesBefore)
  }

  /// Returns the squared weights of convolutions and of the last layer.
  private func decay() -> Tensor {
    let weights = trainableVariables(in: logits.graph).filter { $0.name.contains("DW") }
    return hyperparameters.weightDecayRate * addN(weights.map { l2Loss($0.value) })
  }

  func keep(_ update: Node) { extraTrainOps.append(update) }

  /// Returns the node of one step of training.
  ///
  /// - Throws: `GraphError` if the graph holds a mistake.
  ///
  /// Source: `_build_train_op`.
  public func trainOp() throws -> Node {
    let variables = trainableVariables(in: cost.graph)
    try cost.graph.check()
    let gradients = try gradientPairs(variables)
    let optimizer: Optimizer =
      hyperparameters.optimizer == .momentum
      ? MomentumOptimizer(learningRate: learningRate, momentum: 0.9)
      : GradientDescentOptimizer(learningRate: learningRate)
    let apply = try optimizer.applyGradients(gradients, globalStep: getOrCreateGlobalStep(), name: "train_step")
    return group([apply] + extraTrainOps)
  }

  private func gradientPairs(_ variables: [Variable]) throws -> [GradientAndVariable] {
    try GradientDescentOptimizer(learningRate: learningRate).computeGradients(of: cost, variables: variables)
  }
}
