import EspalierGraph
import Testing

@Suite struct GraphTests {
  @Test func namesAreUniqueAsInTensorFlow() {
    let graph = Graph()
    let names = withGraph(graph) {
      [
        constant(1 as Float).node.name, constant(2 as Float).node.name,
        nameScope("a") { constant(1 as Float, name: "x").node.name },
        nameScope("a") { constant(1 as Float, name: "x").node.name },
        nameScope("a/") { constant(1 as Float, name: "x").node.name },
        nameScope("a") { nameScope("b") { constant(1 as Float, name: "X").node.name } },
      ]
    }
    #expect(names == ["Const", "Const_1", "a/x", "a_1/x", "a/x_1", "a_2/b/X"])
  }

  @Test func variablesLieUnderTheirScope() {
    let graph = Graph()
    withGraph(graph) {
      let v = variableScope("net") { getVariable("w", shape: [2, 3]) }
      #expect(v.variable.name == "net/w")
      #expect(v.tensor.name == "net/w/read:0")
      #expect(v.variable.initializer.name == "net/w/Assign")
      let again = variableScope("net", reuse: true) { getVariable("w", shape: [2, 3]) }
      #expect(again.variable == v.variable)
    }
    #expect(graph.diagnostics.isEmpty)
    #expect(graph.node(named: "net/w/Initializer/random_uniform/RandomUniform") != nil)
    let trainable: [Variable] = graph.collection(.trainableVariables, scope: "net/")
    #expect(trainable.map(\.name) == ["net/w"])
  }

  @Test func unnamedScopesCountAgainWhenTheOuterOneIsEnteredAgain() {
    withGraph(Graph()) {
      func names() -> [String] {
        variableScope("net", reuse: .auto) {
          (0..<2).map { _ in variableScope(defaultName: "conv2d") { getVariable("k", shape: [1]).variable.name } }
        }
      }
      #expect(names() == ["net/conv2d/k", "net/conv2d_1/k"])
      #expect(names() == ["net/conv2d/k", "net/conv2d_1/k"])
    }
  }

  @Test func shapesAreNarrowedByWhatTheCallerKnows() throws {
    let graph = Graph()
    let line = #line + 5
    withGraph(graph) {
      let x = placeholder(shape: [nil, 3])
      x.setShape([8, nil])
      #expect(x.shape == [8, 3])
      x.setShape([8, 4])
      #expect(x.shape == [8, 3])
    }
    let error = try #require(graph.diagnostics.first)
    #expect(graph.diagnostics.count == 1)
    #expect(error.message == "Shapes [8,3] and [8,4] are not compatible")
    #expect(error.site?.location?.line == line)
  }

  @Test func softmaxAlongAnInnerAxisNeedsARank() throws {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: .unknown)
      #expect(softmax(x).shape == .unknown)
      _ = softmax(x, axis: 1)
    }
    #expect(graph.diagnostics.count == 1)
    #expect(graph.diagnostics.first?.message == "an axis other than -1 (here 1) needs a tensor of known rank")
  }

  @Test func mistakesAreRecordedWithTheirPlace() throws {
    let graph = Graph()
    let line = #line + 3
    withGraph(graph) {
      let a = placeholder(shape: [2, 3], name: "a")
      let failed = a + placeholder(shape: [2, 4], name: "b")
      _ = -failed
    }
    #expect(graph.diagnostics.count == 1)
    let text = try #require(graph.diagnostics.first?.description)
    #expect(text.contains("Dimensions must be equal, but are 3 and 4 for '{{node AddV2}} = AddV2(a, b)'"))
    #expect(text.contains("GraphTests/GraphTests.swift:\(line)"))
    #expect(throws: GraphError.self) { try graph.check() }
  }

  @Test func aFinalizedGraphRefusesNodes() throws {
    let graph = Graph()
    graph.finalize()
    withGraph(graph) { _ = constant(1 as Float) }
    #expect(graph.diagnostics.first?.message == "Graph is finalized and cannot be modified.")
  }

  @Test func shapesOfShapesAreFollowed() {
    withGraph(Graph()) {
      let x = placeholder(shape: [nil, 4, 6])
      #expect(reshape(x, to: [-1, 24]).shape == [nil, 24])
      #expect(reshape(placeholder(shape: [nil, 24]), to: shape(x)).shape == [nil, 4, 6])
      #expect(reduceSum(x, axes: [1], keepDims: true).shape == [nil, 1, 6])
      #expect(expandDims(x, axis: -1).shape == [nil, 4, 6, 1])
    }
  }
}
