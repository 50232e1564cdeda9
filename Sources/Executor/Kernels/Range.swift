import EspalierGraph

extension RangeOperation: DataDependentOperation {
  /// A kernel on values: the number of elements follows from them.
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let type = inputs[0].dataType
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      do {
        switch type {
        case .int32: return [try integers(values, Int32.self)]
        case .int64: return [try integers(values, Int64.self)]
        case .float32: return [try numbers(values, Float.self)]
        default: return [try numbers(values, Double.self)]
        }
      } catch let error as ExecutionError {
        throw error
      } catch {
        throw ExecutionError("\(error)", kind: .unknown)
      }
    }
  }

  private func integers<Number: TensorScalar & FixedWidthInteger>(
    _ values: [HostTensor], _ type: Number.Type
  ) throws -> HostTensor {
    let (start, limit, delta) = (
      try values[0].scalar(as: type), try values[1].scalar(as: type), try values[2].scalar(as: type)
    )
    guard delta != 0 else { throw ExecutionError("Requires delta != 0: 0") }
    guard delta > 0 ? start <= limit : start >= limit else { throw Self.wrongWay(isUp: delta > 0) }
    return HostTensor(Array(stride(from: start, to: limit, by: Number.Stride(delta))))
  }

  private func numbers<Number: TensorScalar & BinaryFloatingPoint>(
    _ values: [HostTensor], _ type: Number.Type
  ) throws -> HostTensor {
    let (start, limit, delta) = (
      try values[0].scalar(as: type), try values[1].scalar(as: type), try values[2].scalar(as: type)
    )
    guard delta != 0 else { throw ExecutionError("Requires delta != 0: 0") }
    guard delta > 0 ? start <= limit : start >= limit else { throw Self.wrongWay(isUp: delta > 0) }
    let count = Double(((limit - start) / delta).magnitude).rounded(.up)
    guard count < 0x1p40 else { throw ExecutionError("Requires ((limit - start) / delta) <= 2^40") }
    var elements: [Number] = []
    var next = start
    for _ in 0..<Int(count) {
      elements.append(next)
      next += delta
    }
    return HostTensor(elements)
  }

  private static func wrongWay(isUp: Bool) -> ExecutionError {
    ExecutionError("Requires start \(isUp ? "<=" : ">=") limit when delta \(isUp ? ">" : "<") 0")
  }
}

extension LinSpace: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let count = outputs[0].shape.count ?? 0
    switch outputs[0].dataType {
    case .float32: return kernel(Float.self, count)
    case .float64: return kernel(Double.self, count)
    default: throw ExecutionError("LinSpace of \(outputs[0].dataType) is not supported", kind: .unimplemented)
    }
  }

  private func kernel<Number: TensorScalar & BinaryFloatingPoint>(_ type: Number.Type, _ count: Int) -> Kernel {
    Kernel(name) { call in
      let (start, stop) = (call.input(0, as: type)[0], call.input(1, as: type)[0])
      let y = call.output(0, as: type)
      let step = (stop - start) / Number(max(count - 1, 1))
      for index in 0..<count { y[index] = start + step * Number(index) }
      if count > 1 { y[count - 1] = stop }
    }
  }
}
