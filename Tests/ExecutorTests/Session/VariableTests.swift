import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct VariableTests {
  private let graph = Graph()

  private func variable(_ name: String, _ initial: [Float]) -> Variable {
    withGraph(graph) {
      getVariable(name, shape: [initial.count], initializer: { _, _ in constant(initial) }).variable
    }
  }

  private func floats(_ value: HostTensor) throws -> [Float] { try value.scalars(as: Float.self) }

  @Test func uninitializedVariablesAreNamed() throws {
    let v = variable("v", [1, 2])
    let session = Session(graph: graph)
    let error = #expect(throws: ExecutionError.self) { try session.run(v.value) }
    #expect(error?.message == "Attempting to use uninitialized value v")
    #expect(error?.kind == .failedPrecondition)
    try session.run(v.initializer)
    #expect(try floats(session.run(v.value)) == [1, 2])
  }

  @Test func readsSeeTheValueFromBeforeTheRun() throws {
    let v = variable("v", [1, 2])
    let (read, added) = withGraph(graph) { (v.value * 10, v.assignAdd(constant([1, 1] as [Float]))) }
    let session = Session(graph: graph)
    try session.run(v.initializer)
    let values = try session.run([added, read, v.value])
    #expect(try values.map(floats) == [[2, 3], [10, 20], [1, 2]])
    #expect(try floats(session.run(v.value)) == [2, 3])
  }

  @Test func readsAfterAWriteSeeTheNewValue() throws {
    let v = variable("v", [1, 2])
    let late = withGraph(graph) {
      let added = v.assignAdd(constant([1, 1] as [Float]))
      return withControlDependencies(on: [added.node]) { identity(v.handle) * 10 }
    }
    let session = Session(graph: graph)
    try session.run(v.initializer)
    #expect(try floats(session.run(late)) == [20, 30])
  }

  @Test func oldAndNewValueTogether() throws {
    let v = variable("v", [1, 2])
    let both = withGraph(graph) {
      let added = v.assignAdd(constant([1, 1] as [Float]))
      return added * 100 + v.value
    }
    let session = Session(graph: graph)
    try session.run(v.initializer)
    #expect(try floats(session.run(both)) == [201, 302])
    #expect(try floats(session.run(v.value)) == [2, 3])
  }

  @Test func writesHappenInOrder() throws {
    let v = variable("v", [1, 2])
    let (first, second, third) = withGraph(graph) {
      let first = v.assignAdd(constant([1, 1] as [Float]))
      let second = v.assign(constant([5, 6] as [Float]))
      return (first, second, v.assignSub(constant([1, 1] as [Float])))
    }
    let session = Session(graph: graph)
    try session.run(v.initializer)
    let values = try session.run([third, second, first])
    #expect(try floats(session.run(v.value)) == [4, 5])
    #expect(try values.map(floats) == [[4, 5], [5, 6], [2, 3]])
  }

  @Test func sessionsShareAStore() throws {
    let v = variable("v", [1, 2])
    let other = Graph()
    let doubled = withGraph(other) { getVariable("v", shape: [2]).variable.value * 2 }
    let store = VariableStore()
    try Session(graph: graph, variables: store).run(v.initializer)
    #expect(try floats(Session(graph: other, variables: store).run(doubled)) == [2, 4])
    #expect(store.names == ["v"])
    #expect(store.version(of: "v") == 1)
    try store.set(HostTensor([7, 8] as [Float]), for: "v")
    #expect(try floats(Session(graph: other, variables: store).run(doubled)) == [14, 16])
    #expect(store.version(of: "v") == 2)
    let error = #expect(throws: ExecutionError.self) { try store.set(HostTensor([7] as [Float]), for: "v") }
    #expect(error?.message.contains("lhs shape= [2] rhs shape= [1]") == true)
  }
}
