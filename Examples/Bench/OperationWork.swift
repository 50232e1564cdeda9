import Espalier

/// One operation on resident inputs.
struct OperationWork {
  static let names = [
    "conv2d", "conv2d-input-gradient", "conv2d-filter-gradient", "matmul", "max-pool", "average-pool", "batch-norm",
    "relu", "softmax",
  ]

  private let operation: String
  private let shape: [Int]
  private let filter: [Int]
  private let strides: Int

  /// Returns the operation that the options ask for.
  ///
  /// - Throws: `UsageError` if the extents are none.
  init(_ options: Options) throws(UsageError) {
    operation = options.operation
    shape = try Self.extents(options.shape, "shape")
    filter = try Self.extents(options.filter, "filter")
    strides = options.strides
    let rank = operation == "matmul" || operation == "softmax" ? 2 : 4
    guard shape.count == rank || operation == "relu" else {
      throw UsageError("--shape must have \(rank) extents for \(operation)")
    }
  }

  private static func extents(_ text: String, _ name: String) throws(UsageError) -> [Int] {
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard extents.allSatisfy({ $0 > 0 }) else { throw UsageError("--\(name) must be extents, 128x32x32x16") }
    return extents
  }

  func contestant(threads: Int) throws -> any Contestant {
    try GraphSteps(operation, unitsPerStep: 1, threads: threads) {
      var feeding: [Tensor: HostTensor] = [:]
      func resident(_ shape: [Int]) -> Tensor {
        var noise = Noise()
        let values = (0..<shape.reduce(1, *)).map { _ in noise.next() / 256 - 0.5 }
        let tensor = placeholder(shape: Shape(shape.map(Optional.some)))
        feeding[tensor] = try? HostTensor(values, shape: shape)
        return tensor
      }
      let result = try result(resident)
      // The result stays in the plan's memory: fetching it would copy it.
      return GraphSteps.Work(targets: [result.node], feeding: feeding)
    }
  }

  private func result(_ resident: ([Int]) -> Tensor) throws -> Tensor {
    let x = resident(shape)
    switch operation {
    case "matmul": return matMul(x, resident(filter))
    case "max-pool": return maxPool2D(x, size: (strides + 1, strides + 1), strides: (strides, strides), padding: .same)
    case "average-pool": return averagePool2D(x, size: (strides, strides), strides: (strides, strides))
    case "batch-norm":
      let channels = [shape[3]]
      return fusedBatchNorm(x, scale: resident(channels), offset: resident(channels), isTraining: true).y
    case "relu": return relu(x)
    case "softmax": return softmax(x)
    default: return try convolution(x, resident)
    }
  }

  private func convolution(_ x: Tensor, _ resident: ([Int]) -> Tensor) throws -> Tensor {
    let weights = resident(filter)
    let y = conv2D(x, filter: weights, strides: (strides, strides))
    guard operation != "conv2d", let shape = y.shape.known else { return y }
    let variable = operation == "conv2d-input-gradient" ? x : weights
    let gradients = try Espalier.gradients(of: [y], withRespectTo: [variable], gradYs: [resident(shape)])
    return gradients.first.flatMap { $0 } ?? y
  }
}
