import CKernels
import EspalierGraph

extension ConvolutionGroup: CPUOperation {
  func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try window.shape(images: imageExtents, filter: filterExtents)
    var kernel = try slopes != nil && images != nil ? gradients(shape, inputs) : correlation(shape, inputs)
    kernel.inPlace = inPlaceInputs(inputs)
    return kernel
  }

  /// A forward convolution, or the gradient with respect to the images alone.
  private func correlation(_ shape: esp_conv_shape, _ inputs: [TensorType]) throws(ExecutionError) -> Kernel {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) {
      if slopes == nil {
        esp_f32_conv_forward_plan($0, convolutionOptions, &plan)
      } else {
        esp_f32_conv_backward_data_plan($0, convolutionOptions, &plan)
      }
    }
    let made = plan
    let stages = try ConvolutionStages(self, inputs: inputs.count, parts: made.units, after: made.packed_bytes)
    let keeps: Int32 = result == nil || streamsResult ? 0 : 1
    let scratch = stages.measure { images, slopes, finish in
      withUnsafePointer(to: made) { esp_f32_conv_staged_scratch($0, images ?? slopes, finish, keeps) }
    }
    let group = self
    return Kernel(
      kernelName + stageNames, scratchBytes: scratch, workspaceBytes: stages.workspaceBytes, flops: shape.flops,
      preparation: preparation(made)
    ) { call in
      withUnsafePointer(to: made) { group.runCorrelation(call, $0, stages) }
    }
  }

  private func runCorrelation(
    _ call: KernelCall, _ plan: UnsafePointer<esp_conv_plan>, _ stages: ConvolutionStages
  ) {
    let packed = weights(plan.pointee, call)
    let source = memory(slopes ?? images, call)
    let destination = streamsResult ? nil : result.map { call.output($0, as: Float.self) }
    let work = epilogue(call)
    stages.run(call) { images, slopes, finish in
      withUnsafePointer(to: work) { work in
        call.parallel(units: plan.pointee.units) { units, _, scratch in
          esp_f32_conv_run_staged(
            plan, source, packed, destination, units.lowerBound, units.upperBound, scratch, work, images ?? slopes,
            finish)
        }
      }
    }
  }

  /// The filter's gradient, alone or with that of the images.
  private func gradients(_ shape: esp_conv_shape, _ inputs: [TensorType]) throws(ExecutionError) -> Kernel {
    var plan = esp_conv_backward_plan()
    withUnsafePointer(to: shape) {
      esp_f32_conv_backward_plan($0, convolutionOptions, filter == nil ? 0 : 1, &plan)
    }
    guard plan.parts > 0 else {
      throw ExecutionError("gradients of this shape cannot be computed together", kind: .unknown)
    }
    let made = plan
    let packedBytes = filter == nil ? 0 : (made.data.packed_bytes + 63) / 64 * 64
    let shares = made.filter.workers * made.filter.partial_floats * MemoryLayout<Float>.stride
    let stages = try ConvolutionStages(
      self, inputs: inputs.count, parts: made.parts, after: packedBytes + shares)
    let scratch = stages.measure { images, slopes, finish in
      var work = esp_conv_backward_work()
      (work.x_stage, work.dy_stage, work.dx_stage) = (images, slopes, finish)
      if result != nil { work.dx = UnsafeMutablePointer(bitPattern: 64) }
      return withUnsafePointer(to: made) { esp_f32_conv_backward_scratch($0, &work) }
    }
    let group = self
    return Kernel(
      kernelName + stageNames, scratchBytes: scratch, workspaceBytes: stages.workspaceBytes,
      flops: shape.flops * (filter == nil ? 1 : 2), preparation: preparation(made.data)
    ) { call in
      withUnsafePointer(to: made) { group.runGradients(call, $0, stages, shares: packedBytes) }
    }
  }

  private func runGradients(
    _ call: KernelCall, _ plan: UnsafePointer<esp_conv_backward_plan>, _ stages: ConvolutionStages, shares: Int
  ) {
    var work = esp_conv_backward_work()
    work.packed = weights(plan.pointee.data, call)
    work.x = memory(images, call)
    work.dy = memory(slopes, call)
    work.residual = residual.map { call.input($0, as: Float.self) }
    work.dx = result.map { call.output($0, as: Float.self) }
    let partials = (call.workspace + shares).assumingMemoryBound(to: Float.self)
    work.partials = partials
    stages.run(call) { images, slopes, finish in
      (work.x_stage, work.dy_stage, work.dx_stage) = (images, slopes, finish)
      withUnsafePointer(to: work) { work in
        call.parallel(units: plan.pointee.filter.workers) { workers, _, scratch in
          for worker in workers { esp_f32_conv_backward_run(plan, work, worker, scratch) }
        }
      }
    }
    guard let filterGradient else { return }
    let dw = call.output(filterGradient, as: Float.self)
    withUnsafePointer(to: plan.pointee.filter) { plan in
      let count = parts(bytes: plan.pointee.workers * plan.pointee.partial_floats * MemoryLayout<Float>.stride)
      call.parallel(units: count) { range, _, _ in
        for part in range { esp_f32_conv_backward_filter_reduce(plan, partials, dw, part, count) }
      }
    }
  }

  /// Returns what packs the filter into the start of the workspace.
  private func preparation(_ plan: esp_conv_plan) -> Kernel.Preparation? {
    guard let filter else { return nil }
    let isBackward = slopes != nil
    return plan.preparation(filter: filter) { call in
      let packed = call.workspace.assumingMemoryBound(to: Float.self)
      let values = call.input(filter, as: Float.self)
      withUnsafePointer(to: plan) { plan in
        let count = parts(bytes: plan.pointee.packed_bytes)
        call.parallel(units: count) { range, _, _ in
          for part in range {
            if isBackward {
              esp_f32_conv_backward_data_pack(plan, values, packed, part, count)
            } else {
              esp_f32_conv_forward_pack(plan, values, packed, part, count)
            }
          }
        }
      }
    }
  }

  private func weights(_ plan: esp_conv_plan, _ call: KernelCall) -> UnsafePointer<Float>? {
    filter.map { plan.weights(filter: $0, call) }
  }

  private func memory(_ source: Source?, _ call: KernelCall) -> UnsafePointer<Float>? {
    guard case .input(let number)? = source else { return nil }
    return call.input(number, as: Float.self)
  }

  private func epilogue(_ call: KernelCall) -> esp_conv_epilogue {
    var work = esp_conv_epilogue()
    work.bias = bias.map { call.input($0, as: Float.self) }
    work.residual = residual.map { call.input($0, as: Float.self) }
    if activation == .relu { work.activation = Int32(ESP_ACTIVATION_RELU) }
    return work
  }

  /// What is done before and after, for explanations.
  private var stageNames: String {
    var names: [String] = []
    if case .cluster(let cluster)? = images { names.append("x:" + cluster.kernelName) }
    if case .cluster(let cluster)? = slopes { names.append("dy:" + cluster.kernelName) }
    if let finish { names.append((slopes == nil ? "y:" : "dx:") + finish.kernelName) }
    return names.isEmpty ? "" : " " + names.joined(separator: " ")
  }

  /// Each store of the last cluster may overwrite what only it, and the addition, read element by element, and so may
  /// the result.
  private func inPlaceInputs(_ inputs: [TensorType]) -> [Int: [Int]] {
    var result: [Int: [Int]] = [:]
    if let kept = self.result, let residual, !readsBefore(residual), finish?.loads(residual) != true {
      result[kept] = [residual]
    }
    guard let finish else { return result }
    let candidates = inputs.indices.filter { index in
      let isElements = finish.loads(index) ? finish.loadsElements(of: index) : index == residual
      return isElements && !readsBefore(index) && inputs[index].shape.known == resultExtents
    }
    for store in finish.stores where outputs[store.output].dataType == .float32 {
      result[store.output] = candidates
    }
    return result
  }

  /// Whether an input is read by something that may look at other rows.
  private func readsBefore(_ input: Int) -> Bool {
    if input == filter || input == bias { return true }
    return [images, slopes].contains { source in
      switch source {
      case .input(let number)?: number == input
      case .cluster(let cluster)?: cluster.loads(input)
      case nil: false
      }
    }
  }
}
