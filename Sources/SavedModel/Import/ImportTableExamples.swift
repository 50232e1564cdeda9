import EspalierGraph

extension ImportTable {
  /// Operations on strings: serialized examples, numbers as text.
  static let texts: [String: ImportRow] = [
    "AsString": .operation { a throws(GraphError) in
      AsString(
        precision: try a.int("precision", -1), scientific: try a.bool("scientific", false),
        shortest: try a.bool("shortest", false), width: try a.int("width", -1), fill: try a.string("fill", ""))
    },
    "AudioSummaryV2": .operation { a throws(GraphError) in
      AudioSummary(maxOutputs: try a.int("max_outputs", 3))
    },
    "ImageSummary": .operation { a throws(GraphError) in
      a.ignore("bad_color")
      return ImageSummary(maxImages: try a.int("max_images", 3))
    },
    // What stands for a loop over elements.
    "EspalierMapElements": .operation { a throws(GraphError) in
      let map = MapElements(
        body: try a.bytes("body"), element: try a.string("element"), result: try a.string("result"),
        resultType: TensorType(try a.type("dtype"), try a.shape("element_shape", .unknown)))
      _ = try map.imported()
      return map
    },
    "ParseExampleV2": .operation { a throws(GraphError) in
      a.ignore("num_sparse")
      let ragged = try a.types("ragged_value_types") + a.types("ragged_split_types")
      guard ragged.isEmpty else { throw GraphError("ragged features are not supported") }
      return try a.exampleParsing()
    },
    // Each key is an input of its own.
    "ParseExample": .nodes { node throws(GraphError) in
      let sparse = try node.attributes.int("Nsparse")
      let dense = try node.attributes.int("Ndense")
      guard sparse >= 0, dense >= 0, node.inputs.count == 2 + sparse + 2 * dense else {
        throw GraphError("there are \(node.inputs.count) inputs")
      }
      let keys = [
        try node.strings(at: 2..<2 + sparse, part: "sparse_keys"),
        try node.strings(at: 2 + sparse..<2 + sparse + dense, part: "dense_keys"),
        try node.strings(at: 0..<0, part: "ragged_keys"),
      ]
      let defaults = Array(node.inputs.suffix(dense))
      return try node.add(try node.attributes.exampleParsing(), Array(node.inputs[..<2]) + keys + defaults)
    },
    "PlaceholderWithDefault": .nodes { node throws(GraphError) in
      let shape = try node.attributes.shape("shape")
      let outputs = try node.add(PlaceholderWithDefault(shape: shape), node.inputs)
      try node.graph.widen(outputs[0], to: shape)
      return outputs
    },
  ]
}

extension NodeAttributes {
  fileprivate func exampleParsing() throws(GraphError) -> ParseExample {
    ParseExample(
      sparseTypes: try types("sparse_types"), denseTypes: try types("Tdense"), denseShapes: try shapes("dense_shapes"))
  }
}

extension NodeImport {
  /// Returns a constant vector of the strings that these inputs are, which must be constants.
  fileprivate func strings(at positions: Range<Int>, part: String) throws(GraphError) -> Tensor {
    var texts: [[UInt8]] = []
    for position in positions { texts += (try? constantInput(position).strings()) ?? [] }
    guard texts.count == positions.count, let value = try? HostTensor(strings: texts, shape: [texts.count]) else {
      throw GraphError("the keys are not constants")
    }
    return try constant(value, part: part)
  }
}
