/// Returns numbers and truth values as text.
public struct AsString: NonDifferentiable {
  public static let tfName = "AsString"
  /// How many digits follow the point; -1 for six.
  public let precision: Int
  /// Whether floating-point numbers are written with an exponent.
  public let scientific: Bool
  /// Whether floating-point numbers are written in whichever way is shorter.
  public let shortest: Bool
  /// The least number of characters; -1 for any.
  public let width: Int
  /// What is put before a number that is too short: nothing (blanks), `0`, ` `, `+` or `-`.
  public let fill: String

  public init(
    precision: Int = -1, scientific: Bool = false, shortest: Bool = false, width: Int = -1, fill: String = ""
  ) {
    self.precision = precision
    self.scientific = scientific
    self.shortest = shortest
    self.width = width
    self.fill = fill
  }

  public var attributes: [String: AttributeValue] {
    [
      "precision": .int(precision), "scientific": .bool(scientific), "shortest": .bool(shortest), "width": .int(width),
      "fill": .string(fill),
    ]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: DataType.numeric.union([.bool]), "input")
    guard !(scientific && shortest) else {
      throw GraphError("Cannot select both scientific and shortest notation")
    }
    guard ["", "0", " ", "+", "-"].contains(fill) else { throw GraphError("Fill argument not supported: \"\(fill)\"") }
    guard precision <= 100, width <= 1000 else { throw GraphError("precision or width is too large") }
    return [TensorType(.string, inputs[0].shape)]
  }
}

/// Returns numbers and truth values as text.
///
/// Source: `tf.strings.as_string`.
public func asString(
  _ x: Tensor, precision: Int = -1, scientific: Bool = false, shortest: Bool = false, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  let operation = AsString(precision: precision, scientific: scientific, shortest: shortest)
  return apply(operation, x, name: name, file: file, line: line)
}
