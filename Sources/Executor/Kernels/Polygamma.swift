import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Digamma: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try gammaKernel(name, inputs[0], GammaDerivative.digamma)
  }
}

extension Polygamma: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let order = order
    return try gammaKernel(name, inputs[0]) { GammaDerivative.polygamma(order, $0) }
  }
}

private func gammaKernel(
  _ name: String, _ type: TensorType, _ function: @escaping (Double) -> Double
) throws(ExecutionError) -> Kernel {
  let count = type.shape.count ?? 0
  switch type.dataType {
  case .float32:
    return Kernel(name) { call in
      let (x, y) = (call.input(0, as: Float.self), call.output(0, as: Float.self))
      call.parallel(units: count, grain: 512) { units, _, _ in
        for index in units { y[index] = Float(function(Double(x[index]))) }
      }
    }
  case .float64:
    return Kernel(name) { call in
      let (x, y) = (call.input(0, as: Double.self), call.output(0, as: Double.self))
      call.parallel(units: count, grain: 512) { units, _, _ in
        for index in units { y[index] = function(x[index]) }
      }
    }
  default: throw ExecutionError("\(name) of \(type.dataType) is not supported", kind: .unimplemented)
  }
}

/// The derivatives of log Γ, in double precision.
///
/// Source: Abramowitz and Stegun, 6.3 and 6.4; Euler–Maclaurin summation of the Hurwitz zeta function.
enum GammaDerivative {
  /// B₂ₖ / (2k)! for k = 1, 2…, with the Bernoulli numbers B.
  private static let coefficients = [
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160, -691.0 / 1_307_674_368_000,
    1.0 / 74_724_249_600,
  ]
  /// From here on the asymptotic series are exact enough.
  private static let far = 15.0

  /// Returns the derivative of log Γ: NaN at 0, -1, -2…
  static func digamma(_ x: Double) -> Double {
    if x <= 0 {
      if x == x.rounded() { return .nan }
      // ψ(1 - x) - ψ(x) = π cot πx, with the angle brought near 0 first.
      let angle = Double.pi * (x - x.rounded())
      return digamma(1 - x) - Double.pi / tan(angle)
    }
    var place = x
    var sum = 0.0
    while place < far {
      sum -= 1 / place
      place += 1
    }
    var factorial = 1.0
    var power = 1 / (place * place)
    sum += log(place) - 0.5 / place
    for (number, coefficient) in coefficients.enumerated() {
      // B₂ₖ / 2k = coefficient · (2k - 1)!
      let k = Double(number + 1)
      if number > 0 { factorial *= (2 * k - 2) * (2 * k - 1) }
      sum -= coefficient * factorial * power
      power /= place * place
    }
    return sum
  }

  /// Returns derivative number `order` ≥ 1 of the digamma function.
  static func polygamma(_ order: Int, _ x: Double) -> Double {
    let factorial = (1...max(order, 1)).reduce(1.0) { $0 * Double($1) }
    return (order.isMultiple(of: 2) ? -1 : 1) * factorial * zeta(order + 1, x)
  }

  /// Returns Σ 1 / (x + k)ˢ over k = 0, 1…; infinite, or NaN, at 0, -1, -2….
  private static func zeta(_ s: Int, _ x: Double) -> Double {
    if x <= 0, x == x.rounded() { return s.isMultiple(of: 2) ? .infinity : .nan }
    var place = x
    var sum = 0.0
    while place < far {
      sum += pow(place, -Double(s))
      place += 1
    }
    let tail = pow(place, -Double(s))
    sum += tail * place / Double(s - 1) + tail / 2
    var rising = Double(s)
    var power = tail / place
    for (number, coefficient) in coefficients.enumerated() {
      sum += coefficient * rising * power
      let next = Double(s + 2 * number + 1)
      rising *= next * (next + 1)
      power /= place * place
    }
    return sum
  }
}
