import EspalierCommandLine
import EspalierFormats
import EspalierGraph
import EspalierSavedModel

extension Subcommand {
  /// Says what a graph takes, gives and is made of.
  ///
  /// Source: TensorFlow's `summarize_graph`.
  static let summarizeGraph = Subcommand(
    "summarize-graph", "Says what a graph takes, gives and is made of.", words: ["file"], defaults: NoOptions(),
    flags: [], notes: "<file> is a GraphDef, binary (.pb) or text (.pbtxt)."
  ) { words, _, print in
    let graph = try GraphSummary(path: words[0])
    for line in columns(graph.rows) { print(line) }
    print("\(words[0]): \(graph.nodeCount) nodes, constants of \(size(graph.constantBytes))")
    for line in columns(counts(graph.operations)) { print("  " + line) }
  }
}

/// What stands out in a graph.
private struct GraphSummary {
  private(set) var rows: [[String]] = []
  private(set) var constantBytes = 0
  let nodeCount: Int
  let operations: [String: Int]

  init(path: String) throws {
    let definition = try GraphDef(path: path)
    nodeCount = definition.nodes.count
    operations = definition.nodes.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
    let used = Set(definition.nodes.flatMap { $0.inputs.map(Self.node) })
    for node in definition.nodes {
      switch node.operation {
      case "Placeholder", "PlaceholderWithDefault": rows.append(["input", node.name, Self.type(of: node)])
      case "Variable", "VariableV2", "VarHandleOp": rows.append(["variable", node.name, Self.type(of: node)])
      case "Const":
        guard case .tensor(let value)? = node.attributes["value"] else { continue }
        constantBytes += (try? value.decoded(limit: 1 << 24).byteCount) ?? 0
      case "NoOp", "Assign", "SaveV2", "Assert": continue
      default: if !used.contains(node.name) { rows.append(["output", node.name, node.operation]) }
      }
    }
    let order = ["input": 0, "variable": 1, "output": 2]
    rows.sort { (order[$0[0]] ?? 3, $0[1]) < (order[$1[0]] ?? 3, $1[1]) }
  }

  private static func node(_ input: String) -> String {
    String((input.hasPrefix("^") ? input.dropFirst() : input[...]).prefix { $0 != ":" })
  }

  private static func type(of node: NodeDef) -> String {
    var text = ""
    if case .type(let number)? = node.attributes["dtype"] {
      text = DataType(tensorFlowNumber: number).map { "\($0)" } ?? "type \(number)"
    }
    if case .shape(let shape)? = node.attributes["shape"] { text += "\(shape)" }
    return text
  }
}
