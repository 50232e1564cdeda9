import CKernels
import EspalierGraph

extension Transpose: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let order = inputs[1].knownValue else {
      throw ExecutionError("the order of the axes must be known before the run", kind: .unimplemented)
    }
    let extents = inputs[0].extents
    var plan = esp_transpose_plan()
    let axes = order.map { $0 < 0 ? $0 + extents.count : $0 }
    guard let size = inputs[0].dataType.size, (outputs[0].shape.count ?? 0) > 0,
      esp_transpose_plan_make(extents.count, extents, axes, size, &plan) == 0
    else { return try Kernel(name, moving: movement(inputs, outputs), inputs, outputs) }
    let bytes = outputs[0].byteCount
    let made = plan
    let grain = max(1, 32768 * plan.units / max(bytes, 1))
    return Kernel(name) { call in
      withUnsafePointer(to: made) { plan in
        call.parallel(units: plan.pointee.units, grain: grain) { units, _, _ in
          esp_transpose_bytes(plan, call.inputs[0], call.outputs[0], units.lowerBound, units.upperBound)
        }
      }
    }
  }
}

extension InvertPermutation: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let count = inputs[0].shape.count ?? 0
    let isLong = inputs[0].dataType == .int64
    return Kernel(name) { (call) throws(ExecutionError) in
      let order = Indices(call, 0, isLong: isLong)
      var seen = [Bool](repeating: false, count: count)
      for place in 0..<count {
        let axis = order[place]
        guard (0..<count).contains(axis), !seen[axis] else {
          throw ExecutionError("\(axis) is not between 0 and \(count), or comes twice")
        }
        seen[axis] = true
        if isLong {
          call.output(0, as: Int64.self)[axis] = Int64(place)
        } else {
          call.output(0, as: Int32.self)[axis] = Int32(truncatingIfNeeded: place)
        }
      }
    }
  }
}

/// An int32 or int64 input.
struct Indices {
  private let base: UnsafeRawPointer
  private let isLong: Bool

  init(_ call: KernelCall, _ input: Int, isLong: Bool) {
    base = call.inputs[input]
    self.isLong = isLong
  }

  @inline(__always)
  subscript(_ place: Int) -> Int {
    isLong
      ? Int(base.load(fromByteOffset: place * 8, as: Int64.self))
      : Int(base.load(fromByteOffset: place * 4, as: Int32.self))
  }
}
