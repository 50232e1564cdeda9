import EspalierGraph

extension CheckNumerics: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    switch inputs[0].dataType {
    case .float32: kernel(Float.self, inputs[0].shape.count ?? 0)
    default: kernel(Double.self, inputs[0].shape.count ?? 0)
    }
  }

  private func kernel<Number: BitwiseCopyable & BinaryFloatingPoint>(_ type: Number.Type, _ count: Int) -> Kernel {
    let message = message
    return Kernel(name, inPlace: [0: [0]]) { (call) throws(ExecutionError) in
      let x = call.input(0, as: type)
      let failure = call.firstFailure(units: count, grain: 16384) { units, _ in
        units.first { !x[$0].isFinite }
      }
      if let failure {
        let (hasNaN, hasInf) = (x[failure].isNaN, x[failure].isInfinite)
        throw ExecutionError("\(message) : Tensor had \(hasNaN ? "NaN" : hasInf ? "Inf" : "bad") values")
      }
      let y = call.output(0, as: type)
      if UnsafePointer(y) != x { y.update(from: x, count: count) }
    }
  }
}
