import EspalierGraph

extension TopKV2: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let length = inputs[0].extents.last ?? 1
    let k = outputs[0].extents.last ?? 0
    let rows = inputs[0].extents.dropLast().reduce(1, *)
    switch inputs[0].dataType {
    case .float32: return kernel(Float.self, rows, length, k)
    case .float64: return kernel(Double.self, rows, length, k)
    case .int8: return kernel(Int8.self, rows, length, k)
    case .uint8: return kernel(UInt8.self, rows, length, k)
    case .int32: return kernel(Int32.self, rows, length, k)
    case .int64: return kernel(Int64.self, rows, length, k)
    default: throw ExecutionError("TopKV2 of \(inputs[0].dataType) is not supported", kind: .unimplemented)
    }
  }

  private func kernel<Number: BitwiseCopyable & Comparable>(
    _ type: Number.Type, _ rows: Int, _ length: Int, _ k: Int
  ) -> Kernel {
    Kernel(name, scratchBytes: length * MemoryLayout<Int32>.stride) { call in
      call.parallel(units: rows, grain: max(1, 1024 / max(length, 1))) { range, _, scratch in
        var order = UnsafeMutableBufferPointer(start: scratch.assumingMemoryBound(to: Int32.self), count: length)
        for row in range {
          let x = call.input(0, as: Number.self) + row * length
          for place in 0..<length { order[place] = Int32(truncatingIfNeeded: place) }
          // Equal elements keep their order.
          order.sort { x[Int($0)] > x[Int($1)] || (x[Int($0)] == x[Int($1)] && $0 < $1) }
          for place in 0..<k {
            call.output(0, as: Number.self)[row * k + place] = x[Int(order[place])]
            call.output(1, as: Int32.self)[row * k + place] = order[place]
          }
        }
      }
    }
  }
}
