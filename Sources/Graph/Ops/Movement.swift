/// An operation that only moves elements: its outputs are made of blocks of its inputs.
///
/// Said once here, an operation's movement gives its kernel for every element type, and the values of shapes that it is
/// applied to.
package protocol MovementOperation: Operation {
  /// Returns which blocks go where. Called with fully known shapes and arguments that `outputTypes` accepted.
  func movement(_ inputs: [TensorType], _ outputs: [TensorType]) -> Movement

  /// The inputs whose value decides where elements go, though the shape of the outputs may be known without it.
  var constantInputs: [Int] { get }
}

extension MovementOperation {
  package var constantInputs: [Int] { [] }
}

/// Which blocks of the inputs make up the outputs.
package struct Movement: Hashable, Sendable {
  /// What stands where no block is copied to.
  package enum Fill: Hashable, Sendable {
    /// The blocks cover the outputs.
    case nothing
    /// Zeros.
    case zero
    /// The only element of an input.
    case input(Int)
  }

  /// A walk through the elements of a tensor: one step along axis k of the block adds `strides[k]`.
  package struct Walk: Hashable, Sendable {
    package var offset: Int
    package var strides: [Int]

    package init(offset: Int = 0, strides: [Int]) {
      self.offset = offset
      self.strides = strides
    }

    /// Returns the walk through all elements of a tensor in row-major order.
    package static func rowMajor(_ extents: [Int]) -> Walk {
      var strides = [Int](repeating: 1, count: extents.count)
      for axis in extents.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * extents[axis + 1] }
      return Walk(strides: strides)
    }
  }

  /// A block that is copied.
  package struct Block: Hashable, Sendable {
    package var input: Int
    package var output: Int
    package var extents: [Int]
    package var source: Walk
    package var destination: Walk

    package init(input: Int = 0, output: Int = 0, extents: [Int], source: Walk, destination: Walk) {
      self.input = input
      self.output = output
      self.extents = extents
      self.source = source
      self.destination = destination
    }
  }

  package var blocks: [Block]
  package var fill = Fill.nothing
}

extension Movement.Block {
  /// Returns the block without axes of extent 1, and with neighbouring axes joined that are walked in one stride.
  package var simplified: Movement.Block {
    var result = Movement.Block(
      input: input, output: output, extents: [], source: .init(offset: source.offset, strides: []),
      destination: .init(offset: destination.offset, strides: []))
    for axis in extents.indices where extents[axis] != 1 {
      let extent = extents[axis]
      let from = source.strides[axis]
      let to = destination.strides[axis]
      let last = result.extents.count - 1
      if last >= 0, result.source.strides[last] == from * extent, result.destination.strides[last] == to * extent {
        result.extents[last] *= extent
        result.source.strides[last] = from
        result.destination.strides[last] = to
      } else {
        result.extents.append(extent)
        result.source.strides.append(from)
        result.destination.strides.append(to)
      }
    }
    return result
  }

  /// Calls `body` with the places of each element in the input and in the output.
  package func forEachElement(_ body: (_ source: Int, _ destination: Int) -> Void) {
    guard !extents.contains(0) else { return }
    var index = [Int](repeating: 0, count: extents.count)
    var from = source.offset
    var to = destination.offset
    while true {
      body(from, to)
      var axis = extents.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += source.strides[axis]
        to += destination.strides[axis]
        if index[axis] < extents[axis] { break }
        from -= source.strides[axis] * extents[axis]
        to -= destination.strides[axis] * extents[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension MovementOperation {
  /// Returns the output types with the values that follow when small integer tensors are moved.
  func followingValues(_ inputs: [TensorType], _ outputs: [TensorType]) -> [TensorType] {
    guard inputs.contains(where: { $0.value != nil }), let sizes = smallSizes(outputs) else { return outputs }
    guard inputs.allSatisfy({ $0.shape.isKnown }) else { return outputs }
    let plan = movement(inputs, outputs)
    var values = sizes.map { [Int?](repeating: plan.fill == .zero ? 0 : nil, count: $0) }
    if case .input(let number) = plan.fill, let fill = inputs[number].value?.first {
      values = sizes.map { [Int?](repeating: fill, count: $0) }
    }
    for block in plan.blocks {
      let source = inputs[block.input].value
      block.forEachElement { from, to in values[block.output][to] = source.flatMap { $0[from] } }
    }
    return zip(outputs, values).map { TensorType($0.dataType, $0.shape, value: $1) }
  }

  /// Returns the sizes of outputs that are integers, known and small enough for their values to be followed.
  private func smallSizes(_ outputs: [TensorType]) -> [Int]? {
    var sizes: [Int] = []
    for output in outputs {
      guard output.dataType == .int32 || output.dataType == .int64, let count = output.shape.count,
        count <= TensorType.largestValue
      else { return nil }
      sizes.append(count)
    }
    return sizes
  }
}

extension TensorType {
  /// The extents of a type whose shape is fully known; empty otherwise.
  package var extents: [Int] { shape.known ?? [] }
}
