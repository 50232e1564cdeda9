import Espalier
import Testing

@Suite struct GraphDefTests {
  /// What a test looks at of a node in a `GraphDef`.
  private struct NodeDef: Equatable {
    var name = ""
    var op = ""
    var inputs: [String] = []
    var device = ""
    /// The bytes of each attribute's value.
    var attributes: [String: [UInt8]] = [:]
  }

  private func nodes(_ bytes: [UInt8]) throws -> [NodeDef] {
    var reader = WireReader(bytes, file: "graph")
    var nodes: [NodeDef] = []
    while let tag = try reader.nextTag() {
      guard tag.number == 1 else {
        try reader.skip(tag)
        continue
      }
      var message = try reader.message()
      nodes.append(try node(&message))
    }
    return nodes
  }

  private func node(_ reader: inout WireReader) throws -> NodeDef {
    var node = NodeDef()
    while let tag = try reader.nextTag() {
      switch tag.number {
      case 1: node.name = try reader.string()
      case 2: node.op = try reader.string()
      case 3: node.inputs.append(try reader.string())
      case 4: node.device = try reader.string()
      default:
        var entry = try reader.message()
        var key = ""
        while let tag = try entry.nextTag() {
          if tag.number == 1 { key = try entry.string() } else { node.attributes[key] = try entry.bytes() }
        }
      }
    }
    return node
  }

  @Test func collectionsAreWrittenByNameAndVariablesAsMessages() throws {
    let graph = Graph()
    try withGraph(graph) {
      _ = try createGlobalStep()
      let loss = constant(Float(1), name: "loss")
      graph.add(loss, to: .losses)
      graph.add(loss.node, to: .trainOp)
    }
    var reader = WireReader(MetaGraphEncoder(graph).encoded(), file: "meta")
    var collections: [String: [UInt8]] = [:]
    while let tag = try reader.nextTag() {
      if tag.number == 2 { #expect(try reader.bytes() == GraphDefEncoder(graph).encoded()) }
      guard tag.number == 4 else {
        if tag.number != 2 { try reader.skip(tag) }
        continue
      }
      var entry = try reader.message()
      var key = ""
      while let tag = try entry.nextTag() {
        if tag.number == 1 { key = try entry.string() } else { collections[key] = try entry.bytes() }
      }
    }
    #expect(collections.keys.sorted() == ["global_step", "losses", "train_op", "variables"])
    func nodeList(_ name: String) -> [UInt8] {
      let value: [UInt8] = [0x0A, UInt8(name.utf8.count)] + Array(name.utf8)
      return [0x0A, UInt8(value.count)] + value
    }
    #expect(collections["losses"] == nodeList("loss:0"))
    #expect(collections["train_op"] == nodeList("loss"))
    let names = String(decoding: collections["variables"] ?? [], as: UTF8.self)
    #expect(names.contains("global_step:0") && names.contains("global_step/Assign"))
    #expect(names.contains("global_step/read:0"))
  }

  @Test func nodesAreWrittenWithInputsAndTypes() throws {
    let graph = Graph()
    withGraph(graph) {
      withDevice("/cpu:0") {
        let x = placeholder(.float32, shape: [nil, 2], name: "x")
        let first = identity(x, name: "first")
        _ = withControlDependencies(on: [first.node]) { reduceSum(first, axes: [1], name: "sum") }
      }
    }
    let written = try nodes(GraphDefEncoder(graph).encoded())
    #expect(written.map(\.name) == graph.nodes.map(\.name))
    let x = try #require(written.first { $0.name == "x" })
    let sum = try #require(written.first { $0.op == "Sum" })
    // Field 6 of AttrValue is a type: DT_FLOAT is 1, DT_INT32 is 3. Field 7 is a shape; -1 is an unknown extent.
    #expect(x.attributes["dtype"] == [0x30, 1])
    let unknown: [UInt8] = [0x08] + [UInt8](repeating: 0xFF, count: 9) + [1]
    #expect(x.attributes["shape"] == [0x3A, 17, 0x12, 11] + unknown + [0x12, 2, 0x08, 2])
    #expect(x.device == "/device:CPU:0")
    #expect(sum.inputs.first == "first" && sum.inputs.last == "^first")
    #expect(sum.attributes["T"] == [0x30, 1] && sum.attributes["Tidx"] == [0x30, 3])
    #expect(sum.attributes["_output_shapes"] != nil)
  }
}
