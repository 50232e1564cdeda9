import CKernels
import EspalierGraph

extension MaxPool: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]))
    let work = PoolingWork(name: "max_pool", shape: shape, operands: [0], rows: shape.n * shape.oh)
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc):
      return work.kernel(Float.self) { esp_f32_max_pool_forward(isa, $0, $1.0, $2, $3.lowerBound, $3.upperBound) }
    case (.float64, .nhwc):
      return work.kernel(Double.self) { esp_f64_max_pool_forward(isa, $0, $1.0, $2, $3.lowerBound, $3.upperBound) }
    default: throw refuse(inputs[0])
    }
  }
}

extension MaxPoolGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]))
    let work = PoolingWork(name: "max_pool_backward", shape: shape, operands: [0, 2], rows: shape.n * shape.h)
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc):
      return work.kernel(Float.self) {
        esp_f32_max_pool_backward(isa, $0, $1.0, $1.1, $2, $3.lowerBound, $3.upperBound)
      }
    case (.float64, .nhwc):
      return work.kernel(Double.self) {
        esp_f64_max_pool_backward(isa, $0, $1.0, $1.1, $2, $3.lowerBound, $3.upperBound)
      }
    default: throw refuse(inputs[0])
    }
  }
}

extension MaxPoolGradGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]))
    let work = PoolingWork(name: "max_pool_gather", shape: shape, operands: [0, 2], rows: shape.n * shape.oh)
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc):
      return work.kernel(Float.self) { esp_f32_max_pool_gather(isa, $0, $1.0, $1.1, $2, $3.lowerBound, $3.upperBound) }
    case (.float64, .nhwc):
      return work.kernel(Double.self) { esp_f64_max_pool_gather(isa, $0, $1.0, $1.1, $2, $3.lowerBound, $3.upperBound) }
    default: throw refuse(inputs[0])
    }
  }
}

extension AvgPool: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]))
    let work = PoolingWork(name: "average_pool", shape: shape, operands: [0], rows: shape.n * shape.oh)
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc):
      return work.kernel(Float.self) { esp_f32_average_pool_forward(isa, $0, $1.0, $2, $3.lowerBound, $3.upperBound) }
    case (.float64, .nhwc):
      return work.kernel(Double.self) { esp_f64_average_pool_forward(isa, $0, $1.0, $2, $3.lowerBound, $3.upperBound) }
    default: throw refuse(inputs[0])
    }
  }
}

extension AvgPoolGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(outputs[0]))
    let work = PoolingWork(name: "average_pool_backward", shape: shape, operands: [1], rows: shape.n * shape.h)
    switch (inputs[1].dataType, window.dataFormat) {
    case (.float32, .nhwc):
      return work.kernel(Float.self) { esp_f32_average_pool_backward(isa, $0, $1.0, $2, $3.lowerBound, $3.upperBound) }
    case (.float64, .nhwc):
      return work.kernel(Double.self) { esp_f64_average_pool_backward(isa, $0, $1.0, $2, $3.lowerBound, $3.upperBound) }
    default: throw refuse(inputs[1])
    }
  }
}

/// Which inputs a pooling kernel takes, and how many rows it computes.
private struct PoolingWork {
  let name: String
  let shape: esp_pool_shape
  let operands: [Int]
  let rows: Int

  /// Returns a kernel that computes ranges of rows from its operands, the second of which may be absent.
  func kernel<T: BitwiseCopyable>(
    _ type: T.Type,
    _ compute:
      @escaping (
        UnsafePointer<esp_pool_shape>, (UnsafePointer<T>, UnsafePointer<T>), UnsafeMutablePointer<T>, Range<Int>
      ) -> Void
  ) -> Kernel {
    let (shape, rows) = (shape, rows)
    let first = operands[0]
    let second = operands.last ?? first
    let taps = shape.n * shape.oh * shape.ow * shape.c * shape.kh * shape.kw
    let least = grain(nanosecondsPerUnit: taps / 4 / max(rows, 1))
    return Kernel(name, flops: Double(taps)) { call in
      let inputs = (call.input(first, as: T.self), call.input(second, as: T.self))
      let result = call.output(0, as: T.self)
      withUnsafePointer(to: shape) { shape in
        call.parallel(units: rows, grain: least) { range, _, _ in compute(shape, inputs, result, range) }
      }
    }
  }
}
