import EspalierGraph

/// A tensor that a checkpoint has in parts, as TensorFlow writes variables that a partitioner cut: readers see it whole,
/// and need not read all of it for a part.
///
/// Source: `tf.Variable.SaveSliceInfo`, `BundleWriter::AddSlice` in `tensorflow/core/util/tensor_bundle`.
public struct PartitionedTensor: Sendable {
  /// A box of the whole.
  public struct Part: Sendable {
    /// Where it begins along each axis.
    public let offset: [Int]
    /// Its elements.
    public let value: HostTensor

    /// Returns a part.
    public init(offset: [Int], value: HostTensor) {
      self.offset = offset
      self.value = value
    }
  }

  /// The extents of the whole.
  public let shape: [Int]
  /// The parts, in any order.
  public var parts: [Part]

  /// Returns a tensor in parts.
  public init(shape: [Int], parts: [Part]) {
    self.shape = shape
    self.parts = parts
  }

  /// Throws unless all parts are of one type, and lie within the whole.
  func check(_ name: String, file: String) throws(FormatError) {
    for part in parts {
      let (offset, extents) = (part.offset, part.value.shape)
      let fits =
        offset.count == shape.count && extents.count == shape.count
        && shape.indices.allSatisfy { offset[$0] >= 0 && offset[$0] + extents[$0] <= shape[$0] }
      guard fits, part.value.dataType == parts[0].value.dataType, part.value.dataType != .string else {
        throw FormatError(
          .invalidArgument, file: file, "a part of \(name), \(part.value.type) at \(offset), does not fit into \(shape)"
        )
      }
    }
  }
}
