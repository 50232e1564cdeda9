import EspalierGraph

/// A tensor, or the name by which it is found when the graph is complete.
public enum TensorReference: ExpressibleByStringLiteral {
  /// A tensor of the graph.
  case tensor(Tensor)
  /// The name of a tensor, `tower_0/loss:0`; without a number, output 0 is meant.
  case name(String)

  public init(stringLiteral value: String) {
    self = .name(value)
  }

  /// Returns the tensor.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if there is none of that name.
  public func resolved(in graph: Graph) throws(EstimatorError) -> Tensor {
    switch self {
    case .tensor(let tensor): return tensor
    case .name(let name):
      guard let tensor = graph.tensor(named: name) else {
        let known = graph.nodes.map(\.name)
        let hint = NearestNames.hint(for: name, among: known)
        throw .invalidArgument("The name '\(name)' refers to a Tensor which does not exist in the graph.\(hint)")
      }
      return tensor
    }
  }
}
