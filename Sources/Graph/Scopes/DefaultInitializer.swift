/// Returns the initializer of variables that name none: Glorot uniform for floating types, zeros for others.
///
/// Source: `tf.get_variable`.
func defaultInitializer(_ dataType: DataType) -> Initializer {
  dataType.isFloating
    ? { shape, type in glorotUniform(shape, type) }
    : { shape, type in
      constant(HostTensor(zeros: type, shape: shape), name: "zeros")
    }
}

/// Returns numbers drawn evenly from ±√(6 / (fan in + fan out)).
///
/// Source: Glorot and Bengio 2010, `tf.glorot_uniform_initializer`.
package func glorotUniform(_ shape: [Int], _ dataType: DataType, seed: Int? = nil) -> Tensor {
  let (fanIn, fanOut) = fans(of: shape)
  let limit = (6 / max(1, fanIn + fanOut)).squareRoot()
  return randomUniform(shape, minimum: -limit, maximum: limit, dataType: dataType, seed: seed)
}

/// Returns how many values each output of a filter or matrix of this shape depends on, and how many depend on each input.
///
/// Source: `_compute_fans` of TensorFlow's init_ops.
package func fans(of shape: [Int]) -> (fanIn: Double, fanOut: Double) {
  switch shape.count {
  case 0: return (1, 1)
  case 1: return (Double(shape[0]), Double(shape[0]))
  default:
    let field = Double(shape.dropLast(2).reduce(1, *))
    return (Double(shape[shape.count - 2]) * field, Double(shape[shape.count - 1]) * field)
  }
}
