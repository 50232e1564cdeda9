import EspalierGraph

/// What an anchor does to each element of its result before it stores it:
/// `activation(result + bias + residual)`.
package struct Epilogue: Hashable, Sendable {
  /// A function applied last.
  package enum Activation: Hashable, Sendable {
    case none, relu
  }

  /// Whether a vector along the last axis is added: the first input after the operation's own.
  package var bias = false
  /// Whether a tensor like the result is added: the input after that. It may lie in the memory of the output.
  package var residual = false
  /// What is applied last.
  package var activation = Activation.none

  package init(bias: Bool = false, residual: Bool = false, activation: Activation = .none) {
    self.bias = bias
    self.residual = residual
    self.activation = activation
  }

  /// Whether nothing is done.
  package var isEmpty: Bool { self == Epilogue() }
}

/// A convolution or matrix product whose kernel can do pointwise work on its result on the way to memory.
package protocol AnchorOperation: CPUOperation {
  /// Returns whether the kernel for these types can do what `epilogue` asks. `inputs` are the operation's own.
  func accepts(_ epilogue: Epilogue, inputs: [TensorType], outputs: [TensorType]) -> Bool

  /// Returns the kernel; the inputs of `epilogue` follow the operation's own, which `inputs` are.
  func kernel(
    inputs: [TensorType], outputs: [TensorType], epilogue: Epilogue
  ) throws(ExecutionError) -> Kernel
}

extension AnchorOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try kernel(inputs: inputs, outputs: outputs, epilogue: Epilogue())
  }
}
