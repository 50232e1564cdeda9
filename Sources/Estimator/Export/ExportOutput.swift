import EspalierGraph
import EspalierSavedModel

/// What a model offers to those who call it after export.
///
/// Source: `tf.estimator.export`.
public enum ExportOutput {
  /// Any tensors. Source: `tf.estimator.export.PredictOutput`.
  case predict(Structure<Tensor>)
  /// Scores of classes `[N, K]`, names of classes as strings, or both. Source: `tf.estimator.export.ClassificationOutput`.
  case classification(scores: Tensor? = nil, classes: Tensor? = nil)
  /// A number for each example. Source: `tf.estimator.export.RegressionOutput`.
  case regression(value: Tensor)

  /// The tensors by the keys that callers see.
  var tensors: [String: Tensor] {
    switch self {
    case .predict(.single(let tensor)): return ["output": tensor]
    case .predict(.list(let tensors)):
      return Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ("output_\($0)", $1) })
    case .predict(.dictionary(let tensors)): return tensors
    case .classification(let scores, let classes):
      var result: [String: Tensor] = [:]
      result["scores"] = scores
      result["classes"] = classes
      return result
    case .regression(let value): return ["outputs": value]
    }
  }

  var method: SignatureDefinition.Method {
    switch self {
    case .predict: .predict
    case .classification: .classify
    case .regression: .regress
    }
  }
}

extension ExportOutput: ExpressibleByDictionaryLiteral {
  /// Returns an output of named tensors.
  public init(dictionaryLiteral elements: (String, Tensor)...) {
    self = .predict(.dictionary(Dictionary(elements) { _, last in last }))
  }
}
