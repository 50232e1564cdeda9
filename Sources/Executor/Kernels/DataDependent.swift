import EspalierGraph

extension Where: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let extents = inputs[0].extents
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      guard let elements = try? values[0].doubles() else {
        throw ExecutionError("Where of \(values[0].type) is not supported", kind: .unimplemented)
      }
      var places: [Int64] = []
      for (number, element) in elements.enumerated() where element != 0 {
        var rest = number
        var coordinates = [Int64](repeating: 0, count: extents.count)
        for axis in extents.indices.reversed() {
          coordinates[axis] = Int64(rest % extents[axis])
          rest /= extents[axis]
        }
        places += coordinates
      }
      let count = elements.count { $0 != 0 }
      return [try tensor(places, [count, extents.count])]
    }
  }
}

extension Unique: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let isLong = outIndex == .int64
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      let x = values[0]
      var first: [Int] = []
      var indices: [Int64] = []
      var known: [[UInt8]: Int] = [:]
      let elements = try Self.bytes(of: x)
      for (number, element) in elements.enumerated() {
        let place = known[element] ?? first.count
        if place == first.count {
          known[element] = place
          first.append(number)
        }
        indices.append(Int64(place))
      }
      let places =
        isLong ? HostTensor(indices) : HostTensor(indices.map { Int32(truncatingIfNeeded: $0) })
      return [try Self.tensor(first.map { elements[$0] }, x.dataType), places]
    }
  }

  private static func bytes(of x: HostTensor) throws(ExecutionError) -> [[UInt8]] {
    guard let size = x.dataType.size else { return (try? x.strings()) ?? [] }
    return x.withUnsafeBytes { bytes in
      (0..<x.count).map { Array(bytes[$0 * size..<($0 + 1) * size]) }
    }
  }

  private static func tensor(_ elements: [[UInt8]], _ type: DataType) throws(ExecutionError) -> HostTensor {
    do {
      if type == .string { return try HostTensor(strings: elements, shape: [elements.count]) }
      return try elements.flatMap { $0 }.withUnsafeBytes {
        try HostTensor(bytes: $0, dataType: type, shape: [elements.count])
      }
    } catch {
      throw ExecutionError("\(error)", kind: .unknown)
    }
  }
}

extension DecodeRaw: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let (type, isLittle) = (outType, littleEndian)
    let size = outType.size ?? 1
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      let strings = (try? values[0].strings()) ?? []
      let length = strings.first?.count ?? 0
      guard strings.allSatisfy({ $0.count == length }) else {
        throw ExecutionError("DecodeRaw requires input strings to all be the same size")
      }
      guard length.isMultiple(of: size) else {
        throw ExecutionError(
          "Input to DecodeRaw has length \(length) that is not a multiple of \(size), the size of \(type.messageName)")
      }
      var bytes = strings.flatMap { $0 }
      if !isLittle {
        for start in stride(from: 0, to: bytes.count, by: size) { bytes[start..<start + size].reverse() }
      }
      do {
        let tensor = try bytes.withUnsafeBytes {
          try HostTensor(bytes: $0, dataType: type, shape: values[0].shape + [length / size])
        }
        return [tensor]
      } catch {
        throw ExecutionError("\(error)", kind: .unknown)
      }
    }
  }
}

private func tensor(_ elements: [Int64], _ shape: [Int]) throws(ExecutionError) -> HostTensor {
  do throws(TensorError) { return try HostTensor(elements, shape: shape) } catch {
    throw ExecutionError(error.description, kind: .unknown)
  }
}
