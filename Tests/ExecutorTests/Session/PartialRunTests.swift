import EspalierExecutor
import EspalierGraph
import Testing

/// Error texts are those of TensorFlow 2.15.
@Suite struct PartialRunTests {
  private struct Nodes {
    let a, b, c, sum, product, copy: Tensor
  }

  private func setUp() -> (Session, Nodes) {
    let graph = Graph()
    let nodes = withGraph(graph) {
      let a = placeholder(shape: [], name: "a")
      let b = placeholder(shape: [], name: "b")
      let c = placeholder(shape: [], name: "c")
      let sum = add(a, b, name: "r1")
      return Nodes(a: a, b: b, c: c, sum: sum, product: multiply(sum, c, name: "r2"), copy: identity(c, name: "z"))
    }
    return (Session(graph: graph), nodes)
  }

  private func one(_ value: Float) -> HostTensor { HostTensor(value) }

  @Test func partsGoOnFromEachOther() throws {
    let (session, n) = setUp()
    let partial = try session.partialRun([n.sum, n.product], feeds: [n.a, n.b, n.c])
    #expect(try partial.run([n.sum], feeding: [n.a: one(1), n.b: one(2)]) == [one(3)])
    #expect(try partial.run([n.product], feeding: [n.c: one(10)]) == [one(30)])
  }

  @Test func mistakesAreNamed() throws {
    let (session, n) = setUp()
    func message(_ earlier: Bool, _ wanted: Tensor, _ feeding: [Tensor: HostTensor]) throws -> String? {
      let partial = try session.partialRun([n.sum, n.product], feeds: [n.a, n.b, n.c])
      if earlier { _ = try partial.run([n.sum], feeding: [n.a: one(1), n.b: one(2)]) }
      return #expect(throws: ExecutionError.self) { try partial.run([wanted], feeding: feeding) }?.message
    }
    #expect(
      try message(true, n.product, [:]) == "Fetch c:0 can't be computed from the feeds that have been fed so far.")
    #expect(try message(false, n.copy, [n.c: one(1)]) == "The fetch z:0 was not specified in partial_run_setup.")
    #expect(try message(false, n.sum, [n.copy: one(1)]) == "The feed z:0 was not specified in partial_run_setup.")
    #expect(try message(true, n.sum, [:]) == "The fetch r1:0 has already been fetched.")
    #expect(try message(true, n.product, [n.a: one(1), n.c: one(2)]) == "The feed a:0 has already been fed.")
    let empty = #expect(throws: ExecutionError.self) { try session.partialRun([], feeds: [n.a]) }
    #expect(empty?.message == "Must specify at least one target to fetch or execute.")
  }

  @Test func chanceIsTheSameInAllParts() throws {
    let graph = Graph()
    graph.seed = 3
    let (drawn, twice) = withGraph(graph) {
      let drawn = randomUniform([4])
      return (drawn + 0, drawn * 2)
    }
    let session = Session(graph: graph)
    let partial = try session.partialRun([drawn, twice])
    let first = try partial.run([drawn])[0].scalars(as: Float.self)
    let between = try session.run(drawn).scalars(as: Float.self)
    let second = try partial.run([twice])[0].scalars(as: Float.self)
    #expect(second == first.map { $0 * 2 } && between != first)
  }
}
