import CKernels

/// Runs the C convolutions between guards, with the units in any order and number of calls.
struct ConvolutionRunner {
  let shape: esp_conv_shape
  let options: esp_conv_options
  /// Each call runs this many units, last units first.
  var unitsPerCall = 1
  /// Floats by which buffers miss 64-byte alignment.
  var offset = 0

  struct Failure: Error { let message: String }

  static let canary: Float = 12345.5

  private func buffer(_ values: [Float]) -> GuardedBuffer<Float> {
    GuardedBuffer(values, canary: Self.canary, offset: offset)
  }

  private func require(_ condition: Bool, _ message: String) throws {
    if !condition { throw Failure(message: message) }
  }

  private func scratch(_ plan: esp_conv_plan) -> GuardedBuffer<Float> {
    GuardedBuffer(count: plan.scratch_bytes / 4, canary: .nan)
  }

  private func nanIntact(_ buffer: GuardedBuffer<Float>) -> Bool {
    let guards = GuardedBuffer<Float>.guardCount
    return (1...guards).allSatisfy { buffer.pointer[-$0].isNaN }
      && (0..<guards).allSatisfy { buffer.pointer[buffer.count + $0].isNaN }
  }

  /// Calls `run` with ranges of units, last first.
  private func eachRange(_ units: Int, _ run: (Int, Int) -> Void) {
    var end = units
    while end > 0 {
      let begin = max(0, end - unitsPerCall)
      run(begin, end)
      end = begin
    }
  }

  /// Returns what runs take as the packed filter.
  private func weights(
    _ plan: esp_conv_plan, _ packed: GuardedBuffer<Float>, _ filter: GuardedBuffer<Float>
  ) -> UnsafeMutablePointer<Float> {
    plan.packed_bytes > 0 ? packed.pointer : filter.pointer
  }

  func forward(
    x: [Float], filter: [Float], bias: [Float]? = nil, residual: [Float]? = nil, activation: Int = ESP_ACTIVATION_NONE
  ) throws -> (y: [Float], stats: [Float]) {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) { esp_f32_conv_forward_plan($0, options, &plan) }
    let (xs, ws) = (buffer(x), buffer(filter))
    let packed = GuardedBuffer(count: plan.packed_bytes / 4, canary: Self.canary)
    let hasEpilogue = bias != nil || residual != nil || activation != ESP_ACTIVATION_NONE
    let parts = 3
    for part in 0..<parts { esp_f32_conv_forward_pack(&plan, ws.pointer, packed.pointer, part, parts) }
    let y = GuardedBuffer(count: shape.n * shape.oh * shape.ow * shape.k, canary: Self.canary, offset: offset)
    let stats = GuardedBuffer(count: plan.units * plan.stats_floats, canary: Self.canary)
    let scratch = scratch(plan)
    let biases = bias.map { buffer($0) }
    let residuals = residual.map { buffer($0) }
    var epilogue = esp_conv_epilogue()
    epilogue.bias = UnsafePointer(biases?.pointer)
    epilogue.residual = UnsafePointer(residuals?.pointer)
    epilogue.activation = Int32(activation)
    if hasEpilogue { epilogue.stats = stats.pointer }
    eachRange(plan.units) { begin, end in
      withUnsafePointer(to: epilogue) {
        esp_f32_conv_forward_run(
          &plan, xs.pointer, weights(plan, packed, ws), y.pointer, begin, end, scratch.pointer, hasEpilogue ? $0 : nil)
      }
    }
    try require(y.isIntact && packed.isIntact && stats.isIntact && nanIntact(scratch), "forward wrote outside")
    return (y.values, stats.values)
  }

  func backwardData(dy: [Float], filter: [Float], residual: [Float]? = nil) throws -> [Float] {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) { esp_f32_conv_backward_data_plan($0, options, &plan) }
    let (dys, ws) = (buffer(dy), buffer(filter))
    let packed = GuardedBuffer(count: plan.packed_bytes / 4, canary: Self.canary)
    for part in 0..<2 { esp_f32_conv_backward_data_pack(&plan, ws.pointer, packed.pointer, part, 2) }
    let dx = GuardedBuffer(count: shape.n * shape.h * shape.w * shape.c, canary: Self.canary, offset: offset)
    let scratch = scratch(plan)
    let residuals = residual.map { buffer($0) }
    eachRange(plan.units) { begin, end in
      esp_f32_conv_backward_data_run(
        &plan, dys.pointer, weights(plan, packed, ws), dx.pointer, begin, end, scratch.pointer, residuals?.pointer)
    }
    try require(dx.isIntact && packed.isIntact && nanIntact(scratch), "backward data wrote outside")
    return dx.values
  }

  func backwardFilter(x: [Float], dy: [Float]) throws -> [Float] {
    var plan = esp_conv_plan()
    withUnsafePointer(to: shape) { esp_f32_conv_backward_filter_plan($0, options, &plan) }
    let (xs, dys) = (buffer(x), buffer(dy))
    let partials = GuardedBuffer(count: plan.workers * plan.partial_floats, canary: Self.canary)
    let dfilter = GuardedBuffer(
      count: shape.kh * shape.kw * shape.c * shape.k, canary: Self.canary, offset: offset)
    let scratch = scratch(plan)
    let sums = plan.stores != 0 ? dfilter.pointer : partials.pointer
    for worker in (0..<plan.workers).reversed() {
      esp_f32_conv_backward_filter_run(&plan, xs.pointer, dys.pointer, sums, worker, scratch.pointer)
    }
    for part in 0..<3 where plan.stores == 0 {
      esp_f32_conv_backward_filter_reduce(&plan, partials.pointer, dfilter.pointer, part, 3)
    }
    try require(dfilter.isIntact && partials.isIntact && nanIntact(scratch), "backward filter wrote outside")
    return dfilter.values
  }
}
