import EspalierGraph
import EspalierLayers

/// Fully connected layers over feature columns.
struct DenseNetwork {
  let hiddenUnits: [Int]
  let columns: [FeatureColumn]
  let activation: Activation
  let dropout: Double

  func logits(_ features: Structure<Tensor>, count: Int, mode: ModeKeys) throws -> Tensor {
    try variableScope("dnn") {
      // In the order of names, as TensorFlow lays them side by side.
      let inputs = try columns.sorted { $0.key < $1.key }.map { column in
        try nameScope("input_from_feature_columns") { try column.dense(features) }
      }
      var x = inputs.count == 1 ? inputs[0] : concat(inputs, axis: 1)
      for (index, units) in hiddenUnits.enumerated() {
        x = Layers.dense(x, units: units, activation: activation, name: "hiddenlayer_\(index)")
        if dropout > 0, mode == .train { x = Layers.dropout(x, rate: dropout, training: true) }
      }
      return Layers.dense(x, units: count, name: "logits")
    }
  }
}

/// A weight for each number of each feature column.
struct LinearNetwork {
  let columns: [FeatureColumn]

  func logits(_ features: Structure<Tensor>, count: Int) throws -> Tensor {
    try variableScope("linear") {
      try variableScope("linear_model") {
        let sums = try columns.sorted { $0.key < $1.key }.map { column in
          let x = try column.dense(features)
          let weights = variableScope(column.key) {
            getVariable("weights", shape: [column.width, count], initializer: Initializers.zeros)
          }
          return matMul(x, weights.tensor)
        }
        let bias = getVariable("bias_weights", shape: [count], initializer: Initializers.zeros)
        return addN(sums) + bias.tensor
      }
    }
  }

  /// TensorFlow's default: the more columns, the slower.
  func optimizer() -> Optimizer {
    FtrlOptimizer(learningRate: min(0.2, 1 / Double(max(1, columns.count)).squareRoot()))
  }
}
