import EspalierGraph

extension CropAndResize: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let crops = CropShape(images: inputs[0].extents, crops: outputs[0].extents, method: method)
    switch inputs[0].dataType {
    case .float32: return kernel(crops, Float.self) { $0 }
    case .float64: return kernel(crops, Double.self) { Float($0) }
    case .uint8: return kernel(crops, UInt8.self) { Float($0) }
    default: throw ExecutionError("CropAndResize of \(inputs[0].dataType) is not supported", kind: .unimplemented)
    }
  }

  private func kernel<Pixel: BitwiseCopyable>(
    _ crops: CropShape, _ type: Pixel.Type, _ convert: @escaping (Pixel) -> Float
  ) -> Kernel {
    let outside = extrapolationValue
    let depth = crops.depth
    return Kernel(name) { (call) throws(ExecutionError) in
      try crops.checkIndices(call.input(2, as: Int32.self))
      let x = call.input(0, as: type)
      let y = call.output(0, as: Float.self)
      call.parallel(units: crops.count * crops.height) { units, _, _ in
        for unit in units {
          let (box, row) = unit.quotientAndRemainder(dividingBy: crops.height)
          let sampler = crops.sampler(of: box, call)
          for column in 0..<crops.width {
            let pixel = y + (unit * crops.width + column) * depth
            guard let sample = sampler.sample(row, column) else {
              for channel in 0..<depth { pixel[channel] = outside }
              continue
            }
            for channel in 0..<depth {
              var sum: Float = 0
              for corner in sample.corners { sum += corner.weight * convert(x[corner.place + channel]) }
              pixel[channel] = sum
            }
          }
        }
      }
    }
  }
}

extension CropAndResizeGradImage: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let crops = CropShape(images: outputs[0].extents, crops: inputs[0].extents, method: method)
    let count = outputs[0].shape.count ?? 0
    return Kernel(name) { (call) throws(ExecutionError) in
      try crops.checkIndices(call.input(2, as: Int32.self))
      let dx = call.output(0, as: Float.self)
      dx.update(repeating: 0, count: count)
      crops.forEachSample(call) { sample, dy in
        for corner in sample.corners {
          for channel in 0..<crops.depth { dx[corner.place + channel] += corner.weight * dy[channel] }
        }
      }
    }
  }
}

extension CropAndResizeGradBoxes: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard inputs[1].dataType == .float32 else {
      throw ExecutionError("\(name) of \(inputs[1].dataType) is not supported", kind: .unimplemented)
    }
    let crops = CropShape(images: inputs[1].extents, crops: inputs[0].extents, method: .bilinear)
    return Kernel(name) { (call) throws(ExecutionError) in
      try crops.checkIndices(call.input(3, as: Int32.self))
      let x = call.input(1, as: Float.self)
      let db = call.output(0, as: Float.self)
      db.update(repeating: 0, count: crops.count * 4)
      crops.forEachSample(call, boxes: 2, indices: 3) { sample, dy in
        // The slopes of the sampled value down and across the image.
        var (down, across): (Float, Float) = (0, 0)
        for channel in 0..<crops.depth {
          let (a, b) = (x[sample.corners[0].place + channel], x[sample.corners[1].place + channel])
          let (c, d) = (x[sample.corners[2].place + channel], x[sample.corners[3].place + channel])
          down += dy[channel] * ((1 - sample.across) * (c - a) + sample.across * (d - b))
          across += dy[channel] * ((1 - sample.down) * (b - a) + sample.down * (d - c))
        }
        let box = db + sample.box * 4
        let (high, wide) = (Float(crops.rows - 1), Float(crops.columns - 1))
        box[0] += down * high * (1 - sample.rowShare)
        box[2] += down * high * sample.rowShare
        box[1] += across * wide * (1 - sample.columnShare)
        box[3] += across * wide * sample.columnShare
      }
    }
  }
}

/// Boxes of images and what they are resampled to.
private struct CropShape {
  let images: Int
  let rows: Int
  let columns: Int
  let depth: Int
  let count: Int
  let height: Int
  let width: Int
  let method: CropMethod

