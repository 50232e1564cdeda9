import EspalierExecutor
import EspalierGraph
import Testing

/// Graphs of random operations on tensors that broadcast against each other, with variables that are read and written.
private struct RandomGraph {
  let graph = Graph()
  var dice: Dice
  var values: [Tensor] = []
  var variables: [Variable] = []
  var writes: [Tensor] = []
  let shapes: [[Int]] = [[4, 3, 5], [3, 5], [4, 1, 5], [5], [], [4, 3, 1]]

  init(seed: Int) {
    dice = Dice(seed: seed)
    build()
  }

  private mutating func build() {
    let steps = Int.random(in: 5...35, using: &dice)
    withGraph(graph) {
      for (index, shape) in shapes.enumerated() {
        values.append(constant(ramp(shape, from: Float(index) - 2), name: "c\(index)"))
        let variable = getVariable("v\(index)", shape: shape, initializer: { _, _ in constant(ramp(shape, from: 0.5)) })
        variables.append(variable.variable)
        values.append(variable.variable.value)
      }
      for _ in 0..<steps { values.append(step()) }
    }
  }

  private mutating func pick() -> Tensor { values[Int.random(in: 0..<values.count, using: &dice)] }

  private mutating func step() -> Tensor {
    let x = pick()
    let rank = x.shape.rank ?? 0
    switch Int.random(in: 0..<14, using: &dice) {
    case 0: return x + pick()
    case 1: return x - pick()
    case 2: return x * pick()
    case 3: return tanh(x)
    case 4: return relu(x)
    case 5: return -x
    case 6: return select(greater(x, pick()), tanh(x), constant(Float(0.5)))
    case 7: return reduceSum(tanh(x), axes: rank == 0 ? [] : [Int.random(in: 0..<rank, using: &dice)], keepDims: true)
    case 8: return reduceMean(x, axes: Array(0..<Int.random(in: 0...rank, using: &dice)))
    case 9: return reduceMax(x, axes: Array(Int.random(in: 0...rank, using: &dice)..<rank), keepDims: true)
    case 10: return cast(cast(x, to: .int32), to: .float32)
    case 11: return reshape(x, to: x.shape.known ?? [])
    case 12: return identity(variables[Int.random(in: 0..<variables.count, using: &dice)].handle)
    default: return write(x)
    }
  }

  private mutating func write(_ x: Tensor) -> Tensor {
    guard let target = variables.filter({ $0.shape == x.shape.known ?? [] }).randomElement(using: &dice) else {
      return x
    }
    let written = Bool.random(using: &dice) ? target.assign(tanh(x)) : target.assignAdd(tanh(x))
    writes.append(written)
    return written
  }
}

@Suite struct RandomGraphTests {
  private struct Outcome: Equatable {
    var values: [HostTensor]
    var variables: [HostTensor]
  }

  private func run(_ random: RandomGraph, _ configuration: SessionConfiguration) throws -> Outcome {
    let session = Session(graph: random.graph, configuration: configuration)
    for variable in random.variables { try session.run(variable.initializer) }
    let fetches = Array(random.values.suffix(6))
    let targets = random.writes.map(\.node)
    _ = try session.run(fetches, targets: targets)
    let values = try session.run(fetches, targets: targets)
    return Outcome(values: values, variables: random.variables.compactMap { session.variables.value(of: $0.name) })
  }

  @Test(arguments: 0..<150) func passesChangeNothing(seed: Int) throws {
    let random = RandomGraph(seed: seed)
    try random.graph.check()
    var plain = SessionConfiguration()
    plain.disabledPasses = optionalPasses
    let expected = try run(random, plain)
    let actual = try run(random, SessionConfiguration())
    for (a, b) in zip(actual.values + actual.variables, expected.values + expected.variables) {
      try expectClose(a, b, 1e-5)
    }
  }

  @Test(arguments: 0..<8) func threadsChangeNoBit(seed: Int) throws {
    let random = RandomGraph(seed: seed)
    let expected = try run(random, SessionConfiguration(threads: 1))
    for threads in [2, 3, 4, 8] {
      #expect(try run(random, SessionConfiguration(threads: threads)) == expected)
    }
  }
}
