import EspalierGraph

extension ResizeBilinear: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try Resampling(name, inputs[0], outputs[0]) { ResizeTaps.bilinear($0, $1, geometry) }.forward()
  }
}

extension ResizeBicubic: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try Resampling(name, inputs[0], outputs[0]) { ResizeTaps.bicubic($0, $1, geometry) }.forward()
  }
}

extension ResizeArea: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try Resampling(name, inputs[0], outputs[0]) { ResizeTaps.area($0, $1, geometry) }.forward()
  }
}

extension ResizeNearestNeighbor: CPUOperation {
  /// Pixels are copied, whatever their type.
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let size = outputs[0].dataType.size else {
      throw ExecutionError("\(name) of \(outputs[0].dataType) is not supported", kind: .unimplemented)
    }
    let (from, to) = (inputs[0].extents, outputs[0].extents)
    let rows = ResizeTaps.nearest(from[1], to[1], geometry).map { $0[0].place }
    let columns = ResizeTaps.nearest(from[2], to[2], geometry).map { $0[0].place }
    let pixel = from[3] * size
    return Kernel(name) { call in
      call.parallel(units: to[0] * to[1], grain: max(1, 16384 / max(to[2] * pixel, 1))) { units, _, _ in
        for unit in units {
          let (image, y) = unit.quotientAndRemainder(dividingBy: to[1])
          let source = call.inputs[0] + (image * from[1] + rows[y]) * from[2] * pixel
          let target = call.outputs[0] + unit * to[2] * pixel
          for (x, place) in columns.enumerated() {
            (target + x * pixel).copyMemory(from: source + place * pixel, byteCount: pixel)
          }
        }
      }
    }
  }
}

extension ResizeBilinearGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try Resampling(name, outputs[0], inputs[0]) { ResizeTaps.bilinear($0, $1, geometry) }.backward()
  }
}

extension ResizeBicubicGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try Resampling(name, outputs[0], inputs[0]) { ResizeTaps.bicubic($0, $1, geometry) }.backward()
  }
}

extension ResizeNearestNeighborGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try Resampling(name, outputs[0], inputs[0]) { ResizeTaps.nearest($0, $1, geometry) }.backward()
  }
}

/// A resampling that is a sum along each axis for itself: every pixel is Σ weight · weight · pixel.
private struct Resampling {
  let name: String
  let original: TensorType
  let resized: TensorType
  let rows: [[ResizeTaps.Tap]]
  let columns: [[ResizeTaps.Tap]]

  init(
    _ name: String, _ original: TensorType, _ resized: TensorType, _ taps: (Int, Int) -> [[ResizeTaps.Tap]]
  ) throws(ExecutionError) {
    guard original.extents.count == 4, resized.extents.count == 4, !original.extents.contains(0) else {
      throw ExecutionError("input image must be of non-zero size")
    }
    self.name = name
    self.original = original
    self.resized = resized
    rows = taps(original.extents[1], resized.extents[1])
    columns = taps(original.extents[2], resized.extents[2])
  }

  func forward() throws(ExecutionError) -> Kernel {
    switch original.dataType {
    case .float32: return forward(Float.self) { $0 }
    case .uint8: return forward(UInt8.self) { Float($0) }
    case .int32: return forward(Int32.self) { Float($0) }
    case .float64: return forward(Double.self) { Float($0) }
    default: throw ExecutionError("\(name) of \(original.dataType) is not supported", kind: .unimplemented)
    }
  }

  func backward() throws(ExecutionError) -> Kernel {
    switch (resized.dataType, original.dataType) {
    case (.float32, .float32): return backward(Float.self, Float.self) { Float($0) }
    case (.float32, .float64): return backward(Float.self, Double.self) { Double($0) }
    case (.float64, .float64): return backward(Double.self, Double.self) { Double($0) }
    default: throw ExecutionError("\(name) of \(original.dataType) is not supported", kind: .unimplemented)
    }
  }

  private func forward<Source: BitwiseCopyable>(
    _ source: Source.Type, _ convert: @escaping (Source) -> Float
  ) -> Kernel {
    let (from, to) = (original.extents, resized.extents)
    let depth = from[3]
    return Kernel(name) { [rows, columns] call in
      let (x, y) = (call.input(0, as: source), call.output(0, as: Float.self))
      call.parallel(units: to[0] * to[1], grain: max(1, 4096 / max(to[2] * depth, 1))) { units, _, _ in
        for unit in units {
          let (image, row) = unit.quotientAndRemainder(dividingBy: to[1])
          for (column, across) in columns.enumerated() {
            let pixel = y + (unit * to[2] + column) * depth
            for channel in 0..<depth {
              var sum: Float = 0
              for down in rows[row] {
                let line = x + (image * from[1] + down.place) * from[2] * depth + channel
                var partial: Float = 0
                for tap in across { partial += tap.weight * convert(line[tap.place * depth]) }
                sum += down.weight * partial
              }
              pixel[channel] = sum
            }
          }
        }
      }
    }
  }

  /// Each gradient is spread over the pixels that it was made from. Images are independent of each other.
  private func backward<Source: BitwiseCopyable & BinaryFloatingPoint, Target: BitwiseCopyable & BinaryFloatingPoint>(
    _ source: Source.Type, _ target: Target.Type, _ convert: @escaping (Source) -> Target
  ) -> Kernel {
    let (from, to) = (original.extents, resized.extents)
    let depth = from[3]
    return Kernel(name) { [rows, columns] call in
      let (dy, dx) = (call.input(0, as: source), call.output(0, as: target))
      call.parallel(units: to[0]) { images, _, _ in
        for image in images {
          let base = dx + image * from[1] * from[2] * depth
          base.update(repeating: 0, count: from[1] * from[2] * depth)
          for (row, down) in rows.enumerated() {
            for (column, across) in columns.enumerated() {
              let pixel = dy + ((image * to[1] + row) * to[2] + column) * depth
              for outer in down {
                for inner in across {
                  let weight = Target(outer.weight) * Target(inner.weight)
                  let place = base + (outer.place * from[2] + inner.place) * depth
                  for channel in 0..<depth { place[channel] += weight * convert(pixel[channel]) }
                }
              }
            }
          }
        }
      }
    }
  }
}