  init(images extents: [Int], crops: [Int], method: CropMethod) {
    (images, rows, columns, depth) = (extents[0], extents[1], extents[2], extents[3])
    (count, height, width) = (crops[0], crops[1], crops[2])
    self.method = method
  }

  func checkIndices(_ indices: UnsafePointer<Int32>) throws(ExecutionError) {
    for box in 0..<count where !(0..<images).contains(Int(indices[box])) {
      throw ExecutionError("box_ind[\(box)] = \(indices[box]) is out of range [0, \(images))", kind: .outOfRange)
    }
  }

  func sampler(of box: Int, _ call: KernelCall, boxes: Int = 1, indices: Int = 2) -> BoxSampler {
    BoxSampler(
      shape: self, box: box, image: Int(call.input(indices, as: Int32.self)[box]),
      edges: call.input(boxes, as: Float.self) + box * 4)
  }

  /// Calls `body` for all samples that lie in an image, with the gradient of their pixel, the first input.
  func forEachSample(
    _ call: KernelCall, boxes: Int = 1, indices: Int = 2, _ body: (BoxSample, UnsafePointer<Float>) -> Void
  ) {
    let dy = call.input(0, as: Float.self)
    for box in 0..<count {
      let sampler = sampler(of: box, call, boxes: boxes, indices: indices)
      for row in 0..<height {
        for column in 0..<width {
          guard let sample = sampler.sample(row, column) else { continue }
          body(sample, dy + ((box * height + row) * width + column) * depth)
        }
      }
    }
  }
}

/// A point in an image and the pixels around it: upper left, upper right, lower left, lower right.
private struct BoxSample {
  var box: Int
  var corners: [(place: Int, weight: Float)]
  /// The parts of a pixel that the point lies below and right of the first corner.
  var down: Float
  var across: Float
  /// Where the point lies between the edges of the box.
  var rowShare: Float
  var columnShare: Float
}

private struct BoxSampler {
  let shape: CropShape
  let box: Int
  let image: Int
  /// Top, left, bottom and right.
  let edges: UnsafePointer<Float>

  /// Returns the pixels that a pixel of the result is made from, or nil if it lies outside the image.
  func sample(_ row: Int, _ column: Int) -> BoxSample? {
    let (y, rowShare) = place(row, of: shape.height, from: edges[0], to: edges[2], extent: shape.rows)
    let (x, columnShare) = place(column, of: shape.width, from: edges[1], to: edges[3], extent: shape.columns)
    guard y >= 0, y <= Float(shape.rows - 1), x >= 0, x <= Float(shape.columns - 1) else { return nil }
    let isNearest = shape.method == .nearest
    let (top, left) =
      isNearest ? (y.rounded(), x.rounded()) : (y.rounded(.down), x.rounded(.down))
    let (down, across) = isNearest ? (0, 0) : (y - top, x - left)
    let bottom = isNearest ? top : y.rounded(.up)
    let right = isNearest ? left : x.rounded(.up)
    return BoxSample(
      box: box,
      corners: [
        (offset(top, left), (1 - down) * (1 - across)), (offset(top, right), (1 - down) * across),
        (offset(bottom, left), down * (1 - across)), (offset(bottom, right), down * across),
      ], down: down, across: across, rowShare: rowShare, columnShare: columnShare)
  }

  private func offset(_ row: Float, _ column: Float) -> Int {
    ((image * shape.rows + Int(row)) * shape.columns + Int(column)) * shape.depth
  }

  /// Returns the place in the image, in pixels, and the share of the way between the edges of the box.
  private func place(
    _ index: Int, of count: Int, from first: Float, to last: Float, extent: Int
  ) -> (place: Float, share: Float) {
    let span = Float(extent - 1)
    guard count > 1 else { return (0.5 * (first + last) * span, 0.5) }
    let scale = (last - first) * span / Float(count - 1)
    return (first * span + Float(index) * scale, Float(index) / Float(count - 1))
  }
}
