import EspalierGraph

/// Initial values of variables.
///
///     getVariable("kernel", shape: [3, 3, 16, 32], initializer: Initializers.heNormal())
///
/// Each returns an `Initializer`: a function that is handed the shape and the element type of the variable. Any closure
/// of that type will do as well.
public enum Initializers {
  /// Returns zeros.
  ///
  /// Source: `tf.zeros_initializer`.
  public static var zeros: Initializer { constant(0, name: "zeros") }

  /// Returns ones.
  ///
  /// Source: `tf.ones_initializer`.
  public static var ones: Initializer { constant(1, name: "ones") }

  /// Returns `value` in every element.
  ///
  /// Source: `tf.constant_initializer`.
  public static func constant(_ value: Double) -> Initializer { constant(value, name: "Const") }

  /// Returns these elements in row-major order; as many as the variable has.
  ///
  /// Source: `tf.constant_initializer`.
  public static func constant(_ values: [Double]) -> Initializer {
    { shape, dataType in cast(EspalierGraph.constant(values, shape: shape), to: dataType) }
  }

  private static func constant(_ value: Double, name: String) -> Initializer {
    { shape, dataType in
      shape.isEmpty
        ? EspalierGraph.constant(number: value, dataType, name: name)
        : fill(shape, value: value, dataType: dataType, name: name)
    }
  }

  /// Returns numbers drawn evenly from [`minimum`, `maximum`).
  ///
  /// Source: `tf.random_uniform_initializer`.
  public static func randomUniform(minimum: Double = 0, maximum: Double = 1, seed: Int? = nil) -> Initializer {
    { shape, dataType in
      EspalierGraph.randomUniform(shape, minimum: minimum, maximum: maximum, dataType: dataType, seed: seed)
    }
  }

  /// Returns numbers drawn from a normal distribution.
  ///
  /// Source: `tf.random_normal_initializer`.
  public static func randomNormal(
    mean: Double = 0, standardDeviation: Double = 1, seed: Int? = nil
  ) -> Initializer {
    { shape, dataType in
      EspalierGraph.randomNormal(
        shape, mean: mean, standardDeviation: standardDeviation, dataType: dataType, seed: seed)
    }
  }

  /// Returns numbers drawn from a normal distribution, again where they are more than two standard deviations off.
  ///
  /// Source: `tf.truncated_normal_initializer`.
  public static func truncatedNormal(
    mean: Double = 0, standardDeviation: Double = 1, seed: Int? = nil
  ) -> Initializer {
    { shape, dataType in
      EspalierGraph.truncatedNormal(
        shape, mean: mean, standardDeviation: standardDeviation, dataType: dataType, seed: seed)
    }
  }

  /// Returns numbers drawn evenly from ±`factor`·√(3 / n), n the number of inputs: all extents but the last.
  ///
  /// Source: `tf.uniform_unit_scaling_initializer`.
  public static func uniformUnitScaling(factor: Double = 1, seed: Int? = nil) -> Initializer {
    { shape, dataType in
      let inputs = shape.dropLast().reduce(1.0) { $0 * Double($1) }
      let limit = factor * (3 / max(inputs, 1)).squareRoot()
      return EspalierGraph.randomUniform(shape, minimum: -limit, maximum: limit, dataType: dataType, seed: seed)
    }
  }

  /// Returns a unit matrix, times `gain`.
  ///
  /// Source: `tf.initializers.identity`.
  public static func identity(gain: Double = 1) -> Initializer {
    { shape, dataType in
      guard shape.count == 2 else {
        return failedTensor("Identity matrix initializer can only be used for 2D matrices.")
      }
      let elements = (0..<shape[0]).flatMap { row in (0..<shape[1]).map { $0 == row ? gain : 0 } }
      return cast(EspalierGraph.constant(elements, shape: shape), to: dataType)
    }
  }
}
