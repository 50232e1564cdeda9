import EspalierEstimator
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers
import EspalierSavedModel

/// Writes a trained image classifier for serving; returns the path of the directory that it made below `base`.
///
/// - Parameters:
///   - modelDir: Where its checkpoints are; the latest is taken.
///   - imageShape: Rows, columns and channels of an image.
///   - modelFn: Builds the model for prediction.
/// - Throws: `ResNetError` if there is no checkpoint; what the model and the files throw.
///
/// Source: `export_savedmodel` with a raw serving input of `tf.estimator`.
public func exportClassifier(
  modelDir: String, to base: String, imageShape: [Int], dataType: DataType = .float32, featureName: String? = nil,
  modelFn: (_ features: Structure<Tensor>) throws -> EstimatorSpec
) throws -> String {
  guard let checkpoint = try latestCheckpoint(in: modelDir) else {
    throw ResNetError("\(modelDir) holds no checkpoint to export")
  }
  let graph = Graph()
  let (images, spec) = try withGraph(graph) {
    try createGlobalStep()
    let images = placeholder(dataType, shape: Shape([nil] + imageShape), name: featureName ?? "input_tensor")
    return (images, try modelFn(featureName.map { .dictionary([$0: images]) } ?? .single(images)))
  }
  try graph.check()
  let session = Session(graph: graph)
  try Saver().restore(session, from: checkpoint)
  var signatures: [String: SignatureDefinition] = [:]
  for (name, outputs) in spec.exportOutputs {
    guard case .predict(.dictionary(let tensors)) = outputs else { continue }
    let signature = SignatureDefinition.predict(inputs: ["input": images], outputs: tensors)
    signatures[name] = signature
    signatures[SignatureDefinition.defaultServingKey] = signature
  }
  let path = try SavedModelExporter(session: session, signatures: signatures).writeTimestamped(in: base)
  Logging.info("SavedModel written to: \(path)/saved_model.pb")
  return path
}
