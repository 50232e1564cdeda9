/// The extents of a tensor as far as they are known: each extent may be unknown, or even the rank.
///
/// Literals read as in TensorFlow: `[nil, 28, 28, 3]` is a batch of any size. `Shape.unknown` has no known rank;
/// `[]` is a scalar.
///
/// Source: `tf.TensorShape`.
public struct Shape: Hashable, Sendable {
  /// The extents, nil where unknown; nil as a whole if the rank is unknown.
  public let extents: [Int?]?

  /// Returns a shape with these extents.
  public init(_ extents: [Int?]) {
    self.extents = extents
  }

  /// Returns a fully known shape.
  public init(_ extents: [Int]) {
    self.extents = extents.map(Optional.some)
  }

  private init(unknownRank: Void) {
    extents = nil
  }

  /// The shape of which nothing is known.
  public static let unknown = Shape(unknownRank: ())
  /// The shape of a scalar.
  public static let scalar = Shape([Int?]())

  /// Returns a shape of which only the rank is known.
  public static func unknown(rank: Int) -> Shape {
    Shape([Int?](repeating: nil, count: rank))
  }

  /// The number of extents, or nil if it is unknown.
  public var rank: Int? { extents?.count }

  /// All extents, or nil unless every one is known.
  public var known: [Int]? {
    guard let extents else { return nil }
    var result: [Int] = []
    result.reserveCapacity(extents.count)
    for extent in extents {
      guard let extent else { return nil }
      result.append(extent)
    }
    return result
  }

  /// The number of elements, or nil unless every extent is known.
  public var count: Int? { known?.reduce(1, *) }

  /// Whether every extent is known.
  public var isKnown: Bool { known != nil }

  /// Returns extent number `axis`, counted from the end if negative; nil if it is unknown or out of range.
  public subscript(axis: Int) -> Int? {
    guard let extents else { return nil }
    let index = axis < 0 ? axis + extents.count : axis
    return extents.indices.contains(index) ? extents[index] : nil
  }

  /// Returns whether some tensor could have both shapes.
  public func isCompatible(with other: Shape) -> Bool {
    merged(with: other) != nil
  }

  /// Returns what both shapes say together, or nil if they contradict each other.
  public func merged(with other: Shape) -> Shape? {
    guard let mine = extents else { return other }
    guard let theirs = other.extents else { return self }
    guard mine.count == theirs.count else { return nil }
    var result: [Int?] = []
    for (a, b) in zip(mine, theirs) {
      if let a, let b, a != b { return nil }
      result.append(a ?? b)
    }
    return Shape(result)
  }

  /// Returns the shape of both operands broadcast against each other, or nil if they do not fit.
  ///
  /// An unknown extent against a known one greater than 1 takes the known one; against 1 or another unknown it stays
  /// unknown. Source: NumPy's broadcasting rules, as TensorFlow applies them.
  public func broadcast(with other: Shape) -> Shape? {
    guard let a = extents, let b = other.extents else { return .unknown }
    let rank = max(a.count, b.count)
    var result: [Int?] = []
    for index in 0..<rank {
      let left = index < rank - a.count ? 1 : a[index - (rank - a.count)]
      let right = index < rank - b.count ? 1 : b[index - (rank - b.count)]
      switch (left, right) {
      case (1, _): result.append(right)
      case (_, 1): result.append(left)
      case (let l?, let r?):
        guard l == r else { return nil }
        result.append(l)
      case (let l?, nil): result.append(l)
      case (nil, let r): result.append(r)
      }
    }
    return Shape(result)
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int?...) {
    self.init(elements)
  }
}

extension Shape: CustomStringConvertible {
  /// The shape as in `[?,28,28,3]`; `<unknown>` if the rank is not known.
  public var description: String {
    guard let extents else { return "<unknown>" }
    return "[" + extents.map { $0.map(String.init) ?? "?" }.joined(separator: ",") + "]"
  }
}
