import EspalierGraph

/// Losses: how wrong predictions are, as tensors to be minimized.
///
///     let loss = Losses.sparseSoftmaxCrossEntropy(labels: labels, logits: logits)
///
/// Each takes weights that are broadcast against the losses of the elements, reduces them to one number as `reduction`
/// says, and adds the result to the collection `losses`.
///
/// Source: `tf.losses`.
public enum Losses {
  /// How the weighted losses of the elements become one number.
  ///
  /// Source: `tf.losses.Reduction`.
  public enum Reduction: Hashable, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Their sum.
    case sum
    /// Their sum over the sum of the weights.
    case mean
    /// Their sum over the number of elements.
    case sumOverBatchSize
    /// Their sum over the number of weights that are not zero, broadcast; 0 if there are none.
    case sumByNonzeroWeights
    /// The same as `sumByNonzeroWeights`, under TensorFlow's other name for it.
    case sumOverNonzeroWeights
  }

  /// Returns the weighted losses of elements, reduced to a scalar (unless the reduction is `none`).
  ///
  /// - Parameters:
  ///   - losses: The losses of the elements, of any shape.
  ///   - weights: A scalar, or of the same rank with each extent 1 or that of the losses.
  ///   - collection: Where the result is added; nil for nowhere.
  ///
  /// Source: `tf.losses.compute_weighted_loss`.
  public static func weightedLoss(
    _ losses: Tensor, weights: any TensorConvertible = 1.0, name: String = "weighted_loss",
    collection: CollectionKey? = .losses, reduction: Reduction = .sumByNonzeroWeights,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    building(in: losses.graph, file, line) {
      nameScope(name) { reduce(losses, weights, collection, reduction) }
    }
  }

  /// Returns the reduced losses of one of the functions below, with its checks.
  static func loss(
    _ name: String, of predictions: Tensor, against labels: Tensor, _ options: LossOptions,
    _ losses: (_ predictions: Tensor, _ labels: Tensor) -> Tensor
  ) -> Tensor {
    building(in: predictions.graph, options.file, options.line) {
      if predictions.isPoisoned || labels.isPoisoned { return predictions.isPoisoned ? predictions : labels }
      return nameScope(options.name ?? name) {
        guard predictions.shape.isCompatible(with: labels.shape) else {
          return failedTensor("Shapes \(predictions.shape.tuple) and \(labels.shape.tuple) are incompatible")
        }
        let elements = losses(predictions, cast(labels, to: predictions.dataType))
        return reduce(elements, options.weights, options.collection, options.reduction)
      }
    }
  }

  static func reduce(
    _ losses: Tensor, _ weights: any TensorConvertible, _ collection: CollectionKey?, _ reduction: Reduction
  ) -> Tensor {
    if losses.isPoisoned { return losses }
    let isUnweighted = (weights as? Double) == 1
    let weights = weights.tensor(of: losses.dataType, name: "Const")
    if let message = mismatch(of: weights.shape, with: losses.shape) { return failedTensor(message) }
    let weighted = isUnweighted ? losses : losses * weights
    let result = reduction == .none ? weighted : reduce(weighted, weights, isUnweighted, reduction)
    if let collection, !result.isPoisoned { result.graph.add(result, to: collection) }
    return result
  }

  private static func reduce(
    _ weighted: Tensor, _ weights: Tensor, _ isUnweighted: Bool, _ reduction: Reduction
  ) -> Tensor {
    let total = reduceSum(weighted)
    let count: Tensor
    switch reduction {
    case .none, .sum: return total
    case .sumOverBatchSize: count = size(of: weighted)
    case .mean: count = isUnweighted ? size(of: weighted) : sumBroadcast(weights, to: weighted)
    case .sumByNonzeroWeights, .sumOverNonzeroWeights:
      count =
        isUnweighted
        ? size(of: weighted)
        : sumBroadcast(cast(notEqual(weights, zeros(like: weights)), to: weighted.dataType), to: weighted)
    }
    return divideNoNaN(total, count, name: "value")
  }

  /// Returns the number of elements, in the element type of `x`.
  static func size(of x: Tensor) -> Tensor {
    if let count = x.shape.count { return constant(number: Double(count), x.dataType, name: "num_elements") }
    return sumBroadcast(constant(number: 1, x.dataType), to: x)
  }

  /// Returns the sum of `weights` broadcast to the shape of `x`.
  static func sumBroadcast(_ weights: Tensor, to x: Tensor) -> Tensor {
    reduceSum(broadcast(weights, to: shape(x)))
  }

  /// Returns what is wrong with weights of this shape, in TensorFlow's words, or nil.
  static func mismatch(of weights: Shape, with values: Shape) -> String? {
    guard let own = weights.extents, let others = values.extents, !own.isEmpty else { return nil }
    let prefix = "weights can not be broadcast to values."
    let suffix = " values.shape=\(values.tuple). weights.shape=\(weights.tuple)."
    guard own.count == others.count else {
      return "\(prefix) values.rank=\(others.count). weights.rank=\(own.count).\(suffix)"
    }
    let fits = zip(own, others).allSatisfy { $0 == nil || $1 == nil || $0 == 1 || $0 == $1 }
    return fits ? nil : prefix + suffix
  }
}

/// What all losses have in common.
struct LossOptions {
  var weights: any TensorConvertible
  var name: String?
  var collection: CollectionKey?
  var reduction: Losses.Reduction
  var file: StaticString
  var line: Int
}
