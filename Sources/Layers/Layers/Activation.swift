import EspalierGraph

/// A function that a layer applies to what it computes: `.relu`, or one of your own.
public struct Activation {
  private let function: (Tensor) -> Tensor

  /// Returns an activation that applies `function`.
  public init(_ function: @escaping (Tensor) -> Tensor) {
    self.function = function
  }

  /// Returns the activation of `x`, of the same shape.
  public func callAsFunction(_ x: Tensor) -> Tensor { function(x) }

  /// max(0, x).
  public static var relu: Activation { Activation { EspalierGraph.relu($0) } }
  /// min(max(0, x), 6).
  public static var relu6: Activation { Activation { EspalierGraph.relu6($0) } }
  /// 1 / (1 + e⁻ˣ).
  public static var sigmoid: Activation { Activation { EspalierGraph.sigmoid($0) } }
  /// The hyperbolic tangent.
  public static var tanh: Activation { Activation { EspalierGraph.tanh($0) } }
  /// x where positive, eˣ − 1 elsewhere.
  public static var elu: Activation { Activation { EspalierGraph.elu($0) } }
  /// Probabilities along the last axis.
  public static var softmax: Activation { Activation { EspalierGraph.softmax($0) } }
  /// x where positive, `alpha` · x elsewhere.
  public static func leakyRelu(alpha: Double = 0.2) -> Activation {
    Activation { EspalierGraph.leakyRelu($0, alpha: alpha) }
  }
}
