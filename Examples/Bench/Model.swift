import Espalier

/// A network by name, with its batch.
struct Model {
  let layers: Int
  let batch: Int

  /// Returns the network with this name: `resnet` and a number of layers, 6n + 2.
  ///
  /// - Throws: `UsageError` if there is none.
  init(named name: String, batch: Int) throws(UsageError) {
    guard name.hasPrefix("resnet"), let layers = Int(name.dropFirst(6)), layers >= 8, (layers - 2) % 6 == 0 else {
      throw UsageError("no model '\(name)': resnet8, resnet14, resnet20 … resnet110 are there")
    }
    guard batch > 0 else { throw UsageError("--batch must be a positive integer") }
    self.layers = layers
    self.batch = batch
  }

  /// What a step runs.
  struct Target {
    let images: Tensor
    let labels: Tensor
    let fetches: [Tensor]
    let nodes: [Node]
  }

  /// Builds the workload in the current graph.
  func build(_ workload: Workload) throws -> Target {
    let images = placeholder(shape: [batch, 32, 32, 3], name: "images")
    let labels = placeholder(.int32, shape: [batch], name: "labels")
    let network = ResNetCifar10(layerCount: layers, isTraining: workload == .train)
    let logits = variableScope("resnet") { network.forwardPass(images) }
    guard workload == .train else {
      return Target(images: images, labels: labels, fetches: [softmax(logits)], nodes: [])
    }
    let variables = trainableVariables(in: images.graph)
    let decay = addN(variables.map { l2Loss($0.value) }) * 2e-4
    let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits) + decay
    let step = try getOrCreateGlobalStep()
    let applied = try MomentumOptimizer(learningRate: 0.01, momentum: 0.9).minimize(loss, globalStep: step)
    return Target(images: images, labels: labels, fetches: [loss], nodes: [applied] + images.graph.updateOps())
  }

  /// Returns images that differ from pixel to pixel, with values from 0 to 255.
  func syntheticImages() -> HostTensor {
    var state: UInt32 = 12345
    let pixels = (0..<batch * 32 * 32 * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 24)
    }
    return (try? HostTensor(pixels, shape: [batch, 32, 32, 3]))
      ?? HostTensor(zeros: .float32, shape: [batch, 32, 32, 3])
  }

  /// Returns the labels 0, 1, … 9, 0, …
  func syntheticLabels() -> HostTensor { HostTensor((0..<batch).map { Int32($0 % 10) }) }
}
