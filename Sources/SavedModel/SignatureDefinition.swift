import EspalierGraph

/// A way to call a graph from outside: which tensors are fed and fetched, under which keys.
///
///     SignatureDefinition.predict(inputs: ["image": images], outputs: ["probabilities": softmax(logits)])
///
/// Source: `tf.compat.v1.saved_model.build_signature_def`.
public struct SignatureDefinition {
  /// What kind of call it is.
  public enum Method: Hashable, Sendable {
    /// Any inputs, any outputs.
    case predict
    /// Serialized examples in; classes and scores out.
    case classify
    /// Serialized examples in; numbers out.
    case regress
    /// A batch with its labels in; loss, predictions and metrics out, before a step of training.
    case train
    /// The same of an evaluation.
    case evaluate
    /// Something else, under this name.
    case other(String)
  }

  /// What kind of call it is.
  public var method: Method
  /// What is fed, by key.
  public var inputs: [String: Tensor]
  /// What is fetched, by key.
  public var outputs: [String: Tensor]

  /// Returns a signature.
  public init(method: Method = .predict, inputs: [String: Tensor], outputs: [String: Tensor]) {
    self.method = method
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The key of the signature that callers use who name none.
  ///
  /// Source: `tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY`.
  public static let defaultServingKey = "serving_default"

  /// Returns a signature with any inputs and outputs.
  ///
  /// Source: `tf.compat.v1.saved_model.predict_signature_def`.
  public static func predict(inputs: [String: Tensor], outputs: [String: Tensor]) -> SignatureDefinition {
    SignatureDefinition(method: .predict, inputs: inputs, outputs: outputs)
  }

  /// Returns a signature that takes serialized examples `[N]` under `inputs`, and returns strings `[N, K]` under
  /// `classes` and float32 `[N, K]` under `scores`, or one of them.
  ///
  /// Source: `tf.compat.v1.saved_model.classification_signature_def`.
  public static func classification(
    examples: Tensor, classes: Tensor? = nil, scores: Tensor? = nil
  ) -> SignatureDefinition {
    var outputs: [String: Tensor] = [:]
    outputs["classes"] = classes
    outputs["scores"] = scores
    return SignatureDefinition(method: .classify, inputs: ["inputs": examples], outputs: outputs)
  }

  /// Returns a signature that takes serialized examples `[N]` under `inputs` and returns numbers under `outputs`.
  ///
  /// Source: `tf.compat.v1.saved_model.regression_signature_def`.
  public static func regression(examples: Tensor, predictions: Tensor) -> SignatureDefinition {
    SignatureDefinition(method: .regress, inputs: ["inputs": examples], outputs: ["outputs": predictions])
  }
}

extension SignatureDefinition.Method: CustomStringConvertible {
  private static let named: [(method: Self, name: String)] = [
    (.predict, "tensorflow/serving/predict"), (.classify, "tensorflow/serving/classify"),
    (.regress, "tensorflow/serving/regress"), (.train, "tensorflow/supervised/training"),
    (.evaluate, "tensorflow/supervised/eval"),
  ]

  /// Returns the kind that has this name in files.
  public init(name: String) {
    self = Self.named.first { $0.name == name }?.method ?? .other(name)
  }

  /// The name in files, `tensorflow/serving/predict`.
  public var description: String {
    if case .other(let name) = self { return name }
    return Self.named.first { $0.method == self }?.name ?? ""
  }
}
