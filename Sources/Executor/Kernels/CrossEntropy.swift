import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension SparseSoftmaxCrossEntropy: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let extents = inputs[0].shape.known, extents.count == 2 else { throw refuse(inputs[0]) }
    let work = SparseCrossEntropyWork(rows: extents[0], classes: extents[1], labelType: inputs[1].dataType)
    switch inputs[0].dataType {
    case .float32: return work.kernel(Float.self)
    case .float64: return work.kernel(Double.self)
    default: throw refuse(inputs[0])
    }
  }
}

/// One pass over rows of logits: their greatest, the sum of exponentials in double precision, loss and gradient.
private struct SparseCrossEntropyWork {
  let rows: Int
  let classes: Int
  let labelType: DataType

  func kernel<T: BinaryFloatingPoint & BitwiseCopyable>(_ type: T.Type) -> Kernel {
    let least = grain(nanosecondsPerUnit: classes * 10)
    return Kernel("sparse_cross_entropy", flops: Double(rows * classes * 4)) { [self] call throws(ExecutionError) in
      let labels = Classes(call, input: 1, dataType: labelType)
      let logits = call.input(0, as: T.self)
      let losses = call.output(0, as: T.self)
      let gradients = call.output(1, as: T.self)
      let failure = call.firstFailure(units: rows, grain: least) { range, _ in
        for row in range {
          let label = labels[row]
          guard label >= 0, label < classes else { return row }
          losses[row] = Self.row(logits + row * classes, label, classes, gradients + row * classes)
        }
        return nil
      }
      if let failure { throw refusal(labels, failure) }
    }
  }

  /// Returns the loss of a row and writes softmax(row) − onehot(label).
  @inline(__always)
  private static func row<T: BinaryFloatingPoint>(
    _ x: UnsafePointer<T>, _ label: Int, _ count: Int, _ gradient: UnsafeMutablePointer<T>
  ) -> T {
    var greatest = -Double.infinity
    for index in 0..<count { greatest = max(greatest, Double(x[index])) }
    var total = 0.0
    for index in 0..<count {
      let exponential = exp(Double(x[index]) - greatest)
      total += exponential
      gradient[index] = T(exponential)
    }
    let scale = T(1 / total)
    for index in 0..<count { gradient[index] *= scale }
    gradient[label] -= 1
    return T(log(total) - (Double(x[label]) - greatest))
  }

  private func refusal(_ labels: Classes, _ row: Int) -> ExecutionError {
    let values = (0..<min(rows, 64)).map { String(labels[$0]) }.joined(separator: " ")
    return ExecutionError(
      "Received a label value of \(labels[row]) which is outside the valid range of [0, \(classes)).  "
        + "Label values: \(values)\(rows > 64 ? "..." : "")")
  }
}
