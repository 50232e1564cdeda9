/// An operation that moves a variable against a gradient, and with it the slots that remember earlier gradients.
///
/// The first inputs are the variable and its slots, which are changed; scalars and the gradient follow in TensorFlow's
/// order. An update has no kernel: when a plan is made it is taken apart into pointwise operations and assignments, so
/// that variable and slots are read and written in one pass over memory.
public protocol VariableUpdate: NonDifferentiable {
  /// How many inputs there are.
  static var inputCount: Int { get }
  /// How many of the inputs, from the first, are changed: the variable and its slots.
  static var changedCount: Int { get }
  /// Which input is the gradient.
  static var gradientIndex: Int { get }
  /// Which input is the number of the step, an int64; nil if there is none.
  static var stepIndex: Int? { get }

  /// Returns the new value of the variable, by adding operations to the graph.
  ///
  /// - Parameter store: Gives a slot, by the number of its input, a new value and returns it. What is computed after
  ///   that from the returned tensor is computed from the new value, from the input itself from the old one.
  func newValue(_ inputs: [Tensor], store: (_ value: Tensor, _ slot: Int) -> Tensor) -> Tensor
}

extension VariableUpdate {
  public static var gradientIndex: Int { inputCount - 1 }
  public static var stepIndex: Int? { nil }
  public var effect: Effect { .writes(inputs: Array(0..<Self.changedCount)) }
  public var attributes: [String: AttributeValue] { ["use_locking": .bool(false)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(Self.inputCount, inputs)
    let variable = inputs[0]
    for (index, input) in inputs.enumerated() {
      if index == Self.stepIndex {
        try expect(input, isOneOf: [.int64], "global_step")
      } else {
        try expectSameDataType(variable, input)
      }
      if index < Self.changedCount || index == Self.gradientIndex {
        guard variable.shape.isCompatible(with: input.shape) else {
          throw GraphError("Shapes must be equal. Shapes are \(variable.shape) and \(input.shape).")
        }
      } else {
        try expectRank(0, input)
      }
    }
    return [TensorType(variable.dataType, variable.shape)]
  }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? {
    let value = newValue(inputs) { apply(Assign(), inputs[$1], $0) }
    return [apply(Assign(), inputs[0], value)]
  }
}
