import CKernels
import EspalierGraph

/// Computes rows of its result from two operands: shape, operands, result, first row, row after the last.
private typealias DepthwiseRows<T> = (
  UnsafePointer<esp_conv_shape>, UnsafePointer<T>, UnsafePointer<T>, UnsafeMutablePointer<T>, Int, Int
) -> Void

extension DepthwiseConv2D: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]), filter: fourExtents(inputs[1]))
    let work = DepthwiseWork(name: "depthwise_forward", shape: shape, operands: (0, 1), rows: shape.n * shape.oh)
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc): return work.kernel { esp_f32_depthwise_forward(isa, $0, $1, $2, $3, $4, $5) }
    case (.float64, .nhwc): return work.kernel { esp_f64_depthwise_forward(isa, $0, $1, $2, $3, $4, $5) }
    default: throw refuse(inputs[0])
    }
  }
}

extension DepthwiseConv2DBackpropInput: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(outputs[0]), filter: fourExtents(inputs[1]))
    let work = DepthwiseWork(name: "depthwise_backward_data", shape: shape, operands: (2, 1), rows: shape.n * shape.h)
    switch (inputs[2].dataType, window.dataFormat) {
    case (.float32, .nhwc): return work.kernel { esp_f32_depthwise_backward_data(isa, $0, $1, $2, $3, $4, $5) }
    case (.float64, .nhwc): return work.kernel { esp_f64_depthwise_backward_data(isa, $0, $1, $2, $3, $4, $5) }
    default: throw refuse(inputs[2])
    }
  }
}

extension DepthwiseConv2DBackpropFilter: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]), filter: fourExtents(outputs[0]))
    let work = DepthwiseWork(
      name: "depthwise_backward_filter", shape: shape, operands: (0, 2), rows: shape.kh * shape.kw)
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc): return work.kernel { esp_f32_depthwise_backward_filter(isa, $0, $1, $2, $3, $4, $5) }
    case (.float64, .nhwc): return work.kernel { esp_f64_depthwise_backward_filter(isa, $0, $1, $2, $3, $4, $5) }
    default: throw refuse(inputs[0])
    }
  }
}

/// Which inputs a depthwise kernel takes, and how many rows it computes.
private struct DepthwiseWork {
  let name: String
  let shape: esp_conv_shape
  let operands: (Int, Int)
  let rows: Int

  func kernel<T: BitwiseCopyable>(_ compute: @escaping DepthwiseRows<T>) -> Kernel {
    let (shape, operands, rows) = (shape, operands, rows)
    let least = grain(nanosecondsPerUnit: Int(shape.flops) / 4 / max(rows, 1))
    return Kernel(name, flops: shape.flops) { call in
      let a = call.input(operands.0, as: T.self)
      let b = call.input(operands.1, as: T.self)
      let result = call.output(0, as: T.self)
      withUnsafePointer(to: shape) { shape in
        call.parallel(units: rows, grain: least) { range, _, _ in
          compute(shape, a, b, result, range.lowerBound, range.upperBound)
        }
      }
    }
  }
}
