import EspalierGraph
import EspalierLayers

/// How a feature becomes numbers for a canned estimator.
///
///     let columns: [FeatureColumn] = [.numeric("petal_length"), .oneHot("color", buckets: 3)]
///
/// Source: `tf.feature_column`.
public struct FeatureColumn {
  private enum Kind {
    case numeric(shape: [Int], normalizer: ((Tensor) -> Tensor)?)
    case oneHot(buckets: Int)
    case vocabulary([Int])
  }

  /// The name of the feature.
  public let key: String
  private let kind: Kind

  /// Returns a column of numbers, taken as they are or changed by `normalizer`.
  ///
  /// - Parameter shape: The extents of the feature of one example.
  ///
  /// Source: `tf.feature_column.numeric_column`.
  public static func numeric(
    _ key: String, shape: [Int] = [1], normalizer: ((Tensor) -> Tensor)? = nil
  ) -> FeatureColumn {
    FeatureColumn(key: key, kind: .numeric(shape: shape, normalizer: normalizer))
  }

  /// Returns a column of a whole number from 0 up to `buckets`: 1 in its place, 0 elsewhere. Other numbers are zeros
  /// everywhere.
  ///
  /// Source: `tf.feature_column.indicator_column` of `categorical_column_with_identity`.
  public static func oneHot(_ key: String, buckets: Int) -> FeatureColumn {
    FeatureColumn(key: key, kind: .oneHot(buckets: buckets))
  }

  /// Returns a column of one of these whole numbers: 1 in its place, 0 elsewhere.
  ///
  /// Source: `tf.feature_column.indicator_column` of `categorical_column_with_vocabulary_list`.
  public static func oneHot(_ key: String, vocabulary: [Int]) -> FeatureColumn {
    FeatureColumn(key: key, kind: .vocabulary(vocabulary))
  }

  /// How many numbers it makes of one example.
  public var width: Int {
    switch kind {
    case .numeric(let shape, _): shape.reduce(1, *)
    case .oneHot(let buckets): buckets
    case .vocabulary(let words): words.count
    }
  }

  /// Returns the numbers `[N, width]` of a batch.
  func dense(_ features: Structure<Tensor>) throws(EstimatorError) -> Tensor {
    guard let feature = features[key] else {
      var known: [String] = []
      if case .dictionary(let all) = features { known = all.keys.sorted() }
      let hint = NearestNames.hint(for: key, among: known)
      throw .invalidArgument("Feature \(key) is not in features dictionary.\(hint)")
    }
    return nameScope(key) {
      switch kind {
      case .numeric(_, let normalizer):
        let numbers = cast(feature, to: .float32)
        return reshape(normalizer?(numbers) ?? numbers, to: [-1, width])
      case .oneHot(let buckets): return EspalierGraph.oneHot(reshape(feature, to: [-1]), depth: buckets)
      case .vocabulary(let words):
        let numbers = reshape(cast(feature, to: .int64), to: [-1, 1])
        return cast(equal(numbers, constant(words.map { Int64($0) })), to: .float32)
      }
    }
  }
}
