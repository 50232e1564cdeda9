import EspalierGraph

/// How a gather along an axis walks: `[B, A, n, R]` indexed by `[B, I]`.
struct GatherShape {
  let batches: Int
  let outer: Int
  let extent: Int
  let inner: Int
  let indices: Int
  let indexShape: [Int]

  /// - Parameters:
  ///   - params: The extents of what is indexed.
  ///   - axis: The type of the axis, an integer scalar.
  init(_ params: [Int], _ places: TensorType, _ axis: TensorType, batchDims: Int) throws(ExecutionError) {
    guard let named = axis.knownValue?.first else {
      throw ExecutionError("the axis of a gather must be known before the run", kind: .unimplemented)
    }
    let resolved = named < 0 ? named + params.count : named
    batches = params[..<batchDims].reduce(1, *)
    outer = params[batchDims..<resolved].reduce(1, *)
    extent = params[resolved]
    inner = params[(resolved + 1)...].reduce(1, *)
    indexShape = places.extents
    indices = indexShape[batchDims...].reduce(1, *)
  }

  /// Returns what is wrong with an index, in TensorFlow's words.
  func refusal(of index: Int, at place: Int) -> ExecutionError {
    var rest = place
    var coordinates: [Int] = []
    for extent in indexShape.reversed() {
      coordinates.append(rest % max(extent, 1))
      rest /= max(extent, 1)
    }
    let position = coordinates.reversed().map(String.init).joined(separator: ",")
    let words = position.isEmpty ? "indices" : "indices[\(position)]"
    return ExecutionError("\(words) = \(index) is not in [0, \(extent))")
  }

  /// Throws for the first index that is out of range.
  func check(_ places: Indices) throws(ExecutionError) {
    for place in 0..<batches * indices where !(0..<extent).contains(places[place]) {
      throw refusal(of: places[place], at: place)
    }
  }
}

extension GatherV2: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try GatherShape(inputs[0].extents, inputs[1], inputs[2], batchDims: batchDims)
    guard let size = inputs[0].dataType.size else { return strings(shape, inputs, outputs) }
    let isLong = inputs[1].dataType == .int64
    let bytes = shape.inner * size
    return Kernel(name) { (call) throws(ExecutionError) in
      let places = Indices(call, 1, isLong: isLong)
      try shape.check(places)
      let units = shape.batches * shape.outer * shape.indices
      call.parallel(units: units, grain: max(1, 32768 / max(bytes, 1))) { units, _, _ in
        for unit in units {
          let (slab, number) = unit.quotientAndRemainder(dividingBy: shape.indices)
          let index = places[slab / shape.outer * shape.indices + number]
          (call.outputs[0] + unit * bytes).copyMemory(
            from: call.inputs[0] + (slab * shape.extent + index) * bytes, byteCount: bytes)
        }
      }
    }
  }

  private func strings(_ shape: GatherShape, _ inputs: [TensorType], _ outputs: [TensorType]) -> Kernel {
    Kernel(onValues: name) { (values) throws(ExecutionError) in
      guard let strings = try? values[0].strings(), let places = try? values[1].doubles().map({ Int($0) }) else {
        throw ExecutionError("cannot gather \(values[0].type)")
      }
      var result: [[UInt8]] = []
      for slab in 0..<shape.batches * shape.outer {
        for number in 0..<shape.indices {
          let place = slab / shape.outer * shape.indices + number
          guard (0..<shape.extent).contains(places[place]) else { throw shape.refusal(of: places[place], at: place) }
          let start = (slab * shape.extent + places[place]) * shape.inner
          result += strings[start..<start + shape.inner]
        }
      }
      guard let tensor = try? HostTensor(strings: result, shape: outputs[0].extents) else {
        throw ExecutionError("the strings do not fit \(outputs[0])", kind: .unknown)
      }
      return [tensor]
    }
  }
}

extension GatherGrad: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = try GatherShape(outputs[0].extents, inputs[1], inputs[2], batchDims: batchDims)
    let isLong = inputs[1].dataType == .int64
    let count = outputs[0].shape.count ?? 0
    let accumulate = try Accumulation(outputs[0].dataType)
    return Kernel(name) { (call) throws(ExecutionError) in
      let places = Indices(call, 1, isLong: isLong)
      try shape.check(places)
      accumulate.clear(call.outputs[0], count)
      // Slabs are independent of each other; within one, equal indices add up in their order.
      call.parallel(units: shape.batches * shape.outer) { slabs, _, _ in
        for slab in slabs {
          for number in 0..<shape.indices {
            let index = places[slab / shape.outer * shape.indices + number]
            accumulate.add(
              call.inputs[3], at: (slab * shape.indices + number) * shape.inner, to: call.outputs[0],
              at: (slab * shape.extent + index) * shape.inner, count: shape.inner)
          }
        }
      }
    }
  }
}

/// How an index of several coordinates walks: `[indices, depth]` into the first `depth` axes of a tensor.
struct PointShape {
  let points: Int
  let depth: Int
  let extents: [Int]
  let inner: Int

  init(_ places: TensorType, into extents: [Int]) {
    depth = places.extents.last ?? 0
    points = places.extents.dropLast().reduce(1, *)
    self.extents = Array(extents.prefix(depth))
    inner = extents.dropFirst(depth).reduce(1, *)
  }

  /// Returns where the slice that a point names begins, in slices.
  ///
  /// - Throws: `ExecutionError` if it is out of range.
  func slice(_ point: Int, _ places: Indices) throws(ExecutionError) -> Int {
    var result = 0
    for axis in 0..<depth {
      let index = places[point * depth + axis]
      guard (0..<extents[axis]).contains(index) else {
        let all = (0..<depth).map { "\(places[point * depth + $0])" }.joined(separator: ", ")
        throw ExecutionError("indices[\(point)] = [\(all)] does not index into param shape \(extents)")
      }
      result = result * extents[axis] + index
    }
    return result
  }
}

extension GatherNd: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let size = inputs[0].dataType.size else {
      throw ExecutionError("GatherNd of \(inputs[0].dataType) is not supported", kind: .unimplemented)
    }
    let shape = PointShape(inputs[1], into: inputs[0].extents)
    let isLong = inputs[1].dataType == .int64
    let bytes = shape.inner * size
    return Kernel(name) { (call) throws(ExecutionError) in
      let places = Indices(call, 1, isLong: isLong)
      for point in 0..<shape.points {
        let slice = try shape.slice(point, places)
        (call.outputs[0] + point * bytes).copyMemory(from: call.inputs[0] + slice * bytes, byteCount: bytes)
      }
    }
  }
}

extension ScatterNd: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let shape = PointShape(inputs[0], into: outputs[0].extents)
    let isLong = inputs[0].dataType == .int64
    let count = outputs[0].shape.count ?? 0
    let accumulate = try Accumulation(outputs[0].dataType)
    return Kernel(name) { (call) throws(ExecutionError) in
      let places = Indices(call, 0, isLong: isLong)
      accumulate.clear(call.outputs[0], count)
      for point in 0..<shape.points {
        let slice = try shape.slice(point, places)
        accumulate.add(
          call.inputs[1], at: point * shape.inner, to: call.outputs[0], at: slice * shape.inner, count: shape.inner)
      }
    }
  }
}
