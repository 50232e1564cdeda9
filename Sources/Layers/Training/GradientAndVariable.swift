import EspalierGraph

/// A gradient and the variable that it belongs to: what an optimizer computes and applies.
public struct GradientAndVariable {
  /// The gradient, of the shape of the variable; nil where no loss depends on it.
  public var gradient: Tensor?
  /// The variable.
  public let variable: Variable
  /// Which rows of the variable the gradient is about, `[rows]` of `bool`; nil means all.
  let rows: Tensor?

  /// Returns a pair.
  public init(_ gradient: Tensor?, _ variable: Variable) {
    self.gradient = gradient
    self.variable = variable
    rows = nil
  }

  /// Returns a pair for a gradient of which only some rows are given; the others are left as they are, with their
  /// slots (except by Adam, which lets the moments of all rows decay).
  public init(_ slices: IndexedSlices, _ variable: Variable) {
    gradient = slices.dense(shape: variable.shape)
    self.variable = variable
    rows = slices.mask(rows: variable.shape.first ?? 0)
  }
}

/// Rows of a tensor whose other rows are zero: the gradient of a table of which few rows were looked up.
///
/// Source: `tf.IndexedSlices`.
public struct IndexedSlices {
  /// The rows, `[N, …]`.
  public let values: Tensor
  /// Which rows they are, `[N]`; where a number occurs twice, its rows are added up.
  public let indices: Tensor

  /// Returns rows of a tensor.
  public init(values: Tensor, indices: Tensor) {
    self.values = values
    self.indices = indices
  }

  /// Returns the whole tensor, of this shape.
  public func dense(shape: [Int]) -> Tensor {
    scatterNd(indices: expandDims(indices, axis: -1), updates: values, shape: shape)
  }

  /// Returns which of the rows are named at all.
  func mask(rows: Int) -> Tensor {
    let places = expandDims(indices, axis: -1)
    let counts = scatterNd(indices: places, updates: ones(like: cast(indices, to: .float32)), shape: [rows])
    return greater(counts, zeros(like: counts))
  }
}

/// Returns the mean of the gradients of several towers, variable by variable, in the order of the first tower.
///
/// A tower that has no gradient for a variable does not count. The mean is computed on the variable's device.
///
/// - Parameter towers: The gradients of each tower, with respect to shared variables.
///
/// Source: `gradient_averaging` of TensorFlow's CIFAR-10 estimator tutorial.
public func averageGradients(
  _ towers: [[GradientAndVariable]], file: StaticString = #fileID, line: Int = #line
) -> [GradientAndVariable] {
  building(in: towers.first?.first?.variable.graph, file, line) {
    nameScope("gradient_averaging") {
      var order: [Variable] = []
      var gradients: [Variable: [Tensor]] = [:]
      for pair in towers.joined() {
        guard let gradient = pair.gradient else { continue }
        if gradients[pair.variable] == nil { order.append(pair.variable) }
        gradients[pair.variable, default: []].append(gradient)
      }
      return order.map { variable in GradientAndVariable(mean(gradients[variable] ?? [], on: variable), variable) }
    }
  }
}

private func mean(_ gradients: [Tensor], on variable: Variable) -> Tensor? {
  guard gradients.count > 1 else { return gradients.first }
  return withDevice(variable.handle.node.device) { addN(gradients) * (1 / Double(gradients.count)) }
}
