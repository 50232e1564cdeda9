import EspalierGraph
import Testing

/// Scopes of variables do what those of TensorFlow 2.15 do, in its words.
@Suite struct VariableScopeTests {
  private let ones: Initializer = { fill($0, value: 1, dataType: $1) }

  @Test func mistakesAreSaidInTensorFlowsWords() {
    let graph = Graph()
    var lines: [Int] = []
    withGraph(graph) {
      _ = getVariable("v", shape: [2])
      lines.append(#line + 1)
      _ = getVariable("v", shape: [2])
      variableScope("", reuse: true) {
        lines.append(#line + 1)
        _ = getVariable("w", shape: [2])
        lines.append(#line + 1)
        _ = getVariable("v", shape: [3])
        lines.append(#line + 1)
        _ = getVariable("v", shape: [2], dataType: .int32)
      }
    }
    #expect(
      graph.diagnostics.map(\.message) == [
        "Variable v already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?",
        "Variable w does not exist, or was not created with tf.get_variable(). Did you mean to set "
          + "reuse=tf.AUTO_REUSE in VarScope?",
        "Trying to share variable v, but specified shape (3,) and found shape (2,).",
        "Trying to share variable v, but specified dtype int32 and found dtype float32.",
      ])
    #expect(graph.diagnostics.compactMap { $0.site?.location?.line } == lines)
  }

  @Test func innerScopesInherit() throws {
    let graph = Graph()
    var calls: [String] = []
    func getter(_ tag: String) -> CustomGetter {
      { getter, request in
        calls.append("\(tag):\(request.name)")
        return getter(request)
      }
    }
    let regularizer: Regularizer = { reduceSum($0, name: "reg") }
    withGraph(graph) {
      variableScope("a", initializer: ones, regularizer: regularizer, customGetter: getter("outer")) {
        variableScope("b", customGetter: getter("inner")) {
          _ = getVariable("x", shape: [2])
          _ = getVariable("y", shape: [2], initializer: { fill($0, value: 0, dataType: $1) })
        }
      }
    }
    try graph.check()
    #expect(calls == ["inner:a/b/x", "outer:a/b/x", "inner:a/b/y", "outer:a/b/y"])
    let losses = graph.collection(.regularizationLosses, of: Tensor.self)
    #expect(losses.map(\.name) == ["a/b/x/Regularizer/reg:0", "a/b/y/Regularizer/reg:0"])
    #expect(graph.node(named: "a/b/x/Initializer/Fill") != nil)
  }

  @Test func aScopeThatIsEnteredAgainNamesItsNodesAnew() {
    withGraph(Graph()) {
      let names = (0..<2).map { _ in
        variableScope("a", reuse: .auto) {
          [constant(Float(1)).node.name, getVariable("z", shape: [1]).variable.name]
        }
      }
      #expect(names == [["a/Const", "a/z"], ["a_1/Const", "a/z"]])
    }
  }

  @Test func collectionsAreSearchedByRegularExpressions() {
    let graph = Graph()
    withGraph(graph) {
      _ = getVariable("v", shape: [2])
      variableScope("a") { variableScope("b") { for name in ["x", "y"] { _ = getVariable(name, shape: [2]) } } }
    }
    func names(_ scope: String?) -> [String] {
      graph.collection(.globalVariables, of: Variable.self, scope: scope).map(\.name)
    }
    #expect(names(nil) == ["v", "a/b/x", "a/b/y"])
    #expect(names("a/./x") == ["a/b/x"])
    #expect(names("b") == [])
    #expect(names("(a|v)") == ["v", "a/b/x", "a/b/y"])
    #expect(names("a/b/") == ["a/b/x", "a/b/y"])
    #expect(names("(") == [])
  }
}
