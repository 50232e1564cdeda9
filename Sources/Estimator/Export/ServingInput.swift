import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// The entrance of an exported model: what callers feed, and what the model makes of it.
///
/// Source: `tf.estimator.export.ServingInputReceiver`, `TensorServingInputReceiver`.
public struct ServingInputReceiver {
  /// What the model sees.
  public let features: Structure<Tensor>
  /// What callers feed, by key.
  public let receiverTensors: [String: Tensor]
  /// Other entrances to the same model by name, each with what its callers feed.
  public let alternatives: [String: [String: Tensor]]

  /// Returns an entrance.
  ///
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if there is nothing to feed.
  public init(
    features: Structure<Tensor>, receiverTensors: [String: Tensor], alternatives: [String: [String: Tensor]] = [:]
  ) throws(EstimatorError) {
    guard !features.leaves.isEmpty else { throw .invalidArgument("features must be defined.") }
    guard !receiverTensors.isEmpty else { throw .invalidArgument("receiver_tensors must be defined.") }
    self.features = features
    self.receiverTensors = receiverTensors
    self.alternatives = alternatives
  }
}

/// Returns the entrance of a model, whose nodes it adds to the current graph.
public typealias ServingInputFn = () throws -> ServingInputReceiver

/// Ways to make entrances.
///
/// Source: `tf.estimator.export`.
public enum ServingInput {
  /// Returns an entrance through which features come as they are.
  ///
  /// - Parameter features: The element type and the shape of each feature, with an open extent for the size of batches.
  ///
  /// Source: `tf.estimator.export.build_raw_serving_input_receiver_fn`.
  public static func raw(_ features: [String: (dataType: DataType, shape: Shape)]) -> ServingInputFn {
    {
      var tensors: [String: Tensor] = [:]
      for (key, type) in features.sorted(by: { $0.key < $1.key }) {
        tensors[key] = placeholder(type.dataType, shape: type.shape, name: key)
      }
      return try ServingInputReceiver(features: .dictionary(tensors), receiverTensors: tensors)
    }
  }

  /// Returns an entrance for a model whose features are a single tensor.
  ///
  /// - Parameter key: The key under which callers feed it.
  public static func tensor(_ dataType: DataType, shape: Shape, key: String = "input") -> ServingInputFn {
    {
      let tensor = placeholder(dataType, shape: shape, name: key)
      return try ServingInputReceiver(features: .single(tensor), receiverTensors: [key: tensor])
    }
  }

  /// Returns an entrance through which features come as serialized `Example`s under the key `examples`.
  ///
  /// - Parameter features: What to read of each example: `FeatureSpec.fixedLength`.
  ///
  /// Source: `tf.estimator.export.build_parsing_serving_input_receiver_fn`.
  public static func parsing(_ features: [String: FeatureSpec], defaultBatchSize: Int? = nil) -> ServingInputFn {
    {
      let serialized = placeholder(.string, shape: Shape([defaultBatchSize]), name: "input_example_tensor")
      let parsed = parseExample(serialized, features: features)
      return try ServingInputReceiver(features: .dictionary(parsed), receiverTensors: ["examples": serialized])
    }
  }
}
