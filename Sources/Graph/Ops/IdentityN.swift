/// Returns its inputs as they are; the node to which a gradient of one's own is attached.
public struct IdentityN: Operation {
  public static let tfName = "IdentityN"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { inputs }

  public func gradient(_ node: Node, _ upstream: [Tensor?]) -> [Tensor?] { upstream }

  public func decomposition(_ inputs: [Tensor]) -> [Tensor]? { inputs }
}

/// Returns tensors with the values of `tensors`.
///
/// Source: `tf.identity_n`.
public func identityN(
  _ tensors: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> [Tensor] {
  apply(IdentityN(), to: tensors, name: name, outputs: tensors.count, file: file, line: line)
}

/// Returns tensors with the values of `tensors`, each of which is there only when all of them are computed; nil stays
/// nil. That all of them are nil is a mistake of the graph.
///
/// - Parameter controlInputs: Further nodes that have to run before.
///
/// Source: `tf.tuple`.
public func tuple(
  _ tensors: [Tensor?], controlInputs: [Node] = [], name: String = "tuple", file: StaticString = #fileID,
  line: Int = #line
) -> [Tensor?] {
  BuildContext.at(file, line) {
    nameScope(name) {
      guard tensors.contains(where: { $0 != nil }) else {
        let none = tensors.map { _ in "None" }.joined(separator: ", ")
        return [failedTensor("'tensors' must have at least one Tensor. Received: [\(none)].")]
      }
      let nodes = Set(tensors.compactMap { $0?.node } + controlInputs).sorted { $0.id < $1.id }
      let gate = group(nodes)
      return tensors.map { tensor in
        guard let tensor else { return nil }
        return withColocation(with: tensor.node) {
          withControlDependencies(on: [gate]) { identity(tensor, name: "control_dependency") }
        }
      }
    }
  }
}
