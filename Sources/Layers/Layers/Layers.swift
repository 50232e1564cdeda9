import EspalierGraph

/// Layers: functions that make their variables where they need them, and apply them.
///
///     var y = Layers.conv2D(x, filters: 16, kernelSize: 3, padding: .same, useBias: false)
///     y = Layers.batchNormalization(y, training: mode == .train)
///     let logits = Layers.dense(Layers.flatten(y), units: 10)
///
/// A layer without a name gets one of its own, `conv2d`, `conv2d_1`…, which its variables carry: `conv2d/kernel`. To
/// use a layer's variables again, give it a name and say `reuse: true`, or enter the variable scope around it again.
///
/// Source: `tf.layers`.
public enum Layers {
  /// Returns what `body` returns, built in the variable scope of a layer.
  static func scope(
    _ defaultName: String, _ name: String?, _ reuse: VariableReuse?, on x: Tensor, _ file: StaticString, _ line: Int,
    _ body: () -> Tensor
  ) -> Tensor {
    building(in: x.graph, file, line) {
      if x.isPoisoned { return x }
      if let name { return variableScope(name, reuse: reuse, body) }
      return variableScope(defaultName: defaultName, reuse: reuse, body)
    }
  }

  /// Returns what is wrong with the rank of a layer's input, in TensorFlow's words, or nil.
  static func mismatch(of x: Tensor, rank: Int, layer: String) -> String? {
    guard let actual = x.shape.rank, actual != rank else { return nil }
    return "Input 0 of layer \(layer) is incompatible with the layer: expected ndim=\(rank), found ndim=\(actual). "
      + "Full shape received: \(x.shape.tuple)"
  }

  /// The name of the layer that is being built.
  static var layerName: String {
    VariableScope.current.name.split(separator: "/").last.map(String.init) ?? ""
  }
}

extension DataFormat {
  /// The axis of channels of a tensor of rank 4.
  var axisOfChannels: Int { self == .nhwc ? 3 : 1 }
}
