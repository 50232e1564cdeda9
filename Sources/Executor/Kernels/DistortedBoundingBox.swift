import CKernels
import EspalierGraph

extension SampleDistortedBoundingBox: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let boxCount = (inputs[1].shape.count ?? 0) / 4
    return inputs[0].dataType == .int32 ? kernel(Int32.self, boxCount) : kernel(Int64.self, boxCount)
  }

  private func kernel<Extent: FixedWidthInteger & BitwiseCopyable>(_ type: Extent.Type, _ boxCount: Int) -> Kernel {
    Kernel(name) { (call) throws(ExecutionError) in
      let extents = (0..<3).map { Int(truncatingIfNeeded: call.input(0, as: type)[$0]) }
      let (height, width) = (extents[0], extents[1])
      guard (1...1 << 24).contains(height), (1...1 << 24).contains(width) else {
        throw ExecutionError("image height and width must be 1 to 16777216, not \(height) and \(width)")
      }
      var rule = rule
      rule.minObjectCovered = Double(call.input(2, as: Float.self)[0])
      guard rule.minObjectCovered >= 0 else {
        throw ExecutionError("Min object covered must be non-negative: \(rule.minObjectCovered)")
      }
      let boxes = try boxes(call.input(1, as: Float.self), boxCount)
      // A shape, a height and a place for each attempt, of two numbers each, and some more where one is drawn again.
      var random = StreamGenerator(stream(call, count: max(1, rule.maxAttempts) * 64))
      let part = rule.sample(height: height, width: width, boxes: boxes, using: &random)
      write(part, height, width, to: call, type)
    }
  }

  private func boxes(_ numbers: UnsafePointer<Float>, _ count: Int) throws(ExecutionError) -> [BoundingBox] {
    guard count > 0 || usesImageIfNoBoundingBoxes else {
      throw ExecutionError(
        "No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes if you wish to not provide "
          + "any bounding boxes.")
    }
    var boxes: [BoundingBox] = []
    for index in 0..<count {
      let edges = (0..<4).map { Double(numbers[4 * index + $0]) }
      guard edges.allSatisfy({ (0...1).contains($0) }), edges[0] <= edges[2], edges[1] <= edges[3] else {
        throw ExecutionError("All bounding box coordinates must be in [0.0, 1.0] and in order: \(edges)")
      }
      boxes.append(BoundingBox(top: edges[0], left: edges[1], bottom: edges[2], right: edges[3]))
    }
    return boxes
  }

  private func write<Extent: FixedWidthInteger & BitwiseCopyable>(
    _ part: ImagePart, _ height: Int, _ width: Int, to call: KernelCall, _ type: Extent.Type
  ) {
    let (begin, size, box) = (call.output(0, as: type), call.output(1, as: type), call.output(2, as: Float.self))
    // All channels: from the first one on, as many as there are.
    for (index, number) in [part.top, part.left, 0].enumerated() { begin[index] = Extent(number) }
    for (index, number) in [part.height, part.width, -1].enumerated() { size[index] = Extent(number) }
    let edges = [
      Float(part.top) / Float(height), Float(part.left) / Float(width), Float(part.top + part.height) / Float(height),
      Float(part.left + part.width) / Float(width),
    ]
    for (index, edge) in edges.enumerated() { box[index] = edge }
  }
}

/// The numbers of a stream as a generator of random bits.
private struct StreamGenerator: RandomNumberGenerator {
  private let stream: esp_random_stream
  private var position = 0

  init(_ stream: esp_random_stream) {
    self.stream = stream
  }

  mutating func next() -> UInt64 {
    var numbers: (Double, Double) = (0, 0)
    withUnsafeMutablePointer(to: &numbers) { pointer in
      pointer.withMemoryRebound(to: Double.self, capacity: 2) {
        // The function writes element `position` at its place behind the start.
        esp_random_uniform_f64(stream, position, position + 2, $0 - position)
      }
    }
    position += 2
    return UInt64(numbers.0 * 0x1p32) << 32 | UInt64(numbers.1 * 0x1p32)
  }
}
