import CKernels
import EspalierGraph

extension RandomUniform: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    // Rounding to the nearest number of few digits would make some of them 1.
    func cut(_ x: Float, to steps: Float) -> Float { (x * steps).rounded(.down) / steps }
    let steps: Float = draw.dataType == .bfloat16 ? 256 : 1024
    return try drawing(outputs[0], esp_random_uniform_f32, esp_random_uniform_f64) { cut($0, to: steps) }
  }
}

extension RandomStandardNormal: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try drawing(outputs[0], esp_random_normal_f32, esp_random_normal_f64)
  }
}

extension TruncatedNormal: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try drawing(outputs[0], esp_random_truncated_normal_f32, esp_random_truncated_normal_f64)
  }
}

/// Fills elements of a tensor from a stream.
private typealias Fill<Element> = (esp_random_stream, Int, Int, UnsafeMutablePointer<Element>?) -> Void

extension RandomOperation {
  /// Returns where the operation's stream stands in this run: behind what each earlier run took.
  func stream(_ call: KernelCall, count: Int) -> esp_random_stream {
    let state = call.random.pointee
    let isSeeded = draw.seed != 0 || draw.seed2 != 0
    return esp_random_stream(
      seed: isSeeded ? UInt64(bitPattern: Int64(draw.seed)) : state.sessionSeed,
      seed2: isSeeded ? UInt64(bitPattern: Int64(draw.seed2)) : call.stream,
      start: state.invocation &* UInt64(count) &* 64)
  }

  fileprivate func drawing(
    _ output: TensorType, _ float: @escaping Fill<Float>, _ double: @escaping Fill<Double>,
    narrowing: @escaping (Float) -> Float = { $0 }
  ) throws(ExecutionError) -> Kernel {
    let count = output.shape.count ?? 0
    switch draw.dataType {
    case .float32: return drawing(count, float)
    case .float64: return drawing(count, double)
    case .float16: return drawing(count, float) { Half(narrowing($0)) }
    case .bfloat16: return drawing(count, float) { BFloat16(narrowing($0)) }
    default: throw ExecutionError("\(Self.tfName) of \(draw.dataType) is not defined", kind: .unimplemented)
    }
  }

  private func drawing<Element: BitwiseCopyable>(_ count: Int, _ fill: @escaping Fill<Element>) -> Kernel {
    Kernel("random", flops: Double(count) * 20) { call in
      let stream = stream(call, count: count)
      let target = call.output(0, as: Element.self)
      call.parallel(units: count, grain: 2048) { elements, _, _ in
        fill(stream, elements.lowerBound, elements.upperBound, target)
      }
    }
  }

  /// Draws single-precision numbers and rounds them.
  private func drawing<Element: BitwiseCopyable>(
    _ count: Int, _ fill: @escaping Fill<Float>, _ convert: @escaping (Float) -> Element
  ) -> Kernel {
    let block = 1024
    return Kernel("random", scratchBytes: block * 4, flops: Double(count) * 20) { call in
      let stream = stream(call, count: count)
      let target = call.output(0, as: Element.self)
      call.parallel(units: (count + block - 1) / block) { blocks, _, scratch in
        let numbers = scratch.assumingMemoryBound(to: Float.self)
        for first in blocks.map({ $0 * block }) {
          let end = min(first + block, count)
          // The function writes element `first` at its place in the whole tensor.
          fill(stream, first, end, numbers - first)
          for index in first..<end { target[index] = convert(numbers[index - first]) }
        }
      }
    }
  }
}
