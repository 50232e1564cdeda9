import EspalierGraph

extension OperationTable {
  static let reductions: [OperationRow] = [
    row("Sum", .real(2, 3, 5)) { reduceSum($0, axes: [1]) },
    row("Sum of all", .real(2, 3, 5)) { reduceSum($0) },
    row("Mean", .real(2, 3, 5)) { reduceMean($0, axes: [0, 2]) },
    row("ChannelVariance", .real(2, 3, 5), order: 0) { channelVariance($0) },
    row("Max", .distinct(2, 3, 5)) { reduceMax($0, axes: [1], keepDims: true) },
    row("Min", .distinct(2, 3, 5)) { reduceMin($0, axes: [-1]) },
    row("Prod", .real(2, 3, 5, in: 0.5...1.5), needs: .ranks) { reduceProd($0, axes: [1]) },
    row("Any", .truth(2, 3), order: 0) { reduceAny($0, axes: [1]) },
    row("All", .truth(2, 3), order: 0) { reduceAll($0, axes: [0], keepDims: true) },
    row("reduce_logsumexp", .real(2, 3, 5)) { reduceLogSumExp($0, axes: [0, 2]) },
    row("reduce_variance", .real(2, 3, 5)) { reduceVariance($0, axes: [1]) },
    row("reduce_std", .real(2, 3, 5)) { reduceStandardDeviation($0, axes: [1], keepDims: true) },
    OperationRow("moments", [.real(2, 3, 5)]) {
      let (mean, variance) = moments($0[0], axes: [0, 1])
      return [mean, variance]
    },
    row("ArgMax", .distinct(2, 5), order: 0) { argMax($0, axis: 1) },
    row("ArgMin", .distinct(2, 5), order: 0) { argMin($0, axis: 0, outputType: .int32) },
  ]

  static let runs: [OperationRow] = [
    row("Cumsum", .real(2, 5)) { cumsum($0, axis: 1, exclusive: true) },
    row("Cumsum from the end", .real(2, 5)) { cumsum($0, axis: 0, reverse: true) },
    row("Cumprod", .real(2, 5, in: 0.5...1.5)) { cumprod($0, axis: 1) },
    row("Cumprod from the end", .real(2, 5, in: 0.5...1.5)) { cumprod($0, axis: 1, exclusive: true, reverse: true) },
  ]

  static let segments: [OperationRow] = [
    row("UnsortedSegmentSum", .real(4, 3), .exactly([2, 0, -1, 2]), needs: .ranks) {
      unsortedSegmentSum($0, ids: $1, count: 5)
    },
    row("UnsortedSegmentMax", .distinct(4, 3), .exactly([1, 0, -1, 1]), needs: .ranks) {
      unsortedSegmentMax($0, ids: $1, count: 2)
    },
    row("UnsortedSegmentMin", .distinct(4, 3), .exactly([1, 0, -1, 1]), needs: .ranks) {
      unsortedSegmentMin($0, ids: $1, count: 2)
    },
    row("UnsortedSegmentMean", .real(4, 3), .exactly([2, 0, -1, 2]), needs: .ranks) {
      unsortedSegmentMean($0, ids: $1, count: 5)
    },
    row("confusion_matrix", .integers(9, in: 0..<3), .integers(9, in: 0..<3), order: 0) {
      confusionMatrix(labels: $0, predictions: $1, classes: 3)
    },
  ]
}
