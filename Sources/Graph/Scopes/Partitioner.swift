/// Returns into how many parts a variable is cut along each axis; more than one along one axis at most.
///
/// Source: `partitioner` of `tf.get_variable`.
public typealias Partitioner = (_ shape: [Int], _ dataType: DataType) -> [Int]

/// The usual ways to cut variables into parts.
public enum Partitioners {
  /// Returns a partitioner that makes `count` parts along an axis.
  ///
  /// Source: `tf.fixed_size_partitioner`.
  public static func fixedSize(_ count: Int, axis: Int = 0) -> Partitioner {
    { shape, _ in counts(count, axis, shape) }
  }

  /// Returns a partitioner that makes parts of at most `maxShardBytes`, unless one row of the axis has more.
  ///
  /// - Parameters:
  ///   - bytesPerStringElement: What an element of a string variable counts as.
  ///   - maxShards: How many parts there are at most.
  ///
  /// Source: `tf.variable_axis_size_partitioner`.
  public static func axisSize(
    maxShardBytes: Int, axis: Int = 0, bytesPerStringElement: Int = 16, maxShards: Int? = nil
  ) -> Partitioner {
    { shape, dataType in
      guard shape.indices.contains(axis), shape[axis] > 0 else { return counts(1, axis, shape) }
      let rowBytes = shape.reduce(1, *) / shape[axis] * (dataType.size ?? bytesPerStringElement)
      let rows = max(1, maxShardBytes / max(rowBytes, 1))
      let shards = (shape[axis] + rows - 1) / rows
      return counts(min(shards, maxShards ?? shards), axis, shape)
    }
  }

  /// Returns a partitioner that makes up to `maxPartitions` parts, each of `minSliceSize` bytes or more.
  ///
  /// Source: `tf.min_max_variable_partitioner`.
  public static func minMax(
    maxPartitions: Int = 1, axis: Int = 0, minSliceSize: Int = 256 << 10, bytesPerStringElement: Int = 16
  ) -> Partitioner {
    { shape, dataType in
      let bytes = shape.reduce(1, *) * (dataType.size ?? bytesPerStringElement)
      return counts(max(1, min(maxPartitions, bytes / max(minSliceSize, 1))), axis, shape)
    }
  }

  private static func counts(_ count: Int, _ axis: Int, _ shape: [Int]) -> [Int] {
    shape.indices.map { $0 == axis ? max(1, min(count, shape[axis])) : 1 }
  }
}

/// The place of a part in the variable that it is cut from.
public struct VariableSlice: Hashable, Sendable {
  /// The name of the whole, under which it is in checkpoints.
  public let name: String
  /// The extents of the whole.
  public let shape: [Int]
  /// The axis along which it is cut.
  public let axis: Int
  /// Where the part begins along the axis.
  public let offset: Int

  init(name: String, shape: [Int], axis: Int, offset: Int) {
    (self.name, self.shape, self.axis, self.offset) = (name, shape, axis, offset)
  }

  /// Returns the place of a part with some extents; nil unless it lies within the whole and is cut along one axis.
  package init?(name: String, shape: [Int], offsets: [Int], extents: [Int]) {
    guard !name.isEmpty, offsets.count == shape.count, extents.count == shape.count else { return nil }
    let axes = shape.indices.filter { extents[$0] != shape[$0] }
    guard shape.indices.allSatisfy({ offsets[$0] >= 0 && extents[$0] >= 0 && offsets[$0] <= shape[$0] - extents[$0] }),
      axes.count == 1
    else { return nil }
    self.init(name: name, shape: shape, axis: axes[0], offset: offsets[axes[0]])
  }
}

extension VariableFactory {
  /// Returns a variable cut into parts `name/part_0`…, read as a whole; nil if it is one piece.
  func partitioned() -> VariableValue? {
    guard let partitioner = request.partitioner else { return nil }
    let counts = partitioner(request.shape, request.dataType)
    guard counts.count == request.shape.count else {
      return refused(
        "Partitioner returned a partition list that does not match the Variable's rank: \(counts) vs. "
          + Shape(request.shape).tuple)
    }
    let axes = counts.indices.filter { counts[$0] > 1 }
    guard axes.count < 2 else {
      return refused(
        "Can only slice a variable along one dimension: shape: \(Shape(request.shape).tuple), partitioning: \(counts)")
    }
    guard let axis = axes.first else { return nil }
    guard request.dataType != .string else { return refused("Variables of strings cannot be cut into parts.") }
    let parts = parts(count: min(counts[axis], request.shape[axis]), axis)
    guard let first = parts.first else { return nil }
    let whole = BuildContext.current.with(\.nameScope, "").enter {
      concat(parts.map(\.tensor), axis: axis, name: request.name)
    }
    return VariableValue(variable: first.variable, tensor: whole, parts: parts.map(\.variable))
  }

  private func parts(count: Int, _ axis: Int) -> [VariableValue] {
    let (extent, more) = request.shape[axis].quotientAndRemainder(dividingBy: count)
    var offset = 0
    return (0..<count).map { number in
      let slice = VariableSlice(name: request.name, shape: request.shape, axis: axis, offset: offset)
      var part = request
      part.name = "\(request.name)/part_\(number)"
      part.partitioner = nil
      part.shape[axis] = extent + (number < more ? 1 : 0)
      part.initializer = slice.initializer(request.initializer ?? defaultInitializer(request.dataType))
      offset += part.shape[axis]
      part.slice = slice
      return VariableFactory(request: part, reuse: reuse).value()
    }
  }

  private func refused(_ message: String) -> VariableValue {
    graph.report(GraphError(message), site: BuildContext.current.site)
    return poisoned()
  }
}

extension VariableSlice {
  /// Returns the place of something that belongs to the part, such as an optimizer's slot, in what belongs to the whole.
  package func named(_ name: String) -> VariableSlice {
    VariableSlice(name: name, shape: shape, axis: axis, offset: offset)
  }

  /// Returns the initial values of the part: those of the whole, whose extents decide how large they are.
  fileprivate func initializer(_ whole: @escaping Initializer) -> Initializer {
    { part, dataType in
      let begin = part.indices.map { $0 == axis ? offset : 0 }
      return EspalierGraph.slice(whole(shape, dataType), begin: begin, size: part)
    }
  }
}
