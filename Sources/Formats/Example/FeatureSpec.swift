import EspalierGraph

/// What `parseExamples` makes of one feature.
public enum FeatureSpec: Hashable, Sendable {
  /// A tensor of this shape from every example; `defaultValue` (a scalar or a tensor of that shape) where the feature
  /// is missing, an error if there is none. Source: `tf.io.FixedLenFeature`.
  case fixedLength(shape: [Int], DataType, defaultValue: HostTensor? = nil)
  /// As many values as each example has. Source: `tf.io.VarLenFeature`.
  case variableLength(DataType)
  /// Rows of this shape, as many as each example has, padded with `defaultValue` (a scalar; zero or empty if nil) to
  /// the longest. Source: `tf.io.FixedLenSequenceFeature` with `allow_missing`.
  case fixedLengthSequence(shape: [Int], DataType, defaultValue: HostTensor? = nil)
  /// A sparse vector of `size` from two features, its indices and its values. Source: `tf.io.SparseFeature`.
  case sparse(indexKey: String, valueKey: String, DataType, size: Int)
}

/// A feature of several examples together.
public enum ParsedFeature: Hashable, Sendable {
  /// A tensor with the examples along its first axis.
  case dense(HostTensor)
  /// The values that are there, and where.
  case sparse(SparseValues)
}

/// A tensor of which most elements are nothing; of parsed features, a matrix of examples and positions.
///
/// Source: `tf.SparseTensor`.
public struct SparseValues: Hashable, Sendable {
  /// The place of every value, an index for each axis, in order.
  public let indices: [[Int]]
  /// The values: `[indices.count]`.
  public let values: HostTensor
  /// The extents of all axes.
  public let denseShape: [Int]

  /// Returns a tensor with these values at these places.
  public init(indices: [[Int]], values: HostTensor, denseShape: [Int]) {
    self.indices = indices
    self.values = values
    self.denseShape = denseShape
  }
}
