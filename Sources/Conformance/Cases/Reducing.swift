import EspalierGraph

extension Cases {
  private typealias Reduction =
    @Sendable (Tensor, [Int]?, Bool) -> Tensor

  private static func reduction(_ body: @escaping Reduction) -> Builder {
    { o in ["y": body(try o.tensor("x"), try o.axes(), o.flag("keepdims"))] }
  }

  static let reductions: [String: Builder] = [
    "Sum": reduction { reduceSum($0, axes: $1, keepDims: $2) },
    "Mean": reduction { reduceMean($0, axes: $1, keepDims: $2) },
    "Max": reduction { reduceMax($0, axes: $1, keepDims: $2) },
    "Min": reduction { reduceMin($0, axes: $1, keepDims: $2) },
    "Prod": reduction { reduceProd($0, axes: $1, keepDims: $2) },
    "reduce_logsumexp": reduction { reduceLogSumExp($0, axes: $1, keepDims: $2) },
    "reduce_variance": reduction { reduceVariance($0, axes: $1, keepDims: $2) },
    "reduce_std": reduction { reduceStandardDeviation($0, axes: $1, keepDims: $2) },
    "Any": reduction { reduceAny($0, axes: $1, keepDims: $2) },
    "All": reduction { reduceAll($0, axes: $1, keepDims: $2) },
    "Cumsum": function { x, o in
      cumsum(x, axis: try o.int("axis"), exclusive: o.flag("exclusive"), reverse: o.flag("reverse"))
    },
    "Cumprod": function { x, o in
      cumprod(x, axis: try o.int("axis"), exclusive: o.flag("exclusive"), reverse: o.flag("reverse"))
    },
    "AddN": { o in ["y": addN(o.series)] },
  ]

  static let places: [String: Builder] = [
    "argmax": function { x, o in
      argMax(x, axis: try o.int("axis"), outputType: try o.dataType("output_type"))
    },
    "argmin": function { x, o in
      argMin(x, axis: try o.int("axis"), outputType: try o.dataType("output_type"))
    },
    "TopKV2": { o in
      let (values, indices) = topK(try o.tensor("x"), k: try o.int("k"), sorted: o.flag("sorted"))
      return ["values": values, "indices": indices]
    },
    "UnsortedSegmentSum": function { x, o in
      unsortedSegmentSum(x, ids: try o.tensor("ids"), count: try o.int("num_segments"))
    },
    "UnsortedSegmentMean": function { x, o in
      unsortedSegmentMean(x, ids: try o.tensor("ids"), count: try o.int("num_segments"))
    },
    "UnsortedSegmentMax": function { x, o in
      unsortedSegmentMax(x, ids: try o.tensor("ids"), count: try o.int("num_segments"))
    },
    "SegmentSum": function { x, o in segmentSum(x, ids: try o.tensor("ids")) },
    "bincount": unary { binCount($0) },
    "confusion_matrix": { o in
      let y = confusionMatrix(
        labels: try o.tensor("labels"), predictions: try o.tensor("predictions"), classes: try o.int("num_classes"))
      return ["y": y]
    },
  ]
}
