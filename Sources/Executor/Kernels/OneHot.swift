import CKernels
import EspalierGraph

extension OneHot: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let size = outputs[0].dataType.size else {
      throw ExecutionError("OneHot of \(outputs[0].dataType) is not supported", kind: .unimplemented)
    }
    let extents = inputs[0].extents
    let place = axis == -1 ? extents.count : axis
    let depth = outputs[0].extents[place]
    let inner = extents[place...].reduce(1, *)
    let count = extents.reduce(1, *)
    let type = inputs[0].dataType
    return Kernel(name) { call in
      esp_fill(size, Int64(count * depth), call.inputs[3], call.outputs[0])
      for number in 0..<count {
        let index = Self.index(call.inputs[0], number, type)
        guard (0..<depth).contains(index) else { continue }
        let (outer, column) = number.quotientAndRemainder(dividingBy: inner)
        let target = (outer * depth + index) * inner + column
        (call.outputs[0] + target * size).copyMemory(from: call.inputs[2], byteCount: size)
      }
    }
  }

  @inline(__always)
  private static func index(_ base: UnsafeRawPointer, _ number: Int, _ type: DataType) -> Int {
    switch type {
    case .uint8: Int(base.load(fromByteOffset: number, as: UInt8.self))
    case .int8: Int(base.load(fromByteOffset: number, as: Int8.self))
    case .int32: Int(base.load(fromByteOffset: number * 4, as: Int32.self))
    default: Int(base.load(fromByteOffset: number * 8, as: Int64.self))
    }
  }
}
