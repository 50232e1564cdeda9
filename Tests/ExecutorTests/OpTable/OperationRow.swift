import EspalierGraph
import Testing

/// An operation, or a function made of several, with inputs to try it on.
struct OperationRow: Sendable, CustomTestStringConvertible {
  /// What is known of the shapes of the inputs when the graph is built.
  enum Knowledge: Int, CaseIterable, Comparable, Sendable {
    /// Not even the ranks.
    case nothing
    /// The ranks.
    case ranks
    /// All extents but the first.
    case inner
    /// All extents.
    case extents

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  let name: String
  let operands: [Operand]
  /// How often it can be differentiated.
  let order: Int
  /// What has to be known when the graph is built.
  let needs: Knowledge
  /// How far single and double precision may lie apart, relative to the largest element.
  let tolerance: Double
  /// Whether its results have single precision whatever the inputs have. Such operations must be linear.
  let isSingle: Bool
  let build: @Sendable ([Tensor]) -> [Tensor]

  init(
    _ name: String, _ operands: [Operand], order: Int = 2, needs: Knowledge = .nothing, tolerance: Double = 1e-5,
    isSingle: Bool = false, _ build: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) {
    self.name = name
    self.operands = operands
    self.order = order
    self.needs = needs
    self.tolerance = tolerance
    self.isSingle = isSingle
    self.build = build
  }

  /// Returns a row whose inputs are all real numbers of one sampler, and have known extents but for the first.
  init(
    _ name: String, _ shapes: [[Int]], order: Int = 2, tolerance: Double = 1e-5,
    sample: @escaping @Sendable (inout Sampler) -> Double = { $0.next(in: -1...1) },
    build: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) {
    let operands = shapes.map { Operand(shape: $0, elements: .sampled(sample)) }
    self.init(name, operands, order: order, needs: .inner, tolerance: tolerance, build)
  }

  var testDescription: String { name }
}

/// An input of a row: a shape, in which all extents differ where the operation allows it, and a sampler of its elements.
struct Operand: Sendable {
  enum Elements: Sendable {
    /// Real numbers in a range, which keeps away from the places where the operation has a kink.
    case real(ClosedRange<Double>)
    /// Real numbers that a function draws.
    case sampled(@Sendable (inout Sampler) -> Double)
    /// Real numbers of which no two are near each other.
    case distinct
    /// Integers.
    case integers(Swift.Range<Int>, DataType)
    /// These integers.
    case exactly([Int], DataType)
    /// Truth values.
    case truth
  }

  let shape: [Int]
  let elements: Elements

  static func real(_ shape: Int..., in range: ClosedRange<Double> = -2...2) -> Operand {
    Operand(shape: shape, elements: .real(range))
  }

  static func distinct(_ shape: Int...) -> Operand { Operand(shape: shape, elements: .distinct) }

  static func integers(_ shape: Int..., in range: Swift.Range<Int>, type: DataType = .int32) -> Operand {
    Operand(shape: shape, elements: .integers(range, type))
  }

  static func exactly(_ values: [Int], shape: [Int]? = nil, type: DataType = .int32) -> Operand {
    Operand(shape: shape ?? [values.count], elements: .exactly(values, type))
  }

  static func truth(_ shape: Int...) -> Operand { Operand(shape: shape, elements: .truth) }

  /// Whether gradients flow through it.
  var isReal: Bool {
    switch elements {
    case .real, .sampled, .distinct: true
    case .integers, .exactly, .truth: false
    }
  }

  /// Returns the element type, given that of real numbers.
  func dataType(_ real: DataType) -> DataType {
    switch elements {
    case .real, .sampled, .distinct: real
    case .integers(_, let type), .exactly(_, let type): type
    case .truth: .bool
    }
  }

  /// Returns elements, the same for the same state of `random`.
  func sample(_ random: inout Sampler) -> [Double] {
    let count = shape.reduce(1, *)
    switch elements {
    case .real(let range): return (0..<count).map { _ in random.next(in: range) }
    case .sampled(let draw): return (0..<count).map { _ in draw(&random) }
    case .distinct: return random.shuffled((0..<count).map { 0.37 * Double($0 - count / 2) + 0.11 })
    case .integers(let range, _):
      return (0..<count).map { _ in Double(range.lowerBound + random.next(below: range.count)) }
    case .exactly(let values, _): return values.map(Double.init)
    case .truth: return (0..<count).map { _ in Double(random.next(below: 2)) }
    }
  }
}

/// Random numbers that are the same in every run.
struct Sampler {
  private var state: UInt64

  init(seed: String) {
    state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func next(below count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }

  mutating func next(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
  }

  /// Returns a number whose distance from zero is in a range.
  mutating func awayFromZero(_ range: ClosedRange<Double>) -> Double {
    let size = next(in: range)
    return next(below: 2) == 0 ? size : -size
  }

  mutating func shuffled(_ values: [Double]) -> [Double] {
    var result = values
    for index in result.indices.dropFirst().reversed() { result.swapAt(index, next(below: index + 1)) }
    return result
  }

  /// Returns numbers from -1 to 1.
  mutating func direction(_ count: Int) -> [Double] { (0..<count).map { _ in next(in: -1...1) } }
}

extension HostTensor {
  /// Returns a tensor of these numbers, converted to an element type.
  init(numbers: [Double], _ dataType: DataType, shape: [Int]) throws {
    switch dataType {
    case .float32: try self.init(numbers.map { Float($0) }, shape: shape)
    case .float64: try self.init(numbers, shape: shape)
    case .int32: try self.init(numbers.map { Int32($0) }, shape: shape)
    case .int64: try self.init(numbers.map { Int64($0) }, shape: shape)
    case .uint8: try self.init(numbers.map { UInt8($0) }, shape: shape)
    case .bool: try self.init(numbers.map { $0 != 0 }, shape: shape)
    default: throw UnsupportedType(dataType: dataType)
    }
  }

  private struct UnsupportedType: Error {
    let dataType: DataType
  }
}
