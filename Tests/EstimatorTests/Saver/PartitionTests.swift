import Espalier
import TestSupport
import Testing

/// Variables that are cut into parts. Names and counts are those of TensorFlow 2.15.
@Suite struct PartitionTests {
  private struct Model {
    let session: Session
    let rows: VariableValue
    let columns: VariableValue
  }

  private func model(initial: Float = 0) throws -> Model {
    let graph = Graph()
    let (rows, columns) = withGraph(graph) {
      func ramp(_ shape: [Int], _ type: DataType) -> Tensor {
        constant((0..<shape.reduce(1, *)).map { Float($0) + initial }, shape: shape)
      }
      let rows = variableScope("s", partitioner: Partitioners.fixedSize(3)) {
        getVariable("w", shape: [7, 2], initializer: ramp, cachingDevice: "/cpu:0")
      }
      let columns = getVariable(
        "u", shape: [2, 5], initializer: ramp, partitioner: Partitioners.fixedSize(2, axis: 1))
      return (rows, columns)
    }
    try graph.check()
    let session = Session(graph: graph)
    for variable in graph.collection(.globalVariables, of: Variable.self) { try session.run(variable.initializer) }
    return Model(session: session, rows: rows, columns: columns)
  }

  @Test func partsAreReadAsOne() throws {
    let model = try model()
    #expect(model.rows.parts.map(\.name) == ["s/w/part_0", "s/w/part_1", "s/w/part_2"])
    #expect(model.rows.parts.map(\.shape) == [[3, 2], [2, 2], [2, 2]])
    #expect(model.columns.parts.map(\.shape) == [[2, 3], [2, 2]])
    #expect(trainableVariables(in: model.session.graph).count == 5)
    let rows = try model.session.run(model.rows.tensor)
    #expect(rows == (try HostTensor((0..<14).map { Float($0) }, shape: [7, 2])))
    let columns = try model.session.run(model.columns.tensor)
    #expect(columns == (try HostTensor((0..<10).map { Float($0) }, shape: [2, 5])))
    #expect(model.rows.tensor.name == "s/w:0")
  }

  @Test func checkpointsHaveThemInOnePiece() throws {
    try withTemporaryDirectory { directory in
      let saved = try model(initial: 100)
      let prefix = try Saver().save(saved.session, directory: directory, step: 1)
      let reader = try CheckpointReader(prefix: prefix)
      let listed = try listVariables(directory)
      #expect(listed.map(\.name) == ["s/w", "u"] && listed.map(\.shape) == [[7, 2], [2, 5]])
      #expect(try loadVariable(directory, "s/w").shape == [7, 2])
      #expect(throws: EstimatorError.self) { try loadCheckpoint(directory + "/none") }
      #expect(try reader.tensor(named: "u") == HostTensor((0..<10).map { Float($0) + 100 }, shape: [2, 5]))
      let other = try model()
      let report = try Saver().restore(other.session, from: prefix)
      #expect(report.isComplete)
      for (old, new) in [(saved.rows, other.rows), (saved.columns, other.columns)] {
        #expect(try saved.session.run(old.tensor) == other.session.run(new.tensor))
      }
    }
  }

  @Test func slotsAreInPartsToo() throws {
    try withTemporaryDirectory { directory in
      let model = try model(initial: 100)
      try withGraph(model.session.graph) {
        let train = try MomentumOptimizer(learningRate: 0.5, momentum: 0.9).minimize(reduceSum(model.rows.tensor))
        try model.session.run(globalVariablesInitializer())
        try model.session.run(train)
      }
      let listed = Saver(variables: model.session.graph.collection(.globalVariables, of: Variable.self))
      try listed.save(model.session, to: directory + "/m")
      #expect(try listVariables(directory).map(\.name) == ["s/w", "s/w/Momentum", "u"])
      #expect(try loadVariable(directory, "s/w/Momentum").doubles() == [Double](repeating: 1, count: 14))
    }
  }

  @Test func partsBeginWithPartsOfACheckpoint() throws {
    try withTemporaryDirectory { directory in
      let prefix = try Saver().save(try model(initial: 100).session, directory: directory, step: 1)
      for map in [["s/w": "s/w", "u": "u"], ["/": "/"]] {
        let other = try model()
        _ = try withGraph(other.session.graph) { try initFromCheckpoint(prefix, map) }
        let loop = try LogLines.hidden { try MonitoredSession(Session(graph: other.session.graph)) }
        let found = try loop.session.run([other.rows.tensor, other.columns.tensor])
        #expect(try found[0].doubles() == (0..<14).map { Double($0) + 100 })
        #expect(try found[1].doubles() == (0..<10).map { Double($0) + 100 })
      }
    }
  }

  @Test func theWholeIsTrained() throws {
    let model = try model()
    let train = try withGraph(model.session.graph) {
      try GradientDescentOptimizer(learningRate: 0.5).minimize(reduceSum(model.columns.tensor * 2))
    }
    try model.session.run(train)
    let found = try model.session.run(model.columns.tensor)
    #expect(found == (try HostTensor((0..<10).map { Float($0) - 1 }, shape: [2, 5])))
  }

  @Test func countsFollowTheSize() {
    #expect(Partitioners.fixedSize(3)([2, 2], .float32) == [2, 1])
    #expect(Partitioners.minMax(maxPartitions: 3)([7, 2], .float32) == [1, 1])
    #expect(Partitioners.minMax(maxPartitions: 3, minSliceSize: 16)([7, 2], .float32) == [3, 1])
    #expect(Partitioners.minMax(maxPartitions: 30, minSliceSize: 1024)([4096, 7], .float32) == [30, 1])
    #expect(Partitioners.axisSize(maxShardBytes: 16)([7, 2], .float32) == [4, 1])
    #expect(Partitioners.axisSize(maxShardBytes: 1000, axis: 1, maxShards: 4)([7, 200], .float64) == [1, 4])
  }

  @Test func oddPartitionsAreErrors() {
    func message(_ counts: [Int]) -> String {
      let graph = Graph()
      withGraph(graph) { _ = getVariable("q", shape: [4, 4], partitioner: { _, _ in counts }) }
      return graph.diagnostics.map { "\($0)" }.joined()
    }
    let along = "Can only slice a variable along one dimension: shape: (4, 4), partitioning: [2, 2]"
    #expect(message([2, 2]).contains(along))
    let rank = "Partitioner returned a partition list that does not match the Variable's rank: [2] vs. (4, 4)"
    #expect(message([2]).contains(rank))
  }
}
