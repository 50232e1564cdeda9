import EspalierGraph

/// A number about predictions that is gathered over many batches.
///
/// Its sums are local variables, set to zero when an evaluation begins. Run `update` for each batch, then `value`.
///
/// Source: the pairs that `tf.metrics` returns.
public struct Metric {
  /// The number for all batches so far.
  public let value: Tensor
  /// Takes in a batch and returns the number for all batches including it.
  public let update: Tensor

  /// Returns a metric.
  public init(value: Tensor, update: Tensor) {
    self.value = value
    self.update = update
  }
}

/// Metrics: numbers about predictions, gathered over many batches.
///
///     let accuracy = Metrics.accuracy(labels: labels, predictions: classes)
///
/// Weights are broadcast against the values; what weighs 0 does not count.
///
/// Source: `tf.metrics`.
public enum Metrics {
  /// Returns what `body` returns, in the scope of a metric.
  static func scope(
    _ defaultName: String, _ name: String?, on tensors: [Tensor], _ file: StaticString, _ line: Int,
    _ body: () -> Metric
  ) -> Metric {
    building(in: tensors.first?.graph, file, line) {
      if let failed = tensors.first(where: \.isPoisoned) { return Metric(value: failed, update: failed) }
      if let name { return variableScope(name, body) }
      return variableScope(defaultName: defaultName, body)
    }
  }

  /// Returns a sum that begins at zero, in the collections of metrics.
  static func sum(_ name: String, shape: [Int] = [], dataType: DataType = .float32) -> Variable {
    makeScopedVariable(
      name, shape: shape, dataType: dataType, collections: [.localVariables, .metricVariables],
      initializer: Initializers.zeros)
  }

  /// Returns weights broadcast to the shape of `values`, or a failed tensor if they do not fit.
  static func broadcastWeights(_ weights: any TensorConvertible, to values: Tensor) -> Tensor {
    let weights = weights.tensor(of: values.dataType, name: "weights")
    if let message = Losses.mismatch(of: weights.shape, with: values.shape) { return failedTensor(message) }
    return broadcast(weights, to: shape(values))
  }

  /// Returns the mean of all values.
  ///
  /// - Parameters:
  ///   - values: Of any shape.
  ///   - weights: A scalar, or of the same rank with each extent 1 or that of the values.
  ///   - name: The scope of its sums `total` and `count`, by default `mean`.
  ///
  /// Source: `tf.metrics.mean`.
  public static func mean(
    _ values: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil, file: StaticString = #fileID,
    line: Int = #line
  ) -> Metric {
    scope("mean", name, on: [values], file, line) { mean(cast(values, to: .float32), weights) }
  }

  /// Returns a mean in the scope around it.
  static func mean(_ values: Tensor, _ weights: (any TensorConvertible)?) -> Metric {
    let total = sum("total")
    let count = sum("count")
    let weights = weights.map { broadcastWeights($0, to: values) }
    let gathered = weights.map { values * $0 } ?? values
    let newTotal = total.assignAdd(reduceSum(gathered))
    let newCount = count.assignAdd(weights.map { reduceSum($0) } ?? Losses.size(of: values))
    return Metric(
      value: divideNoNaN(total.value, count.value, name: "value"),
      update: divideNoNaN(newTotal, newCount, name: "update_op"))
  }

  /// Returns how often predictions are equal to labels.
  ///
  /// - Parameters:
  ///   - labels: The true classes; they are cast to the element type of the predictions.
  ///   - predictions: The predicted classes, of the same shape, or with a last axis of extent 1 more or less.
  ///   - name: The scope of its sums `total` and `count`, by default `accuracy`.
  ///
  /// Source: `tf.metrics.accuracy`.
  public static func accuracy(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("accuracy", name, on: [labels, predictions], file, line) {
      mean(isCorrect(labels, predictions), weights)
    }
  }

  /// Returns how often predictions are equal to labels in this batch alone: a scalar of float32.
  ///
  /// - Parameters: As those of `accuracy`, which gathers batches.
  ///
  /// Source: `tf.contrib.metrics.accuracy`.
  public static func batchAccuracy(
    labels: Tensor, predictions: Tensor, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    building(in: predictions.graph, file, line) {
      nameScope("batch_accuracy") { reduceMean(isCorrect(labels, predictions)) }
    }
  }

  /// Returns 1 for each prediction that is equal to its label, 0 for others.
  private static func isCorrect(_ labels: Tensor, _ predictions: Tensor) -> Tensor {
    let (labels, predictions) = aligned(labels, predictions)
    return cast(equal(predictions, cast(labels, to: predictions.dataType)), to: .float32)
  }

  /// Returns labels and predictions without a last axis of extent 1 that only one of them has.
  static func aligned(_ labels: Tensor, _ predictions: Tensor) -> (labels: Tensor, predictions: Tensor) {
    (
      Losses.squeezed(labels, toRank: predictions.shape.rank),
      Losses.squeezed(predictions, toRank: labels.shape.rank)
    )
  }

  /// Returns the mean of squared differences.
  ///
  /// Source: `tf.metrics.mean_squared_error`.
  public static func meanSquaredError(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("mean_squared_error", name, on: [labels, predictions], file, line) {
      mean(squares(labels, predictions), weights)
    }
  }

  private static func squares(_ labels: Tensor, _ predictions: Tensor) -> Tensor {
    let (labels, predictions) = aligned(labels, predictions)
    return squaredDifference(cast(predictions, to: .float32), cast(labels, to: .float32))
  }

  /// Returns the root of the mean of squared differences.
  ///
  /// Source: `tf.metrics.root_mean_squared_error`.
  public static func rootMeanSquaredError(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("root_mean_squared_error", name, on: [labels, predictions], file, line) {
      let squared = mean(squares(labels, predictions), weights)
      return Metric(value: sqrt(squared.value), update: sqrt(squared.update))
    }
  }

  /// Returns the mean of absolute differences.
  ///
  /// Source: `tf.metrics.mean_absolute_error`.
  public static func meanAbsoluteError(
    labels: Tensor, predictions: Tensor, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("mean_absolute_error", name, on: [labels, predictions], file, line) {
      let (labels, predictions) = aligned(labels, predictions)
      return mean(abs(cast(predictions, to: .float32) - cast(labels, to: .float32)), weights)
    }
  }

  /// Returns the share of values that are below `threshold`.
  ///
  /// Source: `tf.metrics.percentage_below`.
  public static func percentageBelow(
    _ values: Tensor, threshold: Double, weights: (any TensorConvertible)? = nil, name: String? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("percentage_below_threshold", name, on: [values], file, line) {
      mean(cast(less(values, constant(number: threshold, values.dataType)), to: .float32), weights)
    }
  }
}
