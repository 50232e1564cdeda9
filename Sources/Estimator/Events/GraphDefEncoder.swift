import EspalierFormats
import EspalierGraph

/// Writes a graph as TensorFlow's `GraphDef`: for TensorBoard, and for TensorFlow where all operations are its own.
///
/// Source: `tensorflow/core/framework/graph.proto`, `node_def.proto`, `attr_value.proto`.
package struct GraphDefEncoder {
  /// The version of TensorFlow's graphs that the operations are written for: that of TensorFlow 1.15.
  private static let producer: Int64 = 134

  private let graph: Graph

  package init(_ graph: Graph) {
    self.graph = graph
  }

  /// Returns the bytes of the message.
  package func encoded() -> [UInt8] {
    var writer = WireWriter()
    for node in graph.nodes { writer.message(1) { write(node, to: &$0) } }
    writer.message(4) { $0.int64(1, Self.producer) }
    return writer.bytes
  }

  private func write(_ node: Node, to writer: inout WireWriter) {
    writer.string(1, node.name)
    writer.string(2, node.operation.name)
    for input in node.inputs { writer.string(3, Self.reference(input)) }
    for control in node.controlInputs { writer.string(3, "^" + control.name) }
    writer.string(4, unlessEmpty: node.device)
    // What the operation says itself goes before what follows from its inputs.
    var attributes = TypeAttributes.of(node)
    attributes.merge(node.operation.attributes) { _, own in own }
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      Self.write(name, to: &writer) { Self.write(value, to: &$0) }
    }
    Self.write("_output_shapes", to: &writer) { value in
      value.message(1) { list in
        for output in node.outputs { list.message(7) { Self.write(output.shape, to: &$0) } }
      }
    }
  }

  private static func reference(_ tensor: Tensor) -> String {
    tensor.name.hasSuffix(":0") ? String(tensor.name.dropLast(2)) : tensor.name
  }

  private static func write(
    _ name: String, to writer: inout WireWriter, _ value: (inout WireWriter) -> Void
  ) {
    writer.message(5) { entry in
      entry.string(1, name)
      entry.message(2, value)
    }
  }

  private static func write(_ value: AttributeValue, to writer: inout WireWriter) {
    switch value {
    case .int(let number): writer.int64(3, Int64(number))
    case .float(let number): writer.float(4, number)
    case .bool(let flag): writer.int64(5, flag ? 1 : 0)
    case .string(let text): writer.string(2, text)
    case .type(let type): writer.int64(6, Int64(type.tensorFlowNumber))
    case .shape(let shape): writer.message(7) { write(shape, to: &$0) }
    case .tensor(let tensor): writer.message(8) { TensorProto.write(tensor, to: &$0) }
    case .ints(let numbers): writer.message(1) { $0.packed(3, numbers.map(Int64.init)) }
    case .floats(let numbers): writer.message(1) { $0.packed(4, numbers) }
    case .strings(let texts): writer.message(1) { list in for text in texts { list.string(2, text) } }
    case .types(let types): writer.message(1) { $0.packed(6, types.map { Int64($0.tensorFlowNumber) }) }
    }
  }

  private static func write(_ shape: Shape, to writer: inout WireWriter) {
    guard let extents = shape.extents else { return writer.int64(3, 1) }
    for extent in extents {
      writer.message(2) { $0.int64(1, unlessZero: Int64(extent ?? -1)) }
    }
  }
}

/// The attributes of TensorFlow's operations that only repeat how many inputs there are and of which types.
private enum TypeAttributes {
  /// Where an attribute comes from.
  private enum Origin {
    /// The element type of this input.
    case input(Int)
    /// The element type of the last input.
    case lastInput
    /// The number of inputs, without so many that are not part of the list.
    case count(without: Int)
  }

  static func of(_ node: Node) -> [String: AttributeValue] {
    let inputs = node.inputs
    var result: [String: AttributeValue] = [:]
    for (name, origin) in origins(node.operation.name) {
      switch origin {
      case .input(let index) where inputs.indices.contains(index):
        result[name] = .type(inputs[index].dataType)
      case .lastInput: result[name] = inputs.last.map { .type($0.dataType) }
      case .count(let others): result[name] = .int(inputs.count - others)
      default: break
      }
    }
    return result
  }

  private static func origins(_ operation: String) -> [String: Origin] {
    if let special = table[operation] { return special }
    if operation.hasPrefix("Logical") { return [:] }
    return ["T": .input(0)]
  }

  private static let reduction: [String: Origin] = ["T": .input(0), "Tidx": .input(1)]
  private static let indexed: [String: Origin] = ["T": .input(0), "Index": .input(1)]

  private static let table: [String: [String: Origin]] = [
    "AddN": ["T": .input(0), "N": .count(without: 0)],
    "All": ["Tidx": .input(1)],
    "Any": ["Tidx": .input(1)],
    "ArgMax": reduction,
    "ArgMin": reduction,
    "BroadcastTo": reduction,
    "Cast": ["SrcT": .input(0)],
    "ConcatV2": ["T": .input(0), "N": .count(without: 1), "Tidx": .lastInput],
    "Const": [:],
    "DecodeRaw": [:],
    "ExpandDims": ["T": .input(0), "Tdim": .input(1)],
    "Fill": ["T": .input(1), "index_type": .input(0)],
    "FusedBatchNormGradV3": ["T": .input(0), "U": .input(3)],
    "FusedBatchNormV3": ["T": .input(0), "U": .input(1)],
    "GatherV2": ["Tparams": .input(0), "Tindices": .input(1), "Taxis": .input(2)],
    "HistogramSummary": ["T": .input(1)],
    "ImageSummary": ["T": .input(1)],
    "InTopKV2": ["T": .input(1)],
    "Max": reduction,
    "Mean": reduction,
    "MergeSummary": ["N": .count(without: 0)],
    "Min": reduction,
    "MirrorPad": ["T": .input(0), "Tpaddings": .input(1)],
    "NoOp": [:],
    "OneHot": ["T": .input(2), "TI": .input(0)],
    "Pack": ["T": .input(0), "N": .count(without: 0)],
    "Pad": ["T": .input(0), "Tpaddings": .input(1)],
    "PadV2": ["T": .input(0), "Tpaddings": .input(1)],
    "Placeholder": [:],
    "Prod": reduction,
    "Range": ["Tidx": .input(0)],
    "Reshape": ["T": .input(0), "Tshape": .input(1)],
    "ScalarSummary": ["T": .input(1)],
    "Select": ["T": .input(1)],
    "SelectV2": ["T": .input(1)],
    "Slice": indexed,
    "SparseSoftmaxCrossEntropyWithLogits": ["T": .input(0), "Tlabels": .input(1)],
    "Split": ["T": .input(1)],
    "SplitV": ["T": .input(0), "Tlen": .input(1)],
    "StridedSlice": indexed,
    "StridedSliceGrad": ["T": .input(4), "Index": .input(0)],
    "Sum": reduction,
    "Tile": ["T": .input(0), "Tmultiples": .input(1)],
    "Transpose": ["T": .input(0), "Tperm": .input(1)],
    "UnsortedSegmentSum": ["T": .input(0), "Tindices": .input(1), "Tnumsegments": .input(2)],
    "VariableV2": [:],
  ]
}
