/// What is known of a tensor before it is computed: its element type, its shape, and, for small integer tensors that
/// describe shapes, as much of its value as follows from the shapes of other tensors.
public struct TensorType: Hashable, Sendable {
  /// The element type.
  public let dataType: DataType
  /// The shape, possibly with unknown extents.
  public let shape: Shape
  /// The elements of a small integer tensor, in row-major order, as far as they are known; nil if nothing is known of
  /// them.
  ///
  /// `shape(x)` of `x: [?, 28]` has the value `[nil, 28]`, so that `reshape(y, shape(x))` has a partial shape when the
  /// graph is built and a full one when a plan is made.
  public let value: [Int?]?

  /// The largest number of elements whose values are followed.
  package static let largestValue = 256

  /// Returns a type.
  public init(_ dataType: DataType, _ shape: Shape = .unknown, value: [Int?]? = nil) {
    self.dataType = dataType
    self.shape = shape
    self.value = value
  }

  /// All elements of the value, or nil unless every one is known.
  package var knownValue: [Int]? {
    guard let value else { return nil }
    let known = value.compactMap { $0 }
    return known.count == value.count ? known : nil
  }
}

extension TensorType: CustomStringConvertible {
  /// The type as in `float32[?,28,28,3]`.
  public var description: String { "\(dataType)\(shape)" }
}
