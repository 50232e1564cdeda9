import CKernels
import EspalierGraph

extension MatMul: AnchorOperation {
  package func accepts(_ epilogue: Epilogue, inputs: [TensorType], outputs: [TensorType]) -> Bool {
    inputs.first?.dataType == .float32
  }

  package func kernel(
    inputs: [TensorType], outputs: [TensorType], epilogue: Epilogue
  ) throws(ExecutionError) -> Kernel {
    let product = try MatrixProduct(inputs, outputs, transposeA, transposeB)
    return try product.kernel(inputs[0].dataType, batches: [(0, 0, 0)], epilogue)
  }
}

extension BatchMatMulV2: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let product = try MatrixProduct(inputs, outputs, adjointA, adjointB)
    return try product.kernel(inputs[0].dataType, batches: product.batches(inputs, outputs[0]), Epilogue())
  }
}

/// Products of matrices in the last two axes.
private struct MatrixProduct {
  private let shape: esp_matmul_shape
  private var flops: Double { 2 * Double(shape.m) * Double(shape.n) * Double(shape.k) }

  init(
    _ inputs: [TensorType], _ outputs: [TensorType], _ transposeA: Bool, _ transposeB: Bool
  ) throws(ExecutionError) {
    guard let a = inputs[0].shape.known, let b = inputs[1].shape.known, let c = outputs[0].shape.known, a.count > 1,
      b.count > 1, c.count > 1
    else { throw ExecutionError("matrices must have a known shape") }
    let (rows, columns) = (a[a.count - 2], a[a.count - 1])
    shape = esp_matmul_shape(
      m: c[c.count - 2], n: c[c.count - 1], k: transposeA ? rows : columns, transpose_a: transposeA ? 1 : 0,
      transpose_b: transposeB ? 1 : 0, lda: columns, ldb: b[b.count - 1], ldc: c[c.count - 1])
  }

  /// Returns which matrices of a and b give which of c: those along axes of extent 1 are used again.
  func batches(_ inputs: [TensorType], _ output: TensorType) -> [(a: Int, b: Int, c: Int)] {
    let a = inputs[0].shape.known ?? []
    let b = inputs[1].shape.known ?? []
    let c = (output.shape.known ?? []).dropLast(2)
    func matrix(_ extents: [Int], _ index: Int) -> Int {
      var rest = index
      var stride = 1
      var result = 0
      for (axis, extent) in c.enumerated().reversed() {
        let own = axis - (c.count - (extents.count - 2))
        let coordinate = rest % max(extent, 1)
        rest /= max(extent, 1)
        guard own >= 0 else { continue }
        if extents[own] != 1 { result += coordinate * stride }
        stride *= extents[own]
      }
      return result
    }
    return (0..<c.reduce(1, *)).map { (matrix(a, $0), matrix(b, $0), $0) }
  }

  func kernel(
    _ type: DataType, batches: [(a: Int, b: Int, c: Int)], _ epilogue: Epilogue
  ) throws(ExecutionError) -> Kernel {
    switch type {
    case .float32: return float(batches, epilogue)
    case .float64: return plain(batches, Double.self, esp_f64_matmul)
    case .int32: return plain(batches, Int32.self, esp_i32_matmul)
    case .int64: return plain(batches, Int64.self, esp_i64_matmul)
    default: throw ExecutionError("MatMul of \(type) is not defined", kind: .unimplemented)
    }
  }

  private func float(_ batches: [(a: Int, b: Int, c: Int)], _ epilogue: Epilogue) -> Kernel {
    var plan = esp_matmul_plan()
    withUnsafePointer(to: shape) { esp_f32_matmul_plan($0, isa, &plan) }
    let residual = epilogue.bias ? 3 : 2
    let (sizeA, sizeB, sizeC) = (shape.m * shape.k, shape.k * shape.n, shape.m * shape.n)
    let parts = plan.packed_bytes < 1 << 17 ? 1 : KernelCall.workers
    let unitsForOnePart = max(1, Int(Double(plan.units) * 200_000 / max(flops, 1)))
    func pack(_ call: KernelCall, _ batch: Int) {
      let b = call.input(1, as: Float.self) + batch * sizeB
      let packed = call.workspace.assumingMemoryBound(to: Float.self)
      withUnsafePointer(to: plan) { plan in
        call.parallel(units: parts) { range, _, _ in
          for part in range { esp_f32_matmul_pack(plan, b, packed, part, parts) }
        }
      }
    }
    let isSingle = batches.count == 1
    return Kernel(
      "matmul", scratchBytes: plan.scratch_bytes, workspaceBytes: plan.packed_bytes,
      inPlace: epilogue.residual ? [0: [residual]] : [:], flops: flops * Double(batches.count),
      preparation: isSingle ? Kernel.Preparation(input: 1) { pack($0, batches[0].b) } : nil
    ) { call in
      let packed = call.workspace.assumingMemoryBound(to: Float.self)
      var work = esp_conv_epilogue()
      if epilogue.bias { work.bias = call.input(2, as: Float.self) }
      if epilogue.residual { work.residual = call.input(residual, as: Float.self) }
      if epilogue.activation == .relu { work.activation = Int32(ESP_ACTIVATION_RELU) }
      for batch in batches {
        let a = call.input(0, as: Float.self) + batch.a * sizeA
        let c = call.output(0, as: Float.self) + batch.c * sizeC
        if !isSingle { pack(call, batch.b) }
        withUnsafePointer(to: plan) { plan in
          withUnsafePointer(to: work) { work in
            call.parallel(units: plan.pointee.units, grain: unitsForOnePart) { units, _, scratch in
              esp_f32_matmul_run(plan, a, packed, c, units.lowerBound, units.upperBound, scratch, work)
            }
          }
        }
      }
    }
  }

  private typealias PlainProduct<Element> = (
    UnsafePointer<esp_matmul_shape>?, UnsafePointer<Element>?, UnsafePointer<Element>?, UnsafeMutablePointer<Element>?,
    Int, Int
  ) -> Void

  private func plain<Element: BitwiseCopyable>(
    _ batches: [(a: Int, b: Int, c: Int)], _: Element.Type, _ product: @escaping PlainProduct<Element>
  ) -> Kernel {
    let (sizeA, sizeB, sizeC) = (shape.m * shape.k, shape.k * shape.n, shape.m * shape.n)
    let shape = shape
    let rowsForOnePart = max(1, 50_000 / max(shape.n * shape.k, 1))
    return Kernel("matmul", flops: flops * Double(batches.count)) { call in
      for batch in batches {
        let a = call.input(0, as: Element.self) + batch.a * sizeA
        let b = call.input(1, as: Element.self) + batch.b * sizeB
        let c = call.output(0, as: Element.self) + batch.c * sizeC
        withUnsafePointer(to: shape) { shape in
          call.parallel(units: shape.pointee.m, grain: rowsForOnePart) { rows, _, _ in
            product(shape, a, b, c, rows.lowerBound, rows.upperBound)
          }
        }
      }
    }
  }
}
