/// What a random operation draws with.
public struct RandomDraw: Hashable, Sendable {
  /// The seed of the graph, or 0.
  public let seed: Int
  /// The seed of the operation; with both 0, each session draws differently.
  public let seed2: Int
  /// The element type of the numbers.
  public let dataType: DataType

  /// Returns these two seeds and this element type.
  public init(seed: Int, seed2: Int, dataType: DataType) {
    self.seed = seed
    self.seed2 = seed2
    self.dataType = dataType
  }
}

/// An operation that draws random numbers in the shape that its input, an integer vector, names.
public protocol RandomOperation: NonDifferentiable {
  /// The seeds, and the element type of the numbers.
  var draw: RandomDraw { get }
}

extension RandomOperation {
  public var effect: Effect { .random }
  public var attributes: [String: AttributeValue] {
    ["seed": .int(draw.seed), "seed2": .int(draw.seed2), "dtype": .type(draw.dataType)]
  }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(1, inputs)
    try expect(inputs[0], isOneOf: [.int32, .int64], "shape")
    return [TensorType(draw.dataType, inputs[0].value.map { Shape($0) } ?? .unknown)]
  }
}

/// Draws from [0, 1).
public struct RandomUniform: RandomOperation {
  public static let tfName = "RandomUniform"
  public let draw: RandomDraw

  public init(_ draw: RandomDraw) {
    self.draw = draw
  }
}

/// Draws from the normal distribution of mean 0 and standard deviation 1.
public struct RandomStandardNormal: RandomOperation {
  public static let tfName = "RandomStandardNormal"
  public let draw: RandomDraw

  public init(_ draw: RandomDraw) {
    self.draw = draw
  }
}

/// Draws from the normal distribution, again where the number is more than two standard deviations from the mean.
public struct TruncatedNormal: RandomOperation {
  public static let tfName = "TruncatedNormal"
  public let draw: RandomDraw

  public init(_ draw: RandomDraw) {
    self.draw = draw
  }
}

extension Graph {
  /// Returns what a random operation draws with that was given `seed`.
  ///
  /// Source: `tf.get_seed`.
  func draw(seed: Int?, _ dataType: DataType) -> RandomDraw {
    let (first, second) =
      switch (self.seed, seed) {
      case (nil, nil): (0, 0)
      case (nil, let own?): (87_654_321, own)
      case (let whole?, let own): (whole, own ?? nodeCount)
      }
    return RandomDraw(seed: first, seed2: second, dataType: dataType)
  }
}

/// Returns numbers drawn evenly from [`minimum`, `maximum`).
///
/// Source: `tf.random_uniform`.
public func randomUniform(
  _ shape: [Int], minimum: Double = 0, maximum: Double = 1, dataType: DataType = .float32, seed: Int? = nil,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    nameScope(name ?? "random_uniform") {
      let drawn = drawing(RandomUniform(BuildContext.current.requiredGraph.draw(seed: seed, dataType)), shape)
      if minimum == 0, maximum == 1 { return drawn }
      return drawn * (maximum - minimum) + minimum
    }
  }
}

/// Returns numbers drawn evenly from [0, 1), in the shape that an int32 or int64 vector says.
///
/// Source: `tf.random_uniform`.
public func randomUniform(
  _ shape: Tensor, dataType: DataType = .float32, seed: Int? = nil, name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("random_uniform", name, on: [shape], file, line) {
    apply(RandomUniform(shape.graph.draw(seed: seed, dataType)), shape)
  }
}

/// Returns numbers drawn from a normal distribution.
///
/// Source: `tf.random_normal`.
public func randomNormal(
  _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, dataType: DataType = .float32, seed: Int? = nil,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    nameScope(name ?? "random_normal") {
      let drawn = drawing(RandomStandardNormal(BuildContext.current.requiredGraph.draw(seed: seed, dataType)), shape)
      return drawn * standardDeviation + mean
    }
  }
}

/// Returns numbers drawn from a normal distribution, again where they are more than two standard deviations off.
///
/// Source: `tf.truncated_normal`.
public func truncatedNormal(
  _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, dataType: DataType = .float32, seed: Int? = nil,
  name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    nameScope(name ?? "truncated_normal") {
      let drawn = drawing(TruncatedNormal(BuildContext.current.requiredGraph.draw(seed: seed, dataType)), shape)
      return drawn * standardDeviation + mean
    }
  }
}

private func drawing(_ operation: some RandomOperation, _ shape: [Int]) -> Tensor {
  apply(operation, constant(shape.map(Int32.init(truncatingIfNeeded:)), name: "shape"))
}
