import EspalierExecutor
import EspalierGraph
import EspalierLayers

/// Weights and images that a formula gives, so that runs of other programs can be repeated without files.
enum FormulaWeights {
  /// Returns number `k` of a fixed sequence in [0, 1).
  static func uniform(_ k: Int) -> Double {
    Double((UInt64(k) &* 1_103_515_245 &+ 12_345) % (1 << 31)) / Double(1 << 31)
  }

  /// Returns images with values from 0 up to `maximum`.
  static func images(_ shape: [Int], maximum: Double = 255) throws -> HostTensor {
    try HostTensor((0..<shape.reduce(1, *)).map { Float(maximum * uniform(7 + $0)) }, shape: shape)
  }

  /// Gives the kernels of `variables` their values: number `j` of the list begins at its own place of the sequence.
  static func set(_ variables: [Variable], in session: Session) throws {
    for (j, variable) in variables.enumerated() where variable.name.hasSuffix("kernel") {
      let fanIn = variable.shape.dropLast().reduce(1, *)
      let scale = 2 * (3 / Double(fanIn)).squareRoot()
      let weights = (0..<variable.shape.reduce(1, *)).map { i in
        Float((uniform(1_000_003 * (j + 1) + i) - 0.5) * scale)
      }
      try session.variables.set(HostTensor(weights, shape: variable.shape), for: variable.name)
    }
  }
}
