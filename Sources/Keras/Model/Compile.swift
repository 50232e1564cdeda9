import EspalierGraph
import EspalierLayers

extension Keras {
  /// How a model is trained, by name or made from an optimizer of the library.
  public struct Optimizer {
    let make: () -> EspalierLayers.Optimizer

    /// Returns a choice of an optimizer.
    public init(_ optimizer: @escaping @autoclosure () -> EspalierLayers.Optimizer) { make = optimizer }

    /// Adam with Keras's numbers: rate 0.001, epsilon 1e-7.
    public static var adam: Optimizer { adam() }

    /// Adam with Keras's numbers, but for the rate.
    public static func adam(learningRate: Double = 0.001) -> Optimizer {
      Optimizer(AdamOptimizer(learningRate: learningRate, epsilon: 1e-7))
    }

    /// Gradient descent, with momentum if that is not 0.
    public static func sgd(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false) -> Optimizer {
      momentum == 0
        ? Optimizer(GradientDescentOptimizer(learningRate: learningRate))
        : Optimizer(MomentumOptimizer(learningRate: learningRate, momentum: momentum, useNesterov: nesterov))
    }
  }

  /// What a model is trained to make small: a number for each batch, of labels and outputs.
  public struct Loss {
    /// The name of the loss.
    public let name: String
    let labelType: DataType
    package let value: (_ labels: Tensor, _ outputs: Tensor) -> Tensor

    /// Returns a loss.
    ///
    /// - Parameter value: Returns the mean over the batch, by adding operations to the current graph.
    public init(
      _ name: String, labelType: DataType = .float32,
      _ value: @escaping (_ labels: Tensor, _ outputs: Tensor) -> Tensor
    ) {
      self.name = name
      self.labelType = labelType
      self.value = value
    }

    /// The mean cross-entropy of probabilities of one event and whether it happened, 0 or 1.
    ///
    /// Where the outputs are a sigmoid, what it was applied to is used, so that nothing is lost near 0 and 1.
    ///
    /// Source: `tf.keras.losses.binary_crossentropy`.
    public static var binaryCrossentropy: Loss {
      Loss("binary_crossentropy") { labels, outputs in
        if outputs.node.operation is Sigmoid {
          return reduceMean(sigmoidCrossEntropyWithLogits(labels: labels, logits: outputs.node.inputs[0]))
        }
        let epsilon = 1e-7
        let probabilities = clipByValue(outputs, minimum: epsilon, maximum: 1 - epsilon)
        let happened = labels * log(probabilities + epsilon)
        return -reduceMean(happened + (1 - labels) * log(1 - probabilities + epsilon))
      }
    }

    /// The mean cross-entropy of class probabilities and the true classes, integers.
    ///
    /// Source: `tf.keras.losses.sparse_categorical_crossentropy`.
    public static var sparseCategoricalCrossentropy: Loss {
      Loss("sparse_categorical_crossentropy", labelType: .int32) { labels, outputs in
        let logits = outputs.node.operation is Softmax ? outputs.node.inputs[0] : log(outputs + 1e-7)
        return reduceMean(sparseSoftmaxCrossEntropyWithLogits(labels: reshape(labels, to: [-1]), logits: logits))
      }
    }

    /// The mean of squared differences.
    public static var meanSquaredError: Loss {
      Loss("mean_squared_error") { reduceMean(squaredDifference($0, $1)) }
    }
  }

  /// A number about the outputs of a batch that is shown beside the loss.
  public struct Metric {
    /// The name under which it is shown.
    public let name: String
    package let value: (_ labels: Tensor, _ outputs: Tensor) -> Tensor

    /// Returns a metric.
    ///
    /// - Parameter value: Returns the mean over the batch, by adding operations to the current graph.
    public init(_ name: String, _ value: @escaping (_ labels: Tensor, _ outputs: Tensor) -> Tensor) {
      self.name = name
      self.value = value
    }

    /// How often the outputs are right: above one half where there is one, the greatest where there are several.
    public static var accuracy: Metric {
      Metric("accuracy") { labels, outputs in
        let isRight =
          outputs.shape[-1] == 1
          ? equal(cast(greater(outputs, 0.5 * ones(like: outputs)), to: .float32), cast(labels, to: .float32))
          : equal(argMax(outputs, axis: -1), cast(reshape(labels, to: [-1]), to: .int64))
        return reduceMean(cast(isRight, to: .float32))
      }
    }
  }

  /// The parts of the graph that training and evaluation run.
  struct CompiledModel {
    let labels: Tensor
    let metricNames: [String]
    let trainingValues: [Tensor]
    let values: [Tensor]
    let trainOps: [Node]
    let gradientNorms: [(variable: Variable, norm: Tensor)]
  }
}

extension Keras.Model {
  /// Makes the model ready for training.
  ///
  /// - Throws: `GraphError` if loss or metrics do not fit the outputs, or the model has several.
  public func compile(optimizer: Keras.Optimizer, loss: Keras.Loss, metrics: [Keras.Metric] = []) throws {
    guard let trained = trainingOutputs.first, let output = outputs.first, outputs.count == 1 else {
      throw GraphError("a model of \(outputs.count) outputs cannot be compiled")
    }
    let (graph, optimizer) = (graph, optimizer.make())
    compiled = try withGraph(graph) {
      let shape: Shape = loss.labelType.isInteger ? .unknown : output.shape
      let labels = placeholder(loss.labelType, shape: shape, name: "labels")
      let values = nameScope("metrics") { ([loss.value] + metrics.map(\.value)).map { $0(labels, output) } }
      let trainingValues = nameScope("training/metrics") {
        ([loss.value] + metrics.map(\.value)).map { $0(labels, trained) }
      }
      let pairs = try optimizer.computeGradients(of: trainingValues[0])
      let norms = pairs.compactMap { pair in
        pair.gradient.map { (variable: pair.variable, norm: sqrt(reduceSum(square($0)))) }
      }
      let train = try optimizer.applyGradients(pairs)
      return Keras.CompiledModel(
        labels: labels, metricNames: ["loss"] + metrics.map(\.name), trainingValues: trainingValues, values: values,
        trainOps: [train] + graph.updateOps(), gradientNorms: norms)
    }
    try graph.check()
    try initializeVariables()
  }

  /// The names of what `evaluate` returns: `loss`, then the metrics.
  public var metricNames: [String] { compiled?.metricNames ?? [] }
}
