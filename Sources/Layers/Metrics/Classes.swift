import EspalierGraph

extension Metrics {
  /// Returns the mean over all classes of the share of their members that were recognised.
  ///
  /// - Parameters:
  ///   - labels: The true classes, from 0 up to `classCount`.
  ///   - predictions: The predicted classes, of the same shape.
  ///
  /// Source: `tf.metrics.mean_per_class_accuracy`.
  public static func meanPerClassAccuracy(
    labels: Tensor, predictions: Tensor, classCount: Int, weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("mean_accuracy", name, on: [labels, predictions], file, line) {
      let total = sum("total", shape: [classCount])
      let count = sum("count", shape: [classCount])
      let (labels, predictions) = flattened(labels, predictions)
      let isRight = cast(equal(labels, cast(predictions, to: labels.dataType)), to: .float32)
      let weights = weights.map { broadcastWeights($0, to: isRight) }
      let members = oneHot(labels, depth: classCount)
      func perClass(_ values: Tensor?) -> Tensor {
        reduceSum(values.map { members * expandDims($0, axis: 1) } ?? members, axes: [0])
      }
      let newTotal = total.assignAdd(perClass(weights))
      let newCount = count.assignAdd(perClass(weights.map { isRight * $0 } ?? isRight))
      return Metric(
        value: reduceMean(divideNoNaN(count.value, total.value), name: "mean_accuracy"),
        update: reduceMean(divideNoNaN(newCount, newTotal), name: "update_op"))
    }
  }

  private static func flattened(_ labels: Tensor, _ predictions: Tensor) -> (Tensor, Tensor) {
    (
      labels.shape.rank == 1 ? labels : reshape(labels, to: [-1]),
      predictions.shape.rank == 1 ? predictions : reshape(predictions, to: [-1])
    )
  }

  /// Returns the mean over classes of the members that were recognised, divided by all that are members or were taken
  /// for such; classes that never occur do not count.
  ///
  /// - Parameters:
  ///   - labels: The true classes, from 0 up to `classCount`.
  ///   - predictions: The predicted classes, of the same shape.
  ///
  /// Source: `tf.metrics.mean_iou`. Its `update` is the mean too, where TensorFlow's is the matrix of counts.
  public static func meanIntersectionOverUnion(
    labels: Tensor, predictions: Tensor, classCount: Int, weights: (any TensorConvertible)? = nil,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Metric {
    scope("mean_iou", name, on: [labels, predictions], file, line) {
      let total = sum("total_confusion_matrix", shape: [classCount, classCount])
      let (labels, predictions) = flattened(labels, predictions)
      let truth = oneHot(labels, depth: classCount)
      let weighted = weights.map { weights in
        truth * expandDims(broadcastWeights(weights, to: cast(labels, to: .float32)), axis: 1)
      }
      let added = matMul(weighted ?? truth, oneHot(predictions, depth: classCount), transposeA: true)
      let updated = total.assignAdd(added)
      return Metric(
        value: meanIntersectionOverUnion(total.value, classCount),
        update: meanIntersectionOverUnion(updated, classCount))
    }
  }

  private static func meanIntersectionOverUnion(_ matrix: Tensor, _ count: Int) -> Tensor {
    let unit = Initializers.identity()([count, count], .float32)
    let right = reduceSum(matrix * unit, axes: [0])
    let union = reduceSum(matrix, axes: [0]) + reduceSum(matrix, axes: [1]) - right
    let occurs = cast(notEqual(union, zeros(like: union)), to: .float32)
    return divideNoNaN(reduceSum(divideNoNaN(right, union)), reduceSum(occurs), name: "mean_iou")
  }
}
