import EspalierGraph

extension InTopK: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let extents = inputs[0].shape.known, extents.count == 2, inputs[0].dataType == .float32 else {
      throw refuse(inputs[0])
    }
    let (rows, classes) = (extents[0], extents[1])
    let indexType = inputs[1].dataType
    return Kernel("in_top_k") { call in
      let predictions = call.input(0, as: Float.self)
      let targets = Classes(call, input: 1, dataType: indexType)
      let k = Classes(call, input: 2, dataType: indexType)[0]
      let isIn = call.output(0, as: Bool.self)
      call.parallel(units: rows, grain: grain(nanosecondsPerUnit: classes)) { range, _, _ in
        for row in range {
          let numbers = UnsafeBufferPointer(start: predictions + row * classes, count: classes)
          isIn[row] = Self.isAmongGreatest(numbers, targets[row], k)
        }
      }
    }
  }

  /// Returns whether fewer than `k` predictions are greater than the target's; false where that cannot be said.
  private static func isAmongGreatest(_ predictions: UnsafeBufferPointer<Float>, _ target: Int, _ k: Int) -> Bool {
    guard predictions.indices.contains(target), predictions[target].isFinite else { return false }
    var greater = 0
    for prediction in predictions {
      guard prediction.isFinite else { return false }
      if prediction > predictions[target] { greater += 1 }
    }
    return greater < k
  }
}
