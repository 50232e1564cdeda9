/// Returns the numbers from the first input up to, but not including, the second, in steps of the third.
public struct RangeOperation: NonDifferentiable {
  public static let tfName = "Range"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    for input in inputs {
      try expectRank(0, input)
      try expectSameDataType(inputs[0], input)
    }
    try expect(inputs[0], isOneOf: [.int32, .int64, .float32, .float64], "start")
    guard let start = inputs[0].knownValue?.first, let limit = inputs[1].knownValue?.first,
      let delta = inputs[2].knownValue?.first
    else { return [TensorType(inputs[0].dataType, [nil])] }
    guard delta != 0 else { throw GraphError("Requires delta != 0: 0") }
    guard delta > 0 ? start <= limit : start >= limit else {
      throw GraphError("Requires start \(delta > 0 ? "<=" : ">=") limit when delta \(delta > 0 ? ">" : "<") 0")
    }
    let count = (abs(limit - start) + abs(delta) - 1) / abs(delta)
    let isSmall = count <= TensorType.largestValue
    let value = isSmall ? (0..<count).map { Int?.some(start + $0 * delta) } : nil
    return [TensorType(inputs[0].dataType, [count], value: value)]
  }
}

/// Returns as many numbers as the third input says, evenly spaced from the first to the second.
public struct LinSpace: NonDifferentiable {
  public static let tfName = "LinSpace"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expect(inputs[0], isOneOf: DataType.floating, "start")
    try expectSameDataType(inputs[0], inputs[1])
    try expectIndices(inputs[2], "num")
    if let count = inputs[2].knownValue?.first, count <= 0 { throw GraphError("Requires num > 0: \(count)") }
    return [TensorType(inputs[0].dataType, [inputs[2].knownValue?.first])]
  }
}

/// Returns the integers from `start` up to, but not including, `limit`, in steps of `delta`, as int32.
///
/// Source: `tf.range`.
public func range(
  _ start: Int = 0, _ limit: Int, by delta: Int = 1, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  applyWithConstants(RangeOperation(), on: [], name: name ?? "range", file: file, line: line) {
    [
      constant(index: start, name: "start"), constant(index: limit, name: "limit"),
      constant(index: delta, name: "delta"),
    ]
  }[0]
}

/// Returns the numbers from `start` up to, but not including, `limit`, in steps of `delta`, all scalars of one type.
public func range(
  _ start: Tensor, _ limit: Tensor, by delta: Tensor, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  apply(RangeOperation(), start, limit, delta, name: name ?? "range", file: file, line: line)
}

/// Returns `count` numbers evenly spaced from `start` to `stop`, both included.
///
/// Source: `tf.linspace`.
public func linSpace(
  from start: Double, to stop: Double, count: Int, dataType: DataType = .float32, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  applyWithConstants(LinSpace(), on: [], name: name, file: file, line: line) {
    let ends = withoutControlDependencies {
      [constant(number: start, dataType, name: "start"), constant(number: stop, dataType, name: "stop")]
    }
    return ends + [constant(index: count, name: "num")]
  }[0]
}
