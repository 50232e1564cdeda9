import CKernels
import EspalierGraph

extension Conv2D: AnchorOperation {
  package func accepts(_ epilogue: Epilogue, inputs: [TensorType], outputs: [TensorType]) -> Bool {
    window.dataFormat == .nhwc && inputs[0].dataType == .float32
  }

  package func kernel(
    inputs: [TensorType], outputs: [TensorType], epilogue: Epilogue
  ) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]), filter: fourExtents(inputs[1]))
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc): return ConvolutionForward(shape, epilogue).kernel
    case (.float64, .nhwc):
      return rows("conv_forward_f64", shape, count: shape.n * shape.oh) { call, rows in
        withUnsafePointer(to: shape) {
          esp_f64_conv_forward(
            $0, call.input(0, as: Double.self), call.input(1, as: Double.self), call.output(0, as: Double.self),
            rows.lowerBound, rows.upperBound)
        }
      }
    default: throw refuse(inputs[0])
    }
  }
}

extension Conv2DBackpropInput: AnchorOperation {
  package func accepts(_ epilogue: Epilogue, inputs: [TensorType], outputs: [TensorType]) -> Bool {
    window.dataFormat == .nhwc && inputs[2].dataType == .float32 && !epilogue.bias && epilogue.activation == .none
  }

  package func kernel(
    inputs: [TensorType], outputs: [TensorType], epilogue: Epilogue
  ) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(outputs[0]), filter: fourExtents(inputs[1]))
    switch (inputs[2].dataType, window.dataFormat) {
    case (.float32, .nhwc): return ConvolutionBackwardData(shape, epilogue).kernel
    case (.float64, .nhwc):
      return rows("conv_backward_data_f64", shape, count: shape.n * shape.h) { call, rows in
        withUnsafePointer(to: shape) {
          esp_f64_conv_backward_data(
            $0, call.input(2, as: Double.self), call.input(1, as: Double.self), call.output(0, as: Double.self),
            rows.lowerBound, rows.upperBound)
        }
      }
    default: throw refuse(inputs[2])
    }
  }
}

extension Conv2DBackpropFilter: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: fourExtents(inputs[0]), filter: fourExtents(outputs[0]))
    switch (inputs[0].dataType, window.dataFormat) {
    case (.float32, .nhwc): return ConvolutionBackwardFilter(shape).kernel
    case (.float64, .nhwc):
      return rows("conv_backward_filter_f64", shape, count: shape.kh * shape.kw * shape.c) { call, rows in
        withUnsafePointer(to: shape) {
          esp_f64_conv_backward_filter(
            $0, call.input(0, as: Double.self), call.input(2, as: Double.self), call.output(0, as: Double.self),
            rows.lowerBound, rows.upperBound)
        }
      }
    default: throw refuse(inputs[0])
    }
  }
}

extension Operation {
  /// Returns a kernel that computes rows of its result, any of them anywhere.
  fileprivate func rows(
    _ name: String, _ shape: esp_conv_shape, count: Int, _ body: @escaping (KernelCall, Range<Int>) -> Void
  ) -> Kernel {
    Kernel(name, flops: shape.flops) { call in call.parallel(units: count) { rows, _, _ in body(call, rows) } }
  }
}

/// The instruction set of the kernels.
var isa: Int32 { esp_isa_level() }

/// The choices that all float32 convolutions share.
var convolutionOptions: esp_conv_options {
  esp_conv_options(
    isa: isa, algorithm: ConvolutionAlgorithm.requested.number, workers: KernelCall.workers)
}

/// Returns how many parts a filter is packed, or its gradient summed, in: few bytes are not worth a second thread.
func parts(bytes: Int) -> Int { bytes < 1 << 17 ? 1 : KernelCall.workers }

extension esp_conv_plan {
  /// Returns what packs input `filter` with `run`, or nil if units read the filter itself.
  func preparation(filter: Int, run: @escaping (KernelCall) -> Void) -> Kernel.Preparation? {
    packed_bytes > 0 ? Kernel.Preparation(input: filter, run: run) : nil
  }

  /// Returns what units read: the packed filter at the start of the workspace, or input `filter` itself.
  func weights(filter: Int, _ call: KernelCall) -> UnsafePointer<Float> {
    packed_bytes > 0
      ? UnsafePointer(call.workspace.assumingMemoryBound(to: Float.self)) : call.input(filter, as: Float.self)
  }
}

/// A convolution with a fixed shape: its filter is packed once per value, then units of images are computed.
private struct ConvolutionForward {
  private let plan: esp_conv_plan
  private let epilogue: Epilogue

