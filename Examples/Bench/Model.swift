import Espalier

/// A network by name with its batch, built as users build it.
struct Model {
  let name: String
  let layers: Int
  private let isForImagenet: Bool
  let size: Int
  let batch: Int
  let optimizer: String

  /// Returns the network that the options ask for.
  ///
  /// - Throws: `UsageError` if there is none.
  init(_ options: Options) throws(UsageError) {
    guard options.model.hasPrefix("resnet"), let layers = Int(options.model.dropFirst(6)) else {
      throw Self.unknown(options.model)
    }
    isForImagenet = ImagenetModel.blockSizes[layers] != nil
    guard isForImagenet || (layers >= 8 && (layers - 2) % 6 == 0) else { throw Self.unknown(options.model) }
    name = options.model
    self.layers = layers
    size = options.size > 0 ? options.size : isForImagenet ? 224 : 32
    batch = options.batch
    optimizer = options.optimizer
  }

  private static func unknown(_ name: String) -> UsageError {
    UsageError("no model '\(name)': there are resnet8, resnet14, resnet20 … resnet110, and resnet18, 34, 50, 101, 152")
  }

  /// Builds a step in the current graph.
  func build(isTraining: Bool) throws -> GraphSteps.Work {
    let images = placeholder(shape: [batch, size, size, 3], name: "images")
    let labels = placeholder(.int32, shape: [batch], name: "labels")
    let feeding = [images: syntheticImages(), labels: self.labels]
    let logits = try logits(of: images, isTraining: isTraining)
    guard isTraining else { return GraphSteps.Work(fetches: [softmax(logits)], feeding: feeding) }
    let (loss, trainOp) = try training(labels, logits)
    return GraphSteps.Work(fetches: [loss], targets: [trainOp], feeding: feeding)
  }

  /// Returns the network's answers.
  func logits(of images: Tensor, isTraining: Bool) throws -> Tensor {
    if isForImagenet { return try ImagenetModel(resnetSize: layers, resnetVersion: 1)(images, training: isTraining) }
    return variableScope("resnet") { ResNetCifar10(layerCount: layers, isTraining: isTraining).forwardPass(images) }
  }

  /// Returns the loss with weight decay, and what makes it smaller.
  func training(_ labels: Tensor, _ logits: Tensor) throws -> (loss: Tensor, trainOp: Node) {
    let variables = trainableVariables(in: logits.graph)
    let decay = addN(variables.map { l2Loss($0.value) }) * 2e-4
    let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits) + decay
    let step = try getOrCreateGlobalStep()
    let applied =
      optimizer == "adam"
      ? try AdamOptimizer(learningRate: 0.001).minimize(loss, globalStep: step)
      : try MomentumOptimizer(learningRate: 0.01, momentum: 0.9).minimize(loss, globalStep: step)
    return (loss, group([applied] + logits.graph.updateOps()))
  }

  /// The classes of the images.
  var labels: HostTensor { HostTensor((0..<batch).map { Int32($0 % 10) }) }

  /// Returns images that differ from pixel to pixel, with values from 0 to 255.
  func syntheticImages() -> HostTensor {
    var noise = Noise()
    var images = HostTensor(zeros: .float32, shape: [batch, size, size, 3])
    images.withUnsafeMutableBytes { bytes in
      for index in bytes.bindMemory(to: Float.self).indices { bytes.bindMemory(to: Float.self)[index] = noise.next() }
    }
    return images
  }
}

/// Numbers without a pattern, the same in each run.
struct Noise {
  private var state: UInt32 = 12345

  /// Returns a whole number from 0 to 255.
  mutating func next() -> Float { Float(byte()) }

  mutating func byte() -> UInt8 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
}
