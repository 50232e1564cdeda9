import Espalier
import TestSupport
import Testing

@Suite struct MapElementsTests {
  @Test func eachElementGoesThroughTheFunction() throws {
    let graph = Graph()
    let (x, y) = withGraph(graph) {
      let x = placeholder(shape: [nil, 2], name: "x")
      return (x, mapElements(x) { reduceSum($0 * constant([1, 10] as [Float])) })
    }
    #expect(y.type == TensorType(.float32, [nil]))
    let session = Session(graph: graph)
    let value = try session.run(y, feeding: [x: try HostTensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])])
    #expect(value == HostTensor([21, 43, 65] as [Float]))
    let none = try session.run(y, feeding: [x: HostTensor(zeros: .float32, shape: [0, 2])])
    #expect(none == HostTensor([] as [Float]))
  }

  @Test func loopsComeBackFromGraphDef() throws {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: [nil, 2], name: "x")
      _ = identity(mapElements(x) { reduceSum($0 * $0) + 1 }, name: "y")
    }
    let definition = try graph.graphDef()
    let text = try ProtoSchema.graph.text(definition, message: "GraphDef", file: "graph")
    for operation in ["TensorArrayReadV3", "LoopCond", "NextIteration", "TensorArrayGatherV3"] {
      #expect(text.contains("op: \"\(operation)\""))
    }
    #expect(!text.contains("Espalier"))
    let copy = Graph()
    let imported = try copy.importGraphDef(definition, prefix: "")
    let (x, y) = (try imported.tensor(named: "x"), try imported.tensor(named: "y"))
    let value = try Session(graph: copy).run(y, feeding: [x: try HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2])])
    #expect(value == HostTensor([6, 26] as [Float]))
  }

  @Test func whatFunctionsCannotDoIsAnError() {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: [nil, 2], name: "x")
      _ = mapElements(x) { _ in x }
      _ = mapElements(x) { $0 * getVariable("w", shape: [2]).tensor }
      _ = mapElements(x) { mapElements($0) { $0 * 2 } }
      _ = mapElements(x) { reshape($0, to: [3]) }
    }
    let messages = graph.diagnostics.map(\.description)
    #expect(messages.count == 4)
    #expect(messages[0].contains("of another graph") && messages[0].contains("MapElementsTests.swift"))
    #expect(messages[1].contains("cannot have variables such as 'w'"))
    #expect(messages[2].contains("cannot go through elements itself"))
  }

  /// Loops that do something else than going through elements stay, and cannot be imported.
  @Test func otherLoopsAreRefused() throws {
    func node(_ name: String, _ operation: String, _ inputs: [String]) -> NodeDef {
      NodeDef(name: name, operation: operation, inputs: inputs)
    }
    let loop = GraphDef(nodes: [
      node("start", "Placeholder", []), node("enter", "Enter", ["start"]), node("merge", "Merge", ["enter", "next"]),
      node("condition", "LoopCond", ["merge"]), node("switch", "Switch", ["merge", "condition"]),
      node("next", "NextIteration", ["switch:1"]), node("exit", "Exit", ["switch"]),
      node("y", "TensorArrayGatherV3", ["start", "start", "exit"]),
    ])
    #expect(throws: GraphError.self) { try Graph().importGraphDef(loop.serialized) }
  }
}
