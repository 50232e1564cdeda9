/// A pointwise operation of two tensors that are broadcast against each other.
public protocol BinaryOperation: Operation {
  /// Returns the gradients with respect to `x` and `y` before the axes along which they were broadcast are summed up.
  func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) throws(GraphError) -> (Tensor?, Tensor?)

  /// Returns the result for two integers, by which sizes computed from shapes are followed; nil if it is not defined.
  func integer(_ a: Int, _ b: Int) -> Int?
}

extension BinaryOperation {
  public func integer(_ a: Int, _ b: Int) -> Int? { nil }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    let shape = try broadcastShape(inputs)
    return [TensorType(inputs[0].dataType, shape, value: value(inputs, rank: shape.rank))]
  }

  /// Returns the elements of a scalar or vector result as far as they follow from those of the inputs.
  private func value(_ inputs: [TensorType], rank: Int?) -> [Int?]? {
    guard let a = inputs[0].value, let b = inputs[1].value, let rank, rank <= 1 else { return nil }
    guard a.count == b.count || a.count == 1 || b.count == 1 else { return nil }
    let range = inputs[0].dataType == .int32 ? Int(Int32.min)...Int(Int32.max) : Int.min...Int.max
    return (0..<(a.count == 1 ? b.count : a.count)).map { index in
      guard let left = a[a.count == 1 ? 0 : index], let right = b[b.count == 1 ? 0 : index],
        let result = integer(left, right), range.contains(result)
      else { return nil }
      return result
    }
  }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) throws(GraphError) -> [Tensor?] {
    guard let dz = upstream[0] else { return [nil, nil] }
    let x = node.inputs[0]
    let y = node.inputs[1]
    let (dx, dy) = try gradient(x: x, y: y, z: node.outputs[0], dz: dz)
    return [dx.map { sum($0, downTo: x) }, dy.map { sum($0, downTo: y) }]
  }
}

extension Operation {
  package func broadcastShape(_ inputs: [TensorType]) throws(GraphError) -> Shape {
    try expectInputs(2, inputs)
    try expectSameDataType(inputs[0], inputs[1])
    guard let shape = inputs[0].shape.broadcast(with: inputs[1].shape) else {
      throw GraphError(Self.broadcastMessage(inputs[0].shape, inputs[1].shape))
    }
    return shape
  }

  /// Returns TensorFlow's words for shapes that cannot be broadcast: they name the first extents that differ.
  private static func broadcastMessage(_ a: Shape, _ b: Shape) -> String {
    let rank = min(a.rank ?? 0, b.rank ?? 0)
    for axis in 1...max(rank, 1) {
      if let left = a[-axis], let right = b[-axis], left != right, left != 1, right != 1 {
        return "Dimensions must be equal, but are \(left) and \(right)"
      }
    }
    return "Incompatible shapes: \(a) vs. \(b)"
  }
}

/// Returns `x + y`.
public struct Add: BinaryOperation {
  public static let tfName = "AddV2"

  public init() {}

  public var fusion: FusionClass { .pointwise(.add) }
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) { (dz, dz) }

  public func integer(_ a: Int, _ b: Int) -> Int? {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  }
}

/// Returns `x - y`.
public struct Sub: BinaryOperation {
  public static let tfName = "Sub"

  public init() {}

  public var fusion: FusionClass { .pointwise(.sub) }
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) { (dz, -dz) }

  public func integer(_ a: Int, _ b: Int) -> Int? {
    let (difference, overflow) = a.subtractingReportingOverflow(b)
    return overflow ? nil : difference
  }
}

/// Returns `x · y`.
public struct Mul: BinaryOperation {
  public static let tfName = "Mul"

  public init() {}

  public var fusion: FusionClass { .pointwise(.mul) }
  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) { (dz * y, dz * x) }

  public func integer(_ a: Int, _ b: Int) -> Int? {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : product
  }
}

/// Returns `x / y`, of real numbers.
public struct RealDiv: BinaryOperation {
  public static let tfName = "RealDiv"

  public init() {}

  public var fusion: FusionClass { .pointwise(.div) }

  public func gradient(x: Tensor, y: Tensor, z: Tensor, dz: Tensor) -> (Tensor?, Tensor?) {
    (dz / y, dz * (-x / y / y))
  }
}

/// Returns `-x`.
public struct Neg: UnaryOperation {
  public static let tfName = "Neg"

  public init() {}

  public var fusion: FusionClass { .pointwise(.neg) }
  public func gradient(x: Tensor, y: Tensor, dy: Tensor) -> Tensor? { -dy }
}
