import EspalierGraph

/// When a kernel ran, and what it computed.
package struct KernelTime: Sendable {
  /// The kernel, `conv_forward`.
  package let kernel: String
  /// The path of the node.
  package let node: String
  /// The TensorFlow name of the operation.
  package let operation: String
  /// The paths of the nodes whose values it takes.
  package let inputs: [String]
  /// The bytes of what it gives.
  package let byteCount: Int
  /// Microseconds since the recorder was made.
  package let start: Double
  /// Microseconds that it took.
  package let duration: Double
}

/// Writes down how long each kernel takes.
package final class KernelRecorder: StepObserver {
  /// The kernels in the order in which they ran.
  package private(set) var times: [KernelTime] = []
  private let begin = Instruments.now()

  package init() {}

  package func run(_ step: ObservedStep) throws(ExecutionError) {
    let start = Instruments.now()
    try step.run()
    let end = Instruments.now()
    let node = step.description.node
    times.append(
      KernelTime(
        kernel: step.description.kernel.name, node: node.name, operation: node.operation.name,
        inputs: node.inputs.map { step.program.nodes[$0.node].name },
        byteCount: node.outputs.reduce(0) { $0 + $1.byteCount }, start: Double(start - begin) / 1000,
        duration: Double(end - start) / 1000))
  }
}
