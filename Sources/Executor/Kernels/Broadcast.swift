import EspalierGraph

extension BroadcastTo: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let output = outputs.first, let extents = output.shape.known, let type = output.dataType.computeType else {
      throw ExecutionError("BroadcastTo of \(inputs[0].dataType) is not defined", kind: .unimplemented)
    }
    var cluster = Cluster(type: type, extents: extents)
    cluster.stores = [Cluster.Store(value: cluster.load(0, inputs[0]), output: 0)]
    cluster.outputs = outputs
    return try cluster.kernel(inputs: inputs, outputs: outputs)
  }
}
