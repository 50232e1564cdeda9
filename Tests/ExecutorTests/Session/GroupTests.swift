import EspalierExecutor
import EspalierGraph
import Testing

/// Batches that go through all kernels in groups of examples.
@Suite struct GroupTests {
  private let graph = Graph()
  private let images = ramp([50, 32, 32, 8])

  private func session(grouped: Bool = true, threads: Int? = nil) throws -> Session {
    var configuration = SessionConfiguration(threads: threads)
    if !grouped { configuration.disabledPasses.insert("groups") }
    let session = Session(graph: graph, configuration: configuration)
    let variables: [Variable] = graph.collection(.globalVariables)
    _ = try session.run([], targets: variables.map(\.initializer))
    return session
  }

  private func variable(_ name: String, _ shape: [Int]) -> Tensor {
    getVariable(name, shape: shape, initializer: { _, _ in constant(ramp(shape)) * 0.05 }).variable.value
  }

  /// A network of everything that classifiers are made of.
  private func classifier() -> (x: Tensor, fetches: [Tensor]) {
    withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 32, 32, 8], name: "x")
      var y = conv2D(x / 4 - 1, filter: variable("w1", [3, 3, 8, 16])) * variable("factor", [16])
      y = relu(y + variable("offset", [16]))
      let skip = pad(averagePool2D(y, size: (2, 2), strides: (2, 2)), paddings: [(0, 0), (0, 0), (0, 0), (8, 8)])
      y = conv2D(y, filter: variable("w2", [3, 3, 16, 32]), strides: (2, 2)) + skip
      y = maxPool2D(y, size: (3, 3), strides: (2, 2), padding: .same)
      let features = reshape(reduceMean(y, axes: [1, 2]), to: [-1, 32])
      let logits = matMul(features, variable("w3", [32, 7]))
      return (x, [softmax(logits), argMax(logits, axis: 1), logits])
    }
  }

  @Test func groupsGiveWhatTheWholeBatchGives() throws {
    let (x, fetches) = classifier()
    let grouped = try session()
    let size = try grouped.groupSize(fetches, feeding: [x: images])
    #expect(size.map { 50 % $0 != 0 && 50 / $0 >= 8 } == true)
    let values = try grouped.run(fetches, feeding: [x: images])
    let expected = try session(grouped: false).run(fetches, feeding: [x: images])
    #expect(values.map(\.shape) == [[50, 7], [50], [50, 7]])
    for (value, other) in zip(values, expected) { try expectClose(value, other, 1e-6) }
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    let (x, fetches) = classifier()
    let expected = try session(threads: 1).run(fetches, feeding: [x: images]).map { try $0.doubles() }
    for threads in [2, 3, 8] {
      let session = try session(threads: threads)
      for _ in 0..<3 {
        #expect(try session.run(fetches, feeding: [x: images]).map { try $0.doubles() } == expected)
      }
    }
  }

  @Test func variablesThatChangeAreSeen() throws {
    let (x, fetches) = classifier()
    let (grouped, whole) = (try session(), try session(grouped: false))
    for session in [grouped, whole] {
      _ = try session.run(fetches, feeding: [x: images])
      try session.variables.set(ramp([16], from: 2), for: "factor")
    }
    let expected = try whole.run(fetches[2], feeding: [x: images])
    try expectClose(try grouped.run(fetches[2], feeding: [x: images]), expected, 1e-6)
  }

  @Test func examplesThatLookAtEachOtherStayTogether() throws {
    let (x, fetches) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 32, 32, 8], name: "x")
      let y = relu(conv2D(x, filter: variable("w", [3, 3, 8, 8])))
      let features = reduceMean(y, axes: [1, 2])
      return (
        x,
        [
          features - reduceMean(features, axes: [0]), softmax(transpose(features, order: [1, 0])),
          matMul(features, features, transposeB: true), y * reduceMax(x), reverse(features, axes: [0]),
        ]
      )
    }
    let (grouped, whole) = (try session(), try session(grouped: false))
    for fetch in fetches {
      #expect(try grouped.groupSize([fetch], feeding: [x: images]) == nil)
      let expected = try whole.run(fetch, feeding: [x: images])
      try expectClose(try grouped.run(fetch, feeding: [x: images]), expected, 1e-6)
    }
  }
}
