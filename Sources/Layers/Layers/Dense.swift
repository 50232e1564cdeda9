import EspalierGraph

extension Layers {
  /// Returns `x` times a trained matrix, plus a trained vector: of the shape of `x` with `units` as last extent.
  ///
  /// Variables: `kernel` `[C, units]`, `bias` `[units]`.
  ///
  /// - Parameters:
  ///   - x: `[…, C]`; C must be known.
  ///   - units: The number of values of the result for each vector of `x`.
  ///   - kernelInitializer: By default that of the variable scope, else Glorot uniform.
  ///   - biasInitializer: By default zeros.
  ///   - name: The variable scope, by default `dense`, made unique.
  ///
  /// Source: `tf.layers.dense`.
  public static func dense(
    _ x: Tensor, units: Int, activation: Activation? = nil, useBias: Bool = true,
    kernelInitializer: Initializer? = nil, biasInitializer: Initializer? = nil, kernelRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, trainable: Bool = true, name: String? = nil, reuse: VariableReuse? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope("dense", name, reuse, on: x, file, line) {
      guard let channels = x.shape[-1] else {
        return failedTensor("The last dimension of the inputs to `Dense` should be defined. Found `None`.")
      }
      let kernel = getVariable(
        "kernel", shape: [channels, units], dataType: x.dataType, initializer: kernelInitializer,
        regularizer: kernelRegularizer, trainable: trainable)
      let y = product(x, kernel.tensor, channels, units)
      let biased =
        useBias ? addingBias(y, units, biasInitializer, biasRegularizer, trainable, .nhwc) : y
      return activation?(biased) ?? biased
    }
  }

  /// Returns the product along the last axis of `x`, whatever its rank.
  private static func product(_ x: Tensor, _ kernel: Tensor, _ channels: Int, _ units: Int) -> Tensor {
    guard let extents = x.shape.extents, extents.count != 2 else { return matMul(x, kernel) }
    return nameScope("Tensordot") {
      let y = matMul(reshape(x, to: [-1, channels]), kernel)
      let outer = extents.dropLast()
      if outer.count(where: { $0 == nil }) <= 1 { return reshape(y, to: outer.map { $0 ?? -1 } + [units]) }
      let outerShape = slice(shape(x), begin: [0], size: [outer.count])
      return reshape(y, to: concat([outerShape, constant([Int32(clamping: units)])], axis: 0))
    }
  }

  /// Returns `x` with all axes but the first made one: `[N, …]` becomes `[N, product of the others]`.
  ///
  /// Source: `tf.layers.flatten`.
  public static func flatten(
    _ x: Tensor, name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope("flatten", name, nil, on: x, file, line) {
      guard let extents = x.shape.extents else { return failedTensor("Flatten needs an input of known rank") }
      guard extents.count > 0 else { return failedTensor(mismatchOfMinimumRank(x, 1)) }
      guard let count = Shape(Array(extents.dropFirst())).count else {
        return reshape(x, to: [extents[0] ?? -1, extents[0] == nil ? 0 : -1])
      }
      return reshape(x, to: [extents[0] ?? -1, count])
    }
  }

  private static func mismatchOfMinimumRank(_ x: Tensor, _ rank: Int) -> String {
    "Input 0 of layer \(layerName) is incompatible with the layer: : expected min_ndim=\(rank), "
      + "found ndim=\(x.shape.rank ?? 0). Full shape received: \(x.shape.tuple)"
  }

  /// Returns `x` with a random share `rate` of its elements made zero, and the others divided by 1 − `rate`, when
  /// training; `x` as it is otherwise.
  ///
  /// - Parameters:
  ///   - rate: The share, from 0 up to but not including 1.
  ///   - noiseShape: The shape of the choice, broadcast to that of `x`: extents of 1 drop whole rows or channels.
  ///   - training: A flag, or a scalar `bool` tensor.
  ///
  /// Source: Srivastava et al. 2014, `tf.layers.dropout`.
  public static func dropout(
    _ x: Tensor, rate: Double = 0.5, noiseShape: [Int]? = nil, seed: Int? = nil, training: any TrainingFlag = false,
    name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    scope("dropout", name, nil, on: x, file, line) {
      if training.known == false { return identity(x) }
      let dropped = EspalierGraph.dropout(x, rate: rate, noiseShape: noiseShape, seed: seed)
      return training.tensor.map { select($0, dropped, x) } ?? dropped
    }
  }
}
