import EspalierGraph

extension Assign: CPUOperation {
  // The output lies where the variable does.
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard inputs.count == 2, let output = outputs.first else { throw ExecutionError("Assign takes 2 inputs") }
    return Kernel(copying: output.byteCount, from: 1)
  }
}
