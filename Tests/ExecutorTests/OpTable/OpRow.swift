import EspalierExecutor
import EspalierGradients
import EspalierGraph

/// A row of the op table: an operation on inputs whose extents all differ, and what is to be checked of it.
struct OpRow: Sendable, CustomStringConvertible {
  let description: String
  /// The extents of the floating-point inputs.
  let inputs: [[Int]]
  /// How often it can be differentiated.
  let order: Int
  /// How far float32 may be from float64, relative to the largest element.
  let tolerance: Double
  /// Returns an element of an input, far from kinks.
  let sample: @Sendable (inout SampleGenerator) -> Double
  /// Returns the outputs, floating-point tensors, in the current graph.
  let build: @Sendable ([Tensor]) -> [Tensor]

  init(
    _ description: String, _ inputs: [[Int]], order: Int = 2, tolerance: Double = 1e-5,
    sample: @escaping @Sendable (inout SampleGenerator) -> Double = { $0.between(-1, 1) },
    build: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) {
    self.description = description
    self.inputs = inputs
    self.order = order
    self.tolerance = tolerance
    self.sample = sample
    self.build = build
  }
}

/// Random numbers that are the same in each run of the tests.
struct SampleGenerator: RandomNumberGenerator {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func between(_ low: Double, _ high: Double) -> Double { Double.random(in: low..<high, using: &self) }

  /// Returns a number whose distance from zero is in a range.
  mutating func awayFromZero(_ low: Double, _ high: Double) -> Double {
    let size = between(low, high)
    return Bool.random(using: &self) ? size : -size
  }
}

/// An operation of the table as a function of vectors of numbers, in one element type.
struct OpRun {
  let inputs: [Tensor]
  let outputs: [Tensor]
  private let row: OpRow
  private let session: Session
  private let dataType: DataType

  /// Builds the operation in a graph of its own.
  ///
  /// - Parameter partial: Whether the first extent of each input is unknown.
  init(_ row: OpRow, _ dataType: DataType = .float64, partial: Bool = false, without passes: Set<String> = []) {
    self.row = row
    self.dataType = dataType
    let graph = Graph()
    (inputs, outputs) = withGraph(graph) {
      let inputs = row.inputs.enumerated().map { index, extents in
        let known = partial ? [nil] + extents.dropFirst().map(Optional.some) : extents.map(Optional.some)
        return placeholder(dataType, shape: extents.isEmpty ? [] : Shape(known), name: "input\(index)")
      }
      return (inputs, row.build(inputs))
    }
    var configuration = SessionConfiguration()
    configuration.disabledPasses = passes
    configuration.convolution = .direct
    session = Session(graph: graph, configuration: configuration)
  }

  /// Returns the values of tensors for these inputs.
  func values(_ tensors: [Tensor], at points: [[Double]]) throws -> [HostTensor] {
    var feeds: [Tensor: HostTensor] = [:]
    for (index, input) in inputs.enumerated() {
      let shape = row.inputs[index]
      feeds[input] =
        dataType == .float64
        ? try HostTensor(points[index], shape: shape) : try HostTensor(points[index].map(Float.init), shape: shape)
    }
    return try session.run(tensors, feeding: feeds)
  }

  /// Returns the sum of the products of the outputs' elements with fixed numbers, a scalar.
  func weighted(_ tensors: [Tensor], shapes: [[Int]]) throws -> Tensor {
    var generator = SampleGenerator()
    return try withGraph(session.graph) {
      let terms = try zip(tensors, shapes).map { tensor, shape in
        let weights = (0..<shape.reduce(1, *)).map { _ in generator.between(-1, 1) }
        return reduceSum(tensor * constant(try HostTensor(weights, shape: shape)))
      }
      return addN(terms)
    }
  }
}

extension OpRow {
  /// Returns numbers for all inputs.
  func points(_ generator: inout SampleGenerator) -> [[Double]] {
    inputs.map { extents in (0..<extents.reduce(1, *)).map { _ in sample(&generator) } }
  }
}
