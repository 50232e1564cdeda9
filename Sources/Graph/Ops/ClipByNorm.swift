/// Scaling tensors down to a largest norm.

/// Returns the norm of all `tensors` together: the root of the sum of all squares.
///
/// Source: `tf.global_norm`.
public func globalNorm(
  _ tensors: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("global_norm", name, on: tensors, file, line) {
    sqrt(reduceSum(stack(tensors.map { reduceSum(square($0)) })), name: "global_norm")
  }
}

/// Returns `tensors` scaled by `clipNorm` / their global norm where that is larger, and the global norm.
///
/// A norm that is not finite makes all results NaN, so that a diverging run is seen.
///
/// - Parameters:
///   - tensors: nil entries stay nil.
///   - useNorm: The global norm, if it is already known.
///
/// Source: `tf.clip_by_global_norm`.
public func clipByGlobalNorm(
  _ tensors: [Tensor?], clipNorm: Double, useNorm: Tensor? = nil, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> (clipped: [Tensor?], globalNorm: Tensor) {
  let present = tensors.compactMap { $0 }
  let results = composite("clip_by_global_norm", name, on: present, file, line, outputs: present.count + 1) {
    let norm = useNorm ?? globalNorm(present)
    let limit = constant(number: clipNorm, like: norm, name: "clip_norm")
    let scale = limit * minimum(1 / norm, 1 / limit)
    let nan = constant(number: .nan, like: norm, name: "not_finite")
    let factor = select(isFinite(norm), scale, nan)
    return present.map { $0 * cast(factor, to: $0.dataType) } + [norm]
  }
  var clipped = results.dropLast().makeIterator()
  return (tensors.map { $0 == nil ? nil : clipped.next() }, results[present.count])
}

/// Returns `x` scaled to the norm `clipNorm` where its own, taken along `axes`, is larger.
///
/// - Parameter axes: All if nil.
///
/// Source: `tf.clip_by_norm`.
public func clipByNorm(
  _ x: Tensor, clipNorm: Double, axes: [Int]? = nil, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  composite("clip_by_norm", name, on: [x], file, line) {
    let squares = reduceSum(square(x), axes: axes, keepDims: true)
    let zero = constant(number: 0, like: x, name: "zero")
    let isPositive = greater(squares, zero)
    // The root of zero has no finite gradient.
    let root = sqrt(select(isPositive, squares, constant(number: 1, like: x, name: "one")))
    let norm = select(isPositive, root, squares)
    return (x * clipNorm) / maximum(norm, clipNorm)
  }
}

/// Returns `x` scaled to the average norm `clipNorm`, the norm by the number of elements, where its own is larger.
///
/// Source: `tf.clip_by_average_norm`.
public func clipByAverageNorm(
  _ x: Tensor, clipNorm: Double, name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  composite("clip_by_average_norm", name, on: [x], file, line) {
    let count = cast(reduceProd(shape(x)), to: x.dataType)
    let inverse = rsqrt(reduceSum(square(x))) * count
    return x * clipNorm * minimum(inverse, constant(number: 1 / clipNorm, like: inverse, name: "limit"))
  }
}
