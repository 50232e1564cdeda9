import CKernels
import EspalierGraph

extension Pass {
  /// Computes cheap pointwise results anew wherever they are used, instead of storing them.
  ///
  ///     %2 = Fused[relu(#0 * #1 + #2)](%y, %a, %b)          %3 = Conv2D(%2, %w)
  ///     %3 = Conv2D(%2, %w)                             →   %4 = Fused[relu_grad(#0, relu(#1 * #2 + #3))](%d, %y, …)
  ///     %4 = Fused[relu_grad(#0, #1)](%d, %2)               where %2 is left to the convolutions
  ///
  /// Only what is computed from one tensor, which is stored anyway, and only if all that use it can do so: clusters, and
  /// convolutions that take in clusters.
  static let recompute = Pass("recompute") { program, _ throws(ExecutionError) in
    var joining = Joining(program)
    for index in program.nodes.indices { joining.recompute(index) }
    program = try joining.finished()
  }
}

extension Joining {
  fileprivate mutating func recompute(_ index: Int) {
    guard isRecomputable(index), let producer = cluster(index) else { return }
    let value = TensorID(node: index, index: 0)
    for reader in readers(of: value) {
      guard let consumer = cluster(reader), let input = nodes[reader].inputs.firstIndex(of: value) else { continue }
      var node = nodes[reader]
      var inputs = InputList(node.inputs)
      let numbers = nodes[index].inputs.map { inputs.number(of: $0) }
      let grown = consumer.inlining(producer, for: input, inputs: numbers)
      // The input that is loaded no more goes, and those after it move up.
      let kept = inputs.values.indices.filter { $0 != input }
      node.inputs = kept.map { inputs.values[$0] }
      node.operation = grown.renumbered(
        inputs: { kept.firstIndex(of: $0) ?? $0 }, outputs: { $0 }, grown.outputs)
      node.control = Set(node.control + nodes[index].control).sorted()
      replace(reader, by: node)
    }
    dropIfUnused(index)
  }

  /// Whether all that use the only result of a node can compute it themselves.
  private func isRecomputable(_ index: Int) -> Bool {
    guard let producer = cluster(index), producer.isCheap, !isFinish(index) else { return false }
    let value = TensorID(node: index, index: 0)
    let all = readers(of: value)
    guard !isFetched(value), !all.isEmpty, all.contains(where: { cluster($0) == nil }) else { return false }
    return all.allSatisfy { reader in
      if let consumer = cluster(reader) {
        guard consumer.extents == producer.extents, let input = nodes[reader].inputs.firstIndex(of: value) else {
          return false
        }
        return consumer.loadsElements(of: input)
          && consumer.inlining(
            producer, for: input, inputs: Array(1000..<1000 + nodes[index].inputs.count)
          ).fitsTheMachine
      }
      return takes(value, reader)
    }
  }

  /// Whether a cluster will rather follow the convolution before it.
  private func isFinish(_ index: Int) -> Bool {
    nodes[index].inputs.contains { input in
      canFinish(input, index) && !isNeeded(input, besides: index)
    }
  }
}

extension Cluster {
  /// Whether computing it takes no longer than loading its result.
  var isCheap: Bool {
    stores.count == 1 && sums.isEmpty && fullInputs.count == 1 && instructions.count <= 6
      && instructions.allSatisfy { Self.cheap.contains(Int($0.opcode)) }
      && outputs[0].dataType == type && loads.allSatisfy { $0.dataType == type }
  }

  private static let cheap: Set<Int> = [
    ESP_OP_ADD, ESP_OP_SUB, ESP_OP_MUL, ESP_OP_RELU, ESP_OP_MAX, ESP_OP_MIN, ESP_OP_NEG, ESP_OP_SQUARE,
    ESP_OP_GREATER, ESP_OP_GREATER_EQUAL, ESP_OP_LESS, ESP_OP_LESS_EQUAL, ESP_OP_SELECT, ESP_OP_RELU_GRAD,
  ]
}
