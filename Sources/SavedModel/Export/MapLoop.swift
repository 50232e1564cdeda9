import EspalierFormats
import EspalierGraph

/// TensorFlow's loop for a `MapElements`: an array of tensors that is read, one that is written, and a counter.
///
///     map = MapElements(x)  →  map/TensorArray ← x; while i < n { map/TensorArray_1[i] = body(map/TensorArray[i]) };
///                              map = TensorArrayGather(map/TensorArray_1)
///
/// Source: the graphs of `tf.map_fn` of TensorFlow 1.15.
struct MapLoop {
  /// The operation that stands for the loop: its result is that of the loop.
  static let gatherOperation = "TensorArrayGatherV3"

  private let name: String
  private let input: Tensor
  private let operation: MapElements
  private let device: String
  private(set) var definitions: [NodeDef] = []

  /// Returns the loop for a node.
  init(_ node: Node, _ operation: MapElements) {
    name = node.name
    input = node.inputs[0]
    self.operation = operation
    device = node.device
    addInput()
    addCounter()
    addBody()
    addResult()
  }

  private mutating func add(
    _ part: String, _ operation: String, _ inputs: [String], _ attributes: [String: NodeAttribute] = [:]
  ) {
    definitions.append(
      NodeDef(
        name: part.isEmpty ? name : "\(name)/\(part)", operation: operation, inputs: inputs, device: device,
        attributes: attributes))
  }

  private mutating func addConstant(_ part: String, _ value: HostTensor, after control: String? = nil) {
    add(
      part, "Const", control.map { ["^" + $0] } ?? [],
      ["dtype": Self.type(value.dataType), "value": NodeAttribute(.tensor(value))])
  }

  /// Adds what brings a value from outside into the loop.
  private mutating func addEntrance(_ part: String, _ source: String, _ type: NodeAttribute, isConstant: Bool = true) {
    var attributes = ["T": type, "frame_name": NodeAttribute(.string(name + "/while_context"))]
    if isConstant { attributes["is_constant"] = .bool(true) }
    add(part, "Enter", [source], attributes)
  }

  private static func type(_ type: DataType) -> NodeAttribute { NodeAttribute(.type(type)) }
  private static let integer = type(.int32)
  private static let flow = type(.float32)
  /// TensorFlow's number of the element type of handles.
  private static let resource = NodeAttribute.type(20)

  /// The input, cut into elements.
  private mutating func addInput() {
    let type = Self.type(input.dataType)
    let source = GraphDefEncoder.reference(input)
    add("Shape", "Shape", [source], ["T": type])
    for (part, value) in [("stack", 0), ("stack_1", 1), ("stack_2", 1)] as [(String, Int32)] {
      addConstant("strided_slice/" + part, HostTensor([value]))
    }
    add(
      "strided_slice", "StridedSlice",
      ["Shape", "strided_slice/stack", "strided_slice/stack_1", "strided_slice/stack_2"].map { "\(name)/\($0)" },
      ["T": Self.integer, "Index": Self.integer, "shrink_axis_mask": .int(1)])
    addConstant("start", HostTensor(Int32(0)))
    addConstant("delta", HostTensor(Int32(1)))
    add("range", "Range", ["start", "strided_slice", "delta"].map { "\(name)/\($0)" }, ["Tidx": Self.integer])
    add("TensorArray", "TensorArrayV3", [name + "/strided_slice"], ["dtype": type])
    add(
      "TensorArrayScatterV3", "TensorArrayScatterV3",
      ["\(name)/TensorArray", "\(name)/range", source, "\(name)/TensorArray:1"], ["T": type])
    add(
      "TensorArray_1", "TensorArrayV3", [name + "/strided_slice"], ["dtype": Self.type(operation.resultType.dataType)])
  }

  /// The number of the element, and whether there is one.
  private mutating func addCounter() {
    let loop = name + "/while"
    addEntrance("while/Enter", name + "/start", Self.integer, isConstant: false)
    addEntrance("while/Enter_1", name + "/TensorArray_1:1", Self.flow, isConstant: false)
    for (suffix, type) in [("", Self.integer), ("_1", Self.flow)] {
      add(
        "while/Merge" + suffix, "Merge", ["\(loop)/Enter\(suffix)", "\(loop)/NextIteration\(suffix)"],
        ["T": type, "N": .int(2)])
      add("while/Switch" + suffix, "Switch", ["\(loop)/Merge\(suffix)", loop + "/LoopCond"], ["T": type])
      add("while/Identity" + suffix, "Identity", ["\(loop)/Switch\(suffix):1"], ["T": type])
    }
    addEntrance("while/Less/Enter", name + "/strided_slice", Self.integer)
    add("while/Less", "Less", [loop + "/Merge", loop + "/Less/Enter"], ["T": Self.integer])
    add("while/LoopCond", "LoopCond", [loop + "/Less"])
    addConstant("while/add/y", HostTensor(Int32(1)), after: loop + "/Identity")
    add("while/add", "AddV2", [loop + "/Identity", loop + "/add/y"], ["T": Self.integer])
    add("while/NextIteration", "NextIteration", [loop + "/add"], ["T": Self.integer])
  }

  /// What is done with an element.
  private mutating func addBody() {
    let loop = name + "/while"
    addEntrance("while/TensorArrayReadV3/Enter", name + "/TensorArray", Self.resource)
    addEntrance("while/TensorArrayReadV3/Enter_1", name + "/TensorArrayScatterV3", Self.flow)
    add(
      "while/TensorArrayReadV3", "TensorArrayReadV3",
      [loop + "/TensorArrayReadV3/Enter", loop + "/Identity", loop + "/TensorArrayReadV3/Enter_1"],
      ["dtype": Self.type(input.dataType)])
    let element = NodeReference(operation.element)?.node
    func outer(_ text: String) -> String {
      guard let reference = NodeReference(text) else { return text }
      if reference.isControl { return "^\(loop)/body/\(reference.node)" }
      let node = reference.node == element ? loop + "/TensorArrayReadV3" : "\(loop)/body/\(reference.node)"
      return reference.output == 0 ? node : "\(node):\(reference.output)"
    }
    let body = (try? GraphDef(serialized: operation.body, file: "body"))?.nodes ?? []
    for var node in body where node.name != element {
      node.name = "\(loop)/body/\(node.name)"
      // What has no inputs would stand outside of the loop.
      node.inputs = node.inputs.isEmpty ? ["^\(loop)/Identity"] : node.inputs.map(outer)
      definitions.append(node)
    }
    addEntrance("while/TensorArrayWriteV3/Enter", name + "/TensorArray_1", Self.resource)
    add(
      "while/TensorArrayWriteV3", "TensorArrayWriteV3",
      [loop + "/TensorArrayWriteV3/Enter", loop + "/Identity", outer(operation.result), loop + "/Identity_1"],
      ["T": Self.type(operation.resultType.dataType)])
    add("while/NextIteration_1", "NextIteration", [loop + "/TensorArrayWriteV3"], ["T": Self.flow])
  }

  /// The results, put together.
  private mutating func addResult() {
    add("while/Exit_1", "Exit", [name + "/while/Switch_1"], ["T": Self.flow])
    add(
      "", Self.gatherOperation, ["\(name)/TensorArray_1", "\(name)/range", name + "/while/Exit_1"],
      [
        "dtype": Self.type(operation.resultType.dataType),
        "element_shape": NodeAttribute(.shape(operation.resultType.shape)),
      ])
  }
}
