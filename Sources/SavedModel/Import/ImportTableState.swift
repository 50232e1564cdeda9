import EspalierGraph

extension ImportTable {
  /// Variables and what changes them. Resource variables become the same as reference variables.
  static let state: [String: ImportRow] = {
    var rows: [String: ImportRow] = [
      "VariableV2": variable, "Variable": variable, "VarHandleOp": variable,
      "ReadVariableOp": .plain(Identity()),
      "Assign": assignment(Assign(), isResource: false),
      "AssignAdd": assignment(AssignAdd(), isResource: false),
      "AssignSub": assignment(AssignSub(), isResource: false),
      "AssignVariableOp": assignment(Assign(), isResource: true),
      "AssignAddVariableOp": assignment(AssignAdd(), isResource: true),
      "AssignSubVariableOp": assignment(AssignSub(), isResource: true),
    ]
    for (name, make) in updates {
      rows[name] = .operation { a throws(GraphError) in try make(a) }
      rows["Resource" + name] = .nodes { node throws(GraphError) in
        try node.add(try make(node.attributes), node.inputs)
        return []
      }
    }
    return rows
  }()

  private static let variable = ImportRow.operation { a throws(GraphError) in
    guard let shape = try a.shape("shape").known else { throw GraphError("a variable needs a known shape") }
    return VariableV2(dataType: try a.type("dtype"), shape: shape)
  }

  private static func assignment(_ operation: any Operation, isResource: Bool) -> ImportRow {
    .nodes { node throws(GraphError) in
      node.attributes.ignore("validate_shape")
      let outputs = try node.add(operation, node.inputs)
      return isResource ? [] : outputs
    }
  }

  private static let updates: [String: @Sendable (NodeAttributes) throws(GraphError) -> any Operation] = [
    "ApplyGradientDescent": { _ throws(GraphError) in ApplyGradientDescent() },
    "ApplyProximalGradientDescent": { _ throws(GraphError) in ApplyProximalGradientDescent() },
    "ApplyProximalAdagrad": { _ throws(GraphError) in ApplyProximalAdagrad() },
    "ApplyAdagradDA": { _ throws(GraphError) in ApplyAdagradDA() },
    "ApplyMomentum": { a throws(GraphError) in ApplyMomentum(useNesterov: try a.bool("use_nesterov", false)) },
    "ApplyAdam": { a throws(GraphError) in ApplyAdam(useNesterov: try a.bool("use_nesterov", false)) },
    "ApplyAdagrad": { a throws(GraphError) in
      guard try a.bool("update_slots", true) else { throw GraphError("attribute update_slots is not true") }
      return ApplyAdagrad()
    },
    "ApplyAdadelta": { _ throws(GraphError) in ApplyAdadelta() },
    "ApplyFtrl": { a throws(GraphError) in
      guard try !a.bool("multiply_linear_by_lr", false) else {
        throw GraphError("attribute multiply_linear_by_lr is not supported")
      }
      return ApplyFtrl()
    },
    "ApplyRMSProp": { _ throws(GraphError) in ApplyRMSProp() },
    "ApplyCenteredRMSProp": { _ throws(GraphError) in ApplyCenteredRMSProp() },
  ]

  /// Operations that are others here.
  static let renamed: [String: ImportRow] = [
    "Add": .plain(Add()),
    "AccumulateNV2": .operation { a throws(GraphError) in
      a.ignore("shape")
      return AddN()
    },
    "Snapshot": .plain(Identity()),
    "Inv": .plain(Reciprocal()),
    "Mod": .plain(TruncateMod()),
    "Div": .nodes { node throws(GraphError) in
      let isInteger = node.inputs.first?.dataType.isInteger == true
      return try node.add(isInteger ? TruncateDiv() : RealDiv(), node.inputs)
    },
    // Axis first, or an attribute where a later version has an input.
    "Concat": .nodes { node throws(GraphError) in
      guard let axis = node.inputs.first else { throw GraphError("there are no inputs") }
      return try node.add(ConcatV2(), Array(node.inputs.dropFirst()) + [axis])
    },
    "Gather": .nodes { node throws(GraphError) in
      node.attributes.ignore("validate_indices")
      let axis = try node.constant(HostTensor(Int32(0)), part: "axis")
      return try node.add(GatherV2(), node.inputs + [axis])
    },
    "ResourceGather": .nodes { node throws(GraphError) in
      node.attributes.ignore("validate_indices")
      guard try node.attributes.int("batch_dims", 0) == 0 else { throw GraphError("attribute batch_dims is not 0") }
      let axis = try node.constant(HostTensor(Int32(0)), part: "axis")
      return try node.add(GatherV2(), node.inputs + [axis])
    },
    "InTopK": .nodes { node throws(GraphError) in
      let k = try node.constant(HostTensor(Int32(clamping: try node.attributes.int("k"))), part: "k")
      return try node.add(InTopK(), node.inputs + [k])
    },
    "TopK": .nodes { node throws(GraphError) in
      let k = try node.constant(HostTensor(Int32(clamping: try node.attributes.int("k"))), part: "k")
      return try node.add(TopKV2(sorted: try node.attributes.bool("sorted", true)), node.inputs + [k])
    },
    "ShapeN": .nodes { node throws(GraphError) in
      let type = try node.attributes.type("out_type", .int32)
      return try node.eachInput { _ in ShapeOf(outType: type) }
    },
    "IdentityN": .operation { a throws(GraphError) in
      a.ignore("T")
      return IdentityN()
    },
    // A check that only stops a run, and often compares what shape rules know already.
    "Assert": .nodes { node throws(GraphError) in
      node.attributes.ignore("T", "summarize")
      return try node.add(NoOp(), [])
    },
  ]
}

extension NodeImport {
  /// Returns one output for each input, from nodes of their own.
  fileprivate func eachInput(
    _ operation: (Int) -> any Operation
  ) throws(GraphError) -> [Tensor] {
    var outputs: [Tensor] = []
    for (index, input) in inputs.enumerated() { outputs += try add(operation(index), [input], part: "\(index)") }
    // Others may have to run after the node as a whole.
    _ = try BuildContext.current.with(\.control, outputs.map(\.node)).enter { () throws(GraphError) in
      try add(NoOp(), [])
    }
    return outputs
  }
}
