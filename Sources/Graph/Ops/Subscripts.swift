/// An entry of a subscript: what is taken along one axis.
///
///     x[1]                               // like x[1] in Python
///     x[.range(1, 3), .every(2)]         // x[1:3, ::2]
///     x[.ellipsis, .newAxis, -1]         // x[..., tf.newaxis, -1]
public enum SliceIndex: Hashable, Sendable {
  /// One element; the axis goes away.
  case at(Int)
  /// From the first place up to, but not including, the second; nil is an open end. Negative counts from the end.
  case range(Int?, Int?, by: Int = 1)
  /// All axes that the other entries do not name.
  case ellipsis
  /// A new axis of extent 1.
  case newAxis

  /// The whole axis.
  public static let all = SliceIndex.range(nil, nil)

  /// Every `stride`-th element of the axis, from its end if negative.
  public static func every(_ stride: Int) -> SliceIndex { .range(nil, nil, by: stride) }
}

extension SliceIndex: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) {
    self = .at(value)
  }
}

extension Tensor {
  /// Returns the elements that the entries name, one entry for an axis; axes that are not named are taken whole.
  ///
  /// Source: `tf.Tensor.__getitem__`.
  public subscript(
    _ indices: SliceIndex..., file file: StaticString = #fileID, line line: Int = #line
  ) -> Tensor {
    stridedSlice(self, indices, file: file, line: line)
  }

  /// Returns element `index` along the first axis, which goes away.
  public subscript(_ index: Int, file file: StaticString = #fileID, line line: Int = #line) -> Tensor {
    stridedSlice(self, [.at(index)], file: file, line: line)
  }
}

/// Returns the elements of `x` that the entries name, one entry for an axis; axes that are not named are taken whole.
///
/// Source: `tf.Tensor.__getitem__`, `tf.strided_slice`.
public func stridedSlice(
  _ x: Tensor, _ indices: [SliceIndex], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  guard indices.count(where: { $0 == .ellipsis }) <= 1, indices.count < Int.bitWidth else {
    return BuildContext.at(file, line) {
      x.isPoisoned ? x : failedTensor("Multiple ellipses in slice spec not allowed", in: x.graph)
    }
  }
  let entries = SliceEntries(indices)
  return applyWithConstants(
    StridedSlice(entries.masks), on: x, name: name ?? "strided_slice", file: file, line: line
  ) {
    [
      x, constant(indices: entries.begin, name: "stack"), constant(indices: entries.end, name: "stack_1"),
      constant(indices: entries.strides, name: "stack_2"),
    ]
  }
}

/// Returns the elements of `x` from `begin` up to `end` in steps of `strides`, all integer vectors.
///
/// Source: `tf.strided_slice`.
public func stridedSlice(
  _ x: Tensor, begin: Tensor, end: Tensor, strides: Tensor, masks: SliceMasks = SliceMasks(), name: String? = nil,
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(StridedSlice(masks), x, begin, end, strides, name: name, file: file, line: line)
}

/// The entries of a subscript as `StridedSlice` takes them.
private struct SliceEntries {
  var masks = SliceMasks()
  var begin: [Int] = []
  var end: [Int] = []
  var strides: [Int] = []

  init(_ indices: [SliceIndex]) {
    for (number, index) in indices.enumerated() {
      let bit = 1 << number
      switch index {
      case .at(let place):
        masks.shrinkAxis |= bit
        append(place, place &+ 1, 1)
      case .range(let first, let last, let stride):
        if first == nil { masks.begin |= bit }
        if last == nil { masks.end |= bit }
        append(first ?? 0, last ?? 0, stride)
      case .ellipsis:
        masks.ellipsis |= bit
        append(0, 0, 1)
      case .newAxis:
        masks.newAxis |= bit
        append(0, 0, 1)
      }
    }
  }

  private mutating func append(_ first: Int, _ last: Int, _ stride: Int) {
    begin.append(first)
    end.append(last)
    strides.append(stride)
  }
}
