import EspalierGraph

/// What the fusion pass sees of a node that can be part of a cluster.
struct Fusible {
  enum Role {
    /// One scalar function of the elements of the inputs.
    case map(PointwiseOpcode)
    /// A store to a variable.
    case assign
    case reduce(ReductionKind, Cluster.Scope, scale: Double)
  }

  var role: Role
  /// The shape that the cluster runs over.
  var extents: [Int]
  /// The type that it computes in; nil if any will do.
  var type: DataType?
  /// The length of the rows that a reduction sees; nil if it does not matter.
  var rowLength: Int?

  /// Returns nil for nodes that cannot be part of a cluster.
  init?(_ node: Program.Node, _ inputs: [TensorType]) {
    guard let output = node.outputs.first, let shape = output.shape.known, node.outputs.count == 1 else { return nil }
    extents = shape
    switch (node.operation, node.operation.fusion) {
    case (is Assign, _):
      guard let type = output.dataType.computeType else { return nil }
      role = .assign
      self.type = type
    case (is BroadcastTo, _), (is Copy, _):
      guard let type = output.dataType.computeType else { return nil }
      role = .map(.identity)
      self.type = output.dataType == .bool ? nil : type
    case (_, .pointwise(let opcode)):
      guard let type = opcode.computeType(inputs.map(\.dataType), output.dataType),
        Cluster(node.operation, inputs: inputs, outputs: node.outputs) != nil
      else { return nil }
      role = .map(opcode)
      let onlyTruth = output.dataType == .bool && inputs.allSatisfy { $0.dataType == .bool }
      self.type = opcode.isLogical && onlyTruth ? nil : type
    case (_, .reduction(let kind)):
      guard let made = Self(kind, inputs, output) else { return nil }
      self = made
    default: return nil
    }
    guard extents.reduce(1, *) > 0 else { return nil }
  }

  /// Returns nil unless the reduced axes are all, the first or the last ones.
  private init?(_ kind: ReductionKind, _ inputs: [TensorType], _ output: TensorType) {
    guard inputs.count == 2, let shape = inputs[0].shape.known, let axes = inputs[1].knownValue,
      let type = output.dataType.computeType, type == output.dataType, inputs[0].dataType == type,
      kind != .mean || type.isFloating
    else { return nil }
    let reduced = Set(axes.map { $0 < 0 ? $0 + shape.count : $0 })
    let matter = shape.indices.filter { shape[$0] != 1 }
    let first = matter.prefix { reduced.contains($0) }
    let last = matter.reversed().prefix { reduced.contains($0) }
    let count = matter.count { reduced.contains($0) }
    let taken = matter.filter { reduced.contains($0) }.reduce(1) { $0 * shape[$1] }
    let kept = shape.reduce(1, *) / max(taken, 1)
    let scope: Cluster.Scope
    if kind == .variance {
      guard first.count == count, count > 0 else { return nil }
      scope = .rows
      rowLength = kept
    } else if count == matter.count {
      scope = .all
    } else if first.count == count, count > 0 {
      scope = .rows
      rowLength = kept
    } else if last.count == count, count > 0 {
      scope = .eachRow
      rowLength = taken
    } else {
      return nil
    }
    extents = shape
    self.type = type
    role = .reduce(kind, scope, scale: kind == .mean ? 1 / Double(taken) : 1)
  }

  /// Whether its result can be used by others of the same cluster: it is an element for each element, and the same
  /// number in registers as in memory.
  func givesElements(_ output: TensorType) -> Bool {
    if case .reduce = role { return false }
    return output.dataType == .bool || output.dataType == type
  }
}
