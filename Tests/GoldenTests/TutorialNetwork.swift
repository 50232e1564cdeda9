import EspalierGraph
import EspalierLayers
import EspalierResNet

/// The network of the recorded training runs: that of the CIFAR-10 tutorial, its loss and its optimizer.
struct TutorialNetwork {
  let graph = Graph()
  let images: Tensor
  let labels: Tensor
  let logits: Tensor
  let loss: Tensor
  /// The gradient of the loss by the name of the variable.
  let gradients: [String: Tensor]
  /// Changes all variables by one step of training.
  let train: Node
  /// All variables that a checkpoint holds.
  let variables: [Variable]

  init(layers: Int, batch: Int, learningRate: Double, isTraining: Bool = true) throws {
    (images, labels) = withGraph(graph) {
      (
        placeholder(.uint8, shape: [batch, 32, 32, 3], name: "images"),
        placeholder(.int32, shape: [batch], name: "labels")
      )
    }
    (logits, loss) = withGraph(graph) { [images, labels] in
      let network = ResNetCifar10(layerCount: layers, isTraining: isTraining)
      let logits = variableScope("resnet") { network.forwardPass(cast(images, to: .float32)) }
      let crossEntropy = reduceMean(sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: logits))
      let squares = trainableVariables(in: images.graph).map { l2Loss($0.value) }
      return (logits, crossEntropy + addN(squares) * 2e-4)
    }
    let optimizer = MomentumOptimizer(learningRate: learningRate, momentum: 0.9)
    let pairs = try withGraph(graph) { [loss] in try optimizer.computeGradients(of: loss) }
    var byName: [String: Tensor] = [:]
    for pair in pairs { byName[pair.variable.name] = pair.gradient }
    gradients = byName
    train = try withGraph(graph) { [graph] in
      let step = try optimizer.applyGradients(pairs)
      return group([step] + graph.updateOps())
    }
    variables = graph.collection(.globalVariables)
  }
}
