import CKernels
import EspalierGraph

extension Softmax: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let rows = try RowWork(inputs[0], of: self)
    return rows.kernel("softmax", inPlace: [0: [0]]) { call, begin, end in
      esp_softmax(rows.number, rows.classes, call.inputs[0], call.outputs[0], begin, end)
    }
  }
}

extension LogSoftmax: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let rows = try RowWork(inputs[0], of: self)
    return rows.kernel("log_softmax", inPlace: [0: [0]]) { call, begin, end in
      esp_log_softmax(rows.number, rows.classes, call.inputs[0], call.outputs[0], begin, end)
    }
  }
}

extension SoftmaxCrossEntropy: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let rows = try RowWork(inputs[0], of: self)
    return rows.kernel("cross_entropy", inPlace: [1: [0]]) { call, begin, end in
      esp_cross_entropy(
        rows.number, rows.classes, call.inputs[0], call.inputs[1], call.outputs[0], call.outputs[1], begin, end)
    }
  }
}

extension SparseSoftmaxCrossEntropy: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let rows = try RowWork(inputs[0], of: self)
    let labelType = inputs[1].dataType
    let labelNumber = Int32(labelType == .int64 ? ESP_I64 : ESP_I32)
    return Kernel("sparse_cross_entropy", inPlace: [1: [0]], flops: rows.flops) { call throws(ExecutionError) in
      let failure = call.firstFailure(units: rows.count, grain: rows.grain) { range, _ in
        let row = esp_sparse_cross_entropy(
          rows.number, labelNumber, rows.classes, call.inputs[0], call.inputs[1], call.outputs[0], call.outputs[1],
          range.lowerBound, range.upperBound)
        return row < 0 ? nil : row
      }
      guard let failure else { return }
      let labels = Classes(call, input: 1, dataType: labelType)
      let values = (0..<min(rows.count, 64)).map { String(labels[$0]) }.joined(separator: " ")
      throw ExecutionError(
        "Received a label value of \(labels[failure]) which is outside the valid range of [0, \(rows.classes)).  "
          + "Label values: \(values)\(rows.count > 64 ? "..." : "")")
    }
  }
}

/// Rows of logits as the C kernels take them.
private struct RowWork {
  /// The number of the element type.
  let number: Int32
  let count: Int
  let classes: Int

  init(_ type: TensorType, of operation: some Operation) throws(ExecutionError) {
    guard let extents = type.shape.known, let classes = extents.last else { throw operation.refuse(type) }
    switch type.dataType {
    case .float32: number = Int32(ESP_F32)
    case .float64: number = Int32(ESP_F64)
    default: throw operation.refuse(type)
    }
    count = extents.dropLast().reduce(1, *)
    self.classes = classes
  }

  var grain: Int { EspalierExecutor.grain(nanosecondsPerUnit: classes * 2) }
  var flops: Double { Double(count) * Double(classes) * 4 }

  func kernel(_ name: String, inPlace: [Int: [Int]], _ body: @escaping (KernelCall, Int, Int) -> Void) -> Kernel {
    let (count, grain) = (count, grain)
    return Kernel(name, inPlace: inPlace, flops: flops) { call in
      call.parallel(units: count, grain: grain) { range, _, _ in body(call, range.lowerBound, range.upperBound) }
    }
  }
}