  init(_ shape: esp_conv_shape, _ epilogue: Epilogue) {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) { esp_f32_conv_forward_plan($0, convolutionOptions, &plan) }
    self.plan = plan
    self.epilogue = epilogue
  }

  var kernel: Kernel {
    let residual = epilogue.residual ? [0: [epilogue.bias ? 3 : 2]] : [:]
    return Kernel(
      "conv_forward", scratchBytes: plan.scratch_bytes, workspaceBytes: plan.packed_bytes, inPlace: residual,
      flops: plan.shape.flops, preparation: plan.preparation(filter: 1, run: pack), run: run)
  }

  private func pack(_ call: KernelCall) {
    let filter = call.input(1, as: Float.self)
    let packed = call.workspace.assumingMemoryBound(to: Float.self)
    withUnsafePointer(to: plan) { plan in
      let count = parts(bytes: plan.pointee.packed_bytes)
      call.parallel(units: count) { range, _, _ in
        for part in range { esp_f32_conv_forward_pack(plan, filter, packed, part, count) }
      }
    }
  }

  private func run(_ call: KernelCall) {
    let x = call.input(0, as: Float.self)
    let y = call.output(0, as: Float.self)
    let packed = plan.weights(filter: 1, call)
    let work = work(of: call)
    withUnsafePointer(to: plan) { plan in
      withUnsafePointer(to: work) { work in
        call.parallel(units: plan.pointee.units) { units, _, scratch in
          esp_f32_conv_forward_run(plan, x, packed, y, units.lowerBound, units.upperBound, scratch, work)
        }
      }
    }
  }

  /// Returns what is done to each result before it is stored.
  private func work(of call: KernelCall) -> esp_conv_epilogue {
    var work = esp_conv_epilogue()
    if epilogue.bias { work.bias = call.input(2, as: Float.self) }
    if epilogue.residual { work.residual = call.input(epilogue.bias ? 3 : 2, as: Float.self) }
    if epilogue.activation == .relu { work.activation = Int32(ESP_ACTIVATION_RELU) }
    return work
  }
}

/// The gradient with respect to the images.
private struct ConvolutionBackwardData {
  private let plan: esp_conv_plan
  private let addsResidual: Bool

  init(_ shape: esp_conv_shape, _ epilogue: Epilogue) {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) { esp_f32_conv_backward_data_plan($0, convolutionOptions, &plan) }
    self.plan = plan
    addsResidual = epilogue.residual
  }

  var kernel: Kernel {
    Kernel(
      "conv_backward_data", scratchBytes: plan.scratch_bytes, workspaceBytes: plan.packed_bytes,
      inPlace: addsResidual ? [0: [3]] : [:], flops: plan.shape.flops,
      preparation: plan.preparation(filter: 1, run: pack), run: run)
  }

  private func pack(_ call: KernelCall) {
    let filter = call.input(1, as: Float.self)
    let packed = call.workspace.assumingMemoryBound(to: Float.self)
    withUnsafePointer(to: plan) { plan in
      let count = parts(bytes: plan.pointee.packed_bytes)
      call.parallel(units: count) { range, _, _ in
        for part in range { esp_f32_conv_backward_data_pack(plan, filter, packed, part, count) }
      }
    }
  }

  private func run(_ call: KernelCall) {
    let dy = call.input(2, as: Float.self)
    let dx = call.output(0, as: Float.self)
    let residual = addsResidual ? call.input(3, as: Float.self) : nil
    let packed = plan.weights(filter: 1, call)
    withUnsafePointer(to: plan) { plan in
      call.parallel(units: plan.pointee.units) { units, _, scratch in
        esp_f32_conv_backward_data_run(
          plan, dy, packed, dx, units.lowerBound, units.upperBound, scratch, residual)
      }
    }
  }
}

/// The gradient with respect to the filter: a share per virtual worker, summed in a fixed order, or, where workers divide
/// the channels, stored by them.
private struct ConvolutionBackwardFilter {
  private let plan: esp_conv_plan

  init(_ shape: esp_conv_shape) {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) { esp_f32_conv_backward_filter_plan($0, convolutionOptions, &plan) }
    self.plan = plan
  }

  var kernel: Kernel {
    let shares = plan.workers * plan.partial_floats * MemoryLayout<Float>.stride
    return Kernel(
      "conv_backward_filter", scratchBytes: plan.scratch_bytes, workspaceBytes: shares, flops: plan.shape.flops,
      run: run)
  }

  private func run(_ call: KernelCall) {
    let x = call.input(0, as: Float.self)
    let dy = call.input(2, as: Float.self)
    let dw = call.output(0, as: Float.self)
    let shares = call.workspace.assumingMemoryBound(to: Float.self)
    withUnsafePointer(to: plan) { plan in
      let sums = plan.pointee.stores != 0 ? dw : shares
      call.parallel(units: plan.pointee.workers) { workers, _, scratch in
        for worker in workers { esp_f32_conv_backward_filter_run(plan, x, dy, sums, worker, scratch) }
      }
      guard plan.pointee.stores == 0 else { return }
      let count = parts(bytes: plan.pointee.workers * plan.pointee.partial_floats * MemoryLayout<Float>.stride)
      call.parallel(units: count) { range, _, _ in
        for part in range { esp_f32_conv_backward_filter_reduce(plan, shares, dw, part, count) }
      }
    }
  }
}
