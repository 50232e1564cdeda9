import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

/// What every operation has to keep to, tried on every row of the table.
@Suite struct OperationTableTests {
  @Test(arguments: OperationTable.rows)
  func partialShapesAreRefinedByFullOnes(_ row: OperationRow) throws {
    let full = try Trial(row, .float32)
    try full.graph.check()
    for knowledge in OperationRow.Knowledge.allCases {
      let partial = try Trial(row, .float32, knowing: knowledge)
      if knowledge >= row.needs { try partial.graph.check() }
      guard partial.graph.diagnostics.isEmpty else { continue }
      for (known, vague) in zip(full.outputs, partial.outputs) {
        #expect(known.shape.isCompatible(with: vague.shape), "\(known.shape) against \(vague.shape)")
        #expect(known.dataType == vague.dataType)
      }
    }
  }

  @Test(arguments: OperationTable.rows)
  func resultsDoNotDependOnWhatWasKnownAtFirst(_ row: OperationRow) throws {
    let results = try Trial(row, .float32).results()
    for knowledge in [OperationRow.Knowledge.ranks, .inner] {
      let partial = try Trial(row, .float32, knowing: knowledge)
      guard partial.graph.diagnostics.isEmpty else { continue }
      #expect(try partial.results() == results)
    }
  }

  @Test(arguments: OperationTable.rows)
  func singlePrecisionFollowsDouble(_ row: OperationRow) throws {
    let single = try Trial(row, .float32).results()
    let double = try Trial(row, .float64).results()
    for (a, b) in zip(single, double) {
      #expect(a.shape == b.shape)
      let (x, y) = (try a.doubles(), try b.doubles())
      let scale = y.reduce(1) { max($0, $1.magnitude) }
      for (got, want) in zip(x, y) { #expect((got - want).magnitude <= row.tolerance * scale) }
    }
  }

  @Test(arguments: OperationTable.rows)
  func passesChangeNoResult(_ row: OperationRow) throws {
    let trial = try Trial(row, .float64)
    try expectSameWithoutPasses(trial.graph, trial.outputs, try trial.feeds(), tolerance: 1e-12)
  }

  @Test(arguments: OperationTable.rows.filter { $0.order >= 1 })
  func gradientsAreSlopes(_ row: OperationRow) throws {
    let trial = try Trial(row, row.isSingle ? .float32 : .float64)
    let loss = trial.weighted(trial.outputs, seed: "loss")
    try trial.expectSlope(of: loss)
  }

  @Test(arguments: OperationTable.rows.filter { $0.order >= 2 })
  func secondGradientsAreSlopesOfTheFirst(_ row: OperationRow) throws {
    let trial = try Trial(row, row.isSingle ? .float32 : .float64)
    let loss = trial.weighted(trial.outputs, seed: "loss")
    let slopes = try trial.gradients(of: loss).compactMap { $0 }
    if slopes.isEmpty { return }
    try trial.expectSlope(of: trial.weighted(slopes, seed: "slopes"))
  }
}

/// A row built in a graph of its own.
struct Trial {
  let row: OperationRow
  let graph = Graph()
  let inputs: [Tensor]
  let outputs: [Tensor]
  private let real: DataType
  private let values: [[Double]]

  init(_ row: OperationRow, _ real: DataType, knowing knowledge: OperationRow.Knowledge = .extents) throws {
    self.row = row
    self.real = real
    var random = Sampler(seed: row.name)
    values = row.operands.map { $0.sample(&random) }
    inputs = withGraph(graph) {
      row.operands.map { operand in
        let shape = Self.shape(operand.shape, knowledge)
        return placeholder(operand.dataType(real), shape: shape)
      }
    }
    let inputs = inputs
    outputs = withGraph(graph) { row.build(inputs) }
  }

  private static func shape(_ extents: [Int], _ knowledge: OperationRow.Knowledge) -> Shape {
    switch knowledge {
    case .nothing: .unknown
    case .ranks: .unknown(rank: extents.count)
    case .inner: extents.isEmpty ? .scalar : Shape([nil] + extents.dropFirst().map(Optional.some))
    case .extents: Shape(extents)
    }
  }

  /// Returns a session that computes convolutions directly: other ways of computing them have errors of their own.
  func session() -> Session {
    var configuration = SessionConfiguration()
    configuration.convolution = .direct
    return Session(graph: graph, configuration: configuration)
  }

  /// Returns the inputs of the row, those that are real moved by `step` along a random direction.
  func feeds(step: Double = 0) throws -> [Tensor: HostTensor] {
    var random = Sampler(seed: row.name + " direction")
    var result: [Tensor: HostTensor] = [:]
    for ((operand, tensor), numbers) in zip(zip(row.operands, inputs), values) {
      let direction = random.direction(numbers.count)
      let moved = operand.isReal ? zip(numbers, direction).map { $0 + step * $1 } : numbers
      result[tensor] = try HostTensor(numbers: moved, tensor.dataType, shape: operand.shape)
    }
    return result
  }

  /// Returns the values of the outputs.
  func results() throws -> [HostTensor] {
    try session().run(outputs, feeding: try feeds())
  }

  /// Returns a sum of all elements of the real ones of `tensors`, each with a random weight.
  func weighted(_ tensors: [Tensor], seed: String) -> Tensor {
    withGraph(graph) {
      let parts = tensors.enumerated().filter { $1.dataType.isFloating }.map { number, tensor in
        // A smooth weight for each element, of whatever shape: the sine of its number.
        let places = cast(range(constant(0 as Int32), size(tensor), by: constant(1 as Int32)), to: tensor.dataType)
        let phase = Double(seed.utf8.count + number)
        return reduceSum(reshape(tensor, to: [-1]) * sin(places * 1.7 + phase))
      }
      return addN(parts)
    }
  }

  /// Returns the gradients of `loss` with respect to the real inputs; nil for those that it does not depend on.
  func gradients(of loss: Tensor) throws -> [Tensor?] {
    try withGraph(graph) {
      try EspalierGradients.gradients(of: [loss], withRespectTo: realInputs)
    }
  }

  private var realInputs: [Tensor] { zip(row.operands, inputs).filter { $0.0.isReal }.map(\.1) }

  /// Compares the gradient of `loss` along a random direction with the slope that small steps along it show.
  func expectSlope(of loss: Tensor) throws {
    let session = session()
    let expected = try slope(of: loss, session)
    // Linear operations of single precision are exact for large steps too.
    let step = row.isSingle ? 0.25 : 1e-5
    let high = try session.run(loss, feeding: try feeds(step: step)).doubles()[0]
    let low = try session.run(loss, feeding: try feeds(step: -step)).doubles()[0]
    let measured = (high - low) / (2 * step)
    let tolerance = (row.isSingle ? 1e-3 : 1e-6) * max(1, measured.magnitude, high.magnitude)
    #expect((measured - expected).magnitude <= tolerance, "measured \(measured), gradient \(expected)")
  }

  /// Returns the product of the gradients of `loss` with the random direction.
  private func slope(of loss: Tensor, _ session: Session) throws -> Double {
    let slopes = try gradients(of: loss)
    let present = slopes.compactMap { $0 }
    var fetched = present.isEmpty ? [] : try session.run(present, feeding: try feeds())
    var random = Sampler(seed: row.name + " direction")
    let directions = zip(row.operands, values).map { ($0, random.direction($1.count)) }
    var result = 0.0
    for ((_, direction), slope) in zip(directions.filter(\.0.isReal), slopes) where slope != nil {
      result += zip(try fetched.removeFirst().doubles(), direction).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return result
  }
}
