import EspalierGraph

extension Cumsum: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let run = try CumulativeRun(self, inputs)
    switch inputs[0].dataType {
    case .float32: return run.kernel(Float.self, from: 0) { $0 + $1 }
    case .float64: return run.kernel(Double.self, from: 0) { $0 + $1 }
    case .int32: return run.kernel(Int32.self, from: 0) { $0 &+ $1 }
    case .int64: return run.kernel(Int64.self, from: 0) { $0 &+ $1 }
    default: throw ExecutionError("\(name) of \(inputs[0].dataType) is not supported", kind: .unimplemented)
    }
  }
}

extension Cumprod: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let run = try CumulativeRun(self, inputs)
    switch inputs[0].dataType {
    case .float32: return run.kernel(Float.self, from: 1) { $0 * $1 }
    case .float64: return run.kernel(Double.self, from: 1) { $0 * $1 }
    case .int32: return run.kernel(Int32.self, from: 1) { $0 &* $1 }
    case .int64: return run.kernel(Int64.self, from: 1) { $0 &* $1 }
    default: throw ExecutionError("\(name) of \(inputs[0].dataType) is not supported", kind: .unimplemented)
    }
  }
}

/// A run along one axis that carries a number with it.
private struct CumulativeRun {
  let name: String
  let rows: AxisRows
  let exclusive: Bool
  let reverse: Bool

  init(_ operation: some CumulativeOperation, _ inputs: [TensorType]) throws(ExecutionError) {
    name = operation.name
    rows = try AxisRows(inputs[0].extents, inputs[1])
    exclusive = operation.exclusive
    reverse = operation.reverse
  }

  func kernel<Number: BitwiseCopyable & Sendable>(
    _ type: Number.Type, from start: Number, _ step: @escaping (Number, Number) -> Number
  ) -> Kernel {
    Kernel(name) { [self] call in
      let x = call.input(0, as: Number.self)
      let y = call.output(0, as: Number.self)
      call.parallel(units: rows.count, grain: max(1, 16384 / max(rows.extent, 1))) { range, _, _ in
        for row in range {
          var carried = start
          for number in 0..<rows.extent {
            let place = rows.start(of: row) + (reverse ? rows.extent - 1 - number : number) * rows.stride
            let next = step(carried, x[place])
            y[place] = exclusive ? carried : next
            carried = next
          }
        }
      }
    }
  }
}
