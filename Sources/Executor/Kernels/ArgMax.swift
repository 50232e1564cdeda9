import EspalierGraph

extension ArgMax: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try argExtremeKernel(name, inputs, outputs, isMaximum: true)
  }
}

extension ArgMin: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try argExtremeKernel(name, inputs, outputs, isMaximum: false)
  }
}

private func argExtremeKernel(
  _ name: String, _ inputs: [TensorType], _ outputs: [TensorType], isMaximum: Bool
) throws(ExecutionError) -> Kernel {
  let rows = try AxisRows(inputs[0].extents, inputs[1])
  let isLong = outputs[0].dataType == .int64
  switch inputs[0].dataType {
  case .float32: return argExtremeKernel(Float.self, name, rows, isMaximum, isLong)
  case .float64: return argExtremeKernel(Double.self, name, rows, isMaximum, isLong)
  case .int8: return argExtremeKernel(Int8.self, name, rows, isMaximum, isLong)
  case .uint8, .bool: return argExtremeKernel(UInt8.self, name, rows, isMaximum, isLong)
  case .int16: return argExtremeKernel(Int16.self, name, rows, isMaximum, isLong)
  case .int32: return argExtremeKernel(Int32.self, name, rows, isMaximum, isLong)
  case .int64: return argExtremeKernel(Int64.self, name, rows, isMaximum, isLong)
  default: throw ExecutionError("\(name) of \(inputs[0].dataType) is not supported", kind: .unimplemented)
  }
}

/// The first of equal extremes counts; a NaN does not.
private func argExtremeKernel<Number: BitwiseCopyable & Comparable>(
  _ type: Number.Type, _ name: String, _ rows: AxisRows, _ isMaximum: Bool, _ isLong: Bool
) -> Kernel {
  Kernel(name) { call in
    let x = call.input(0, as: Number.self)
    call.parallel(units: rows.count, grain: max(1, 16384 / max(rows.extent, 1))) { range, _, _ in
      for row in range {
        let start = rows.start(of: row)
        var best = 0
        for place in 1..<max(rows.extent, 1) {
          let (candidate, leader) = (x[start + place * rows.stride], x[start + best * rows.stride])
          if isMaximum ? candidate > leader : candidate < leader { best = place }
        }
        if isLong {
          call.output(0, as: Int64.self)[row] = Int64(best)
        } else {
          call.output(0, as: Int32.self)[row] = Int32(truncatingIfNeeded: best)
        }
      }
    }
  }
}

/// The rows of a tensor along one axis.
struct AxisRows {
  /// The number of rows.
  let count: Int
  /// The elements of a row.
  let extent: Int
  /// The distance of neighbours in a row.
  let stride: Int

  /// - Parameter axis: The type of the axis, an integer scalar.
  init(_ extents: [Int], _ axis: TensorType) throws(ExecutionError) {
    guard let named = axis.knownValue?.first else {
      throw ExecutionError("the axis must be known before the run", kind: .unimplemented)
    }
    let resolved = named < 0 ? named + extents.count : named
    extent = extents[resolved]
    stride = extents[(resolved + 1)...].reduce(1, *)
    count = extents[..<resolved].reduce(1, *) * stride
  }

  /// Returns the place of the first element of a row.
  @inline(__always)
  func start(of row: Int) -> Int {
    let (outer, column) = row.quotientAndRemainder(dividingBy: stride)
    return outer * extent * stride + column
  }
}
