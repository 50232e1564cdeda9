import EspalierGraph

extension Pass {
  /// Takes operations apart into the simpler ones that they say they are made of, until none is left that does.
  ///
  ///     %2 = ApplyGradientDescent(%v, %rate, %g)   →   %2 = Mul(%rate, %g); %3 = Sub(%v, %2); %4 = Assign(%v, %3)
  static let decompose = Pass("decompose", isRequired: true) { program, _ throws(ExecutionError) in
    try program.rewrite { node, rewriter throws(ExecutionError) in
      try rewriter.emitParts(of: node)
    }
  }
}

/// What stands for an input of an operation that is taken apart.
private struct Argument: NonDifferentiable {
  static let tfName = "Argument"
  let type: TensorType

  var effect: Effect { .stateful }
  func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { [type] }
}

extension Rewriter {
  /// Emits `node`, or what it is made of.
  fileprivate mutating func emitParts(of node: Program.Node) throws(ExecutionError) -> [TensorID] {
    let scratch = Graph()
    let arguments = node.inputs.map { input in
      Tensor(scratch.node(Argument(type: type(of: input)), name: "argument", site: node.site))
    }
    let operation = node.operation
    let results = withGraph(scratch) { operation.decomposition(arguments) }
    guard let results else { return emit(node) }
    if let mistake = scratch.diagnostics.first {
      throw ExecutionError("cannot be taken apart: \(mistake.message)", kind: .unknown)
        .located(operation: node.operation.name, node: node.name, site: node.site)
    }
    return try splice(scratch, results, in: node)
  }

  private mutating func splice(
    _ scratch: Graph, _ results: [Tensor], in node: Program.Node
  ) throws(ExecutionError) -> [TensorID] {
    var values: [TensorID: TensorID] = [:]
    for (index, input) in node.inputs.enumerated() { values[TensorID(node: index, index: 0)] = input }
    // The last value of each variable, by the number of the input that it came in by.
    var latest: [Int: TensorID] = [:]
    for (id, record) in scratch.records.enumerated().dropFirst(node.inputs.count) {
      var part = Program.Node(
        operation: record.operation, inputs: record.inputs.map { values[$0] ?? $0 }, control: node.control,
        outputs: record.outputs, name: "\(node.name)/\(record.name)", site: node.site)
      if case .writes(let positions) = record.operation.effect {
        for position in positions { _ = part.recordWrite(of: position, type(of: part.inputs[position]), node: id) }
      }
      let outputs = try emitParts(of: part)
      for (index, output) in outputs.enumerated() { values[TensorID(node: id, index: index)] = output }
      for write in part.writes where record.inputs[write.input].node < node.inputs.count {
        latest[record.inputs[write.input].node] = outputs[write.output]
      }
    }
    var outputs = results.map { values[$0.id] ?? $0.id }
    for write in node.writes where write.output >= outputs.count {
      outputs.append(latest[write.input] ?? node.inputs[write.input])
    }
    return outputs
  }
}
