import EspalierGraph

extension UnsortedSegmentSum: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try segmentKernel(.sum, inputs, outputs)
  }
}

extension UnsortedSegmentMax: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try segmentKernel(.max, inputs, outputs)
  }
}

extension UnsortedSegmentMin: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try segmentKernel(.min, inputs, outputs)
  }
}

extension SegmentSum: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    if outputs[0].shape.isKnown { return try segmentKernel(.sum, inputs, outputs) }
    // Nobody knew how many segments there are: the last number tells.
    let accumulate = try Accumulation(inputs[0].dataType)
    let type = inputs[0]
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      let ids = ((try? values[1].doubles()) ?? []).map { Int($0) }
      guard ids.first ?? 0 >= 0, zip(ids, ids.dropFirst()).allSatisfy({ $0 <= $1 }) else {
        throw ExecutionError("segment ids are not increasing")
      }
      let inner = type.extents.dropFirst().reduce(1, *)
      var result = HostTensor(zeros: type.dataType, shape: [(ids.last ?? -1) + 1] + type.extents.dropFirst())
      let target = result.mutableAddress
      for (row, id) in ids.enumerated() {
        accumulate.add(values[0].address, at: row * inner, to: target, at: id * inner, count: inner)
      }
      return [result]
    }
  }
}

extension CPUOperation {
  fileprivate func segmentKernel(
    _ rule: Accumulation.Rule, _ inputs: [TensorType], _ outputs: [TensorType]
  ) throws(ExecutionError) -> Kernel {
    let accumulate = try Accumulation(inputs[0].dataType, rule)
    let rows = inputs[1].shape.count ?? 0
    let inner = outputs[0].extents.dropFirst().reduce(1, *)
    let segments = outputs[0].extents.first ?? 0
    let isLong = inputs[1].dataType == .int64
    return Kernel(name) { (call) throws(ExecutionError) in
      let ids = Indices(call, 1, isLong: isLong)
      accumulate.clear(call.outputs[0], segments * inner)
      for row in 0..<rows where ids[row] >= 0 {
        guard ids[row] < segments else {
          throw ExecutionError("segment_ids[\(row)] = \(ids[row]) is out of range [0, \(segments))")
        }
        accumulate.add(call.inputs[0], at: row * inner, to: call.outputs[0], at: ids[row] * inner, count: inner)
      }
    }
  }
}
