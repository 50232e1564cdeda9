import EspalierGraph

extension Session {
  /// Returns the feeds in the order of their tensors, checked against what the graph says of them.
  func orderedFeeds(
    _ feeding: [Tensor: HostTensor]
  ) throws(ExecutionError) -> [(tensor: Tensor, value: HostTensor)] {
    for (tensor, value) in feeding { try check(value, for: tensor) }
    return feeding.sorted { ($0.key.id.node, $0.key.id.index) < ($1.key.id.node, $1.key.id.index) }
      .map { ($0.key, $0.value) }
  }

  private func check(_ value: HostTensor, for tensor: Tensor) throws(ExecutionError) {
    guard tensor.graph === graph, !tensor.isPoisoned else {
      throw ExecutionError(
        "Cannot interpret feed_dict key as Tensor: Tensor \(tensor) is not an element of this graph.")
    }
    let type = tensor.type
    guard value.dataType == type.dataType else {
      throw placed(
        ExecutionError(
          "Cannot feed value of type \(value.dataType) for Tensor \(tensor.name), which has type \(type.dataType)"),
        tensor.node)
    }
    guard type.shape.isCompatible(with: Shape(value.shape)) else {
      throw placed(
        ExecutionError(
          "Cannot feed value of shape \(Shape(value.shape).tuple) for Tensor \(tensor.name), "
            + "which has shape \(type.shape.tuple)"), tensor.node)
    }
  }

  /// Returns the tensor if this session can fetch it.
  func fetchable(_ tensor: Tensor) throws(ExecutionError) -> Tensor {
    guard tensor.graph === graph, !tensor.isPoisoned else {
      throw ExecutionError("Fetch argument \(tensor) cannot be interpreted as a Tensor: it is not in this graph.")
    }
    return tensor
  }

  /// Returns the node if this session can run it.
  func runnable(_ node: Node) throws(ExecutionError) -> Node {
    guard node.graph === graph, !node.isPoisoned else {
      throw ExecutionError("Fetch argument \(node) cannot be interpreted as an Operation: it is not in this graph.")
    }
    return node
  }

  private func placed(_ error: ExecutionError, _ node: Node) -> ExecutionError {
    error.located(operation: node.operation.name, node: node.name, site: node.site)
  }
}
