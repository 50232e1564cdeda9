import EspalierData
import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// The entrance of an exported model: what callers feed, and what the model makes of it.
///
/// Source: `tf.estimator.export.ServingInputReceiver`, `TensorServingInputReceiver`,
/// `tf.estimator.experimental.SupervisedInputReceiver`.
public struct ServingInputReceiver {
  /// What the model sees.
  public let features: Structure<Tensor>
  /// What it should say, where the model is exported for training or evaluation.
  public let labels: Structure<Tensor>?
  /// What callers feed, by key.
  public let receiverTensors: [String: Tensor]
  /// Other entrances to the same model by name, each with what its callers feed.
  public let alternatives: [String: [String: Tensor]]

  /// Returns an entrance.
  ///
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if there is nothing to feed.
  public init(
    features: Structure<Tensor>, labels: Structure<Tensor>? = nil, receiverTensors: [String: Tensor],
    alternatives: [String: [String: Tensor]] = [:]
  ) throws(EstimatorError) {
    guard !features.leaves.isEmpty else { throw .invalidArgument("features must be defined.") }
    guard !receiverTensors.isEmpty else { throw .invalidArgument("receiver_tensors must be defined.") }
    self.features = features
    self.labels = labels
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
      let tensors = entrances(.dictionary(features.mapValues { TensorType($0.dataType, $0.shape) }), "input")
      return try ServingInputReceiver(features: tensors.values, receiverTensors: tensors.byKey)
    }
  }

  /// Returns an entrance for training and evaluation through which features and labels come as they are.
  ///
  /// - Parameters:
  ///   - features: The element type and the shape of each feature, with an open extent for the size of batches; the key
  ///     of a single one is `input`.
  ///   - labels: The same of each label; the key of a single one is `label`.
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if features and labels have a key in common.
  ///
  /// Source: `tf.estimator.experimental.build_raw_supervised_input_receiver_fn`.
  public static func supervised(
    features: Structure<TensorType>, labels: Structure<TensorType>
  ) throws(EstimatorError) -> ServingInputFn {
    let common = Set(keys(features, "input")).intersection(keys(labels, "label")).sorted()
    guard common.isEmpty else {
      let words = common.map { "'\($0)'" }.joined(separator: ", ")
      throw .invalidArgument("Features and labels must have distinct keys. Found overlapping keys: {\(words)}")
    }
    return {
      let features = entrances(features, "input")
      let labels = entrances(labels, "label")
      return try ServingInputReceiver(
        features: features.values, labels: labels.values,
        receiverTensors: features.byKey.merging(labels.byKey) { first, _ in first })
    }
  }

  /// Returns an entrance for training and evaluation through which batches come that are like those of an input, of any
  /// size.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the input is empty or has no labels, and what it throws itself.
  ///
  /// Source: `tf.estimator.experimental.build_supervised_input_receiver_fn_from_input_fn`.
  public static func supervised(like inputFn: InputFn) throws -> ServingInputFn {
    guard let batch = try inputFn().makeIterator().next(), let labels = batch.labels else {
      throw EstimatorError.invalidArgument("An input for training or evaluation must have batches with labels.")
    }
    return try supervised(features: batch.features.map(\.batchType), labels: labels.map(\.batchType))
  }

  private static func keys<Leaf>(_ values: Structure<Leaf>, _ defaultKey: String) -> [String] {
    switch values {
    case .single: [defaultKey]
    case .list(let leaves): leaves.indices.map { "\(defaultKey)_\($0)" }
    case .dictionary(let leaves): leaves.keys.sorted()
    }
  }

  /// Returns placeholders as the model sees them, and by the keys under which callers feed them.
  private static func entrances(
    _ types: Structure<TensorType>, _ defaultKey: String
  ) -> (values: Structure<Tensor>, byKey: [String: Tensor]) {
    let keys = keys(types, defaultKey)
    let values = types.placeholders(named: keys)
    return (values, Dictionary(zip(keys, values.leaves)) { first, _ in first })
  }

  /// Returns an entrance for a model whose features are a single tensor.
  ///
  /// - Parameter key: The key under which callers feed it.
  ///
  /// Source: `build_tensor_serving_input_receiver_fn` of `official/utils/export/export.py`.
  public static func tensor(_ dataType: DataType, shape: Shape, key: String = "input") -> ServingInputFn {
    {
      let tensor = placeholder(dataType, shape: shape, name: "input_tensor")
      return try ServingInputReceiver(features: .single(tensor), receiverTensors: [key: tensor])
    }
  }

  /// Returns an entrance for a model of images through which they come as the bytes of files, JPEG or PNG.
  ///
  /// - Parameters:
  ///   - shape: Rows, columns and channels of what the model sees.
  ///   - dataType: The element type of what the model sees.
  ///   - key: The key under which callers feed the files, strings `[N]`.
  ///   - preprocess: Returns what the model sees of an image, uint8 `[H, W, C]` of any size, as the input of evaluation
  ///     does; by default the image resized.
  ///
  /// Source: `image_bytes_serving_input_fn` of `official/resnet/resnet_run_loop.py`.
  public static func imageBytes(
    shape: [Int], dataType: DataType = .float32, key: String = "image_bytes",
    preprocess: ((_ image: Tensor) -> Tensor)? = nil
  ) -> ServingInputFn {
    {
      guard shape.count == 3, [1, 3, 4].contains(shape[2]), shape.allSatisfy({ $0 > 0 }) else {
        throw EstimatorError.invalidArgument(
          "the shape of images must be rows, columns and 1, 3 or 4 channels, not \(shape)")
      }
      let files = placeholder(.string, shape: [nil], name: "input_tensor")
      let images = mapElements(files) { file in
        let image = decodeJpeg(file, channels: shape[2])
        let seen = preprocess?(image) ?? resizeImages(image, height: shape[0], width: shape[1])
        return reshape(cast(seen, to: dataType), to: shape)
      }
      return try ServingInputReceiver(features: .single(images), receiverTensors: [key: files])
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
