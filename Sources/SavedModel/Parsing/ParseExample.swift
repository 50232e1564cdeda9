import EspalierFormats
import EspalierGraph

/// Returns the features of serialized `Example`s as tensors, by key.
///
/// A feature of variable length is three tensors of a sparse matrix, under its key followed by `/indices`, `/values` and
/// `/shape`.
///
/// - Parameters:
///   - serialized: The examples, strings `[N]`.
///   - features: What to make of which feature. Those of kind `sparse` cannot be parsed in a graph.
///
/// Source: `tf.io.parse_example`.
public func parseExample(
  _ serialized: Tensor, features: [String: FeatureSpec], name: String = "ParseExample",
  file: StaticString = #fileID, line: Int = #line
) -> [String: Tensor] {
  BuildContext.at(file, line) {
    nameScope(name) { FeatureParsing(features).outputs(serialized) }
  }
}

/// The node that parses features.
private struct FeatureParsing {
  private var sparse: [(key: String, type: DataType)] = []
  private var dense: [(key: String, type: DataType, shape: Shape, defaultValue: HostTensor?)] = []
  private var mistake: GraphError?

  init(_ features: [String: FeatureSpec]) {
    for (key, spec) in features.sorted(by: { $0.key < $1.key }) {
      switch spec {
      case .fixedLength(let shape, let type, let value): dense.append((key, type, Shape(shape), value))
      case .variableLength(let type): sparse.append((key, type))
      case .fixedLengthSequence(let shape, let type, let value):
        // Without a default, what is missing is zero, and so is a feature.
        dense.append((key, type, Shape([nil] + shape), value ?? HostTensor(zeros: type, shape: [])))
      case .sparse: mistake = GraphError("the feature '\(key)' is sparse: such features are not parsed in graphs")
      }
    }
  }

  func outputs(_ serialized: Tensor) -> [String: Tensor] {
    if let mistake { serialized.graph.report(mistake, site: BuildContext.current.site) }
    let operation = ParseExample(
      sparseTypes: sparse.map(\.type), denseTypes: dense.map(\.type), denseShapes: dense.map(\.shape))
    let keys = [
      strings([], "names"), strings(sparse.map(\.key), "sparse_keys"), strings(dense.map(\.key), "dense_keys"),
      strings([], "ragged_keys"),
    ]
    let defaults = dense.map { feature in
      constant(feature.defaultValue ?? HostTensor(zeros: feature.type, shape: [0]), name: "Const")
    }
    let outputs = apply(
      operation, to: [serialized] + keys + defaults, outputs: 3 * sparse.count + dense.count)
    var result: [String: Tensor] = [:]
    for (index, feature) in sparse.enumerated() {
      result[feature.key + "/indices"] = outputs[index]
      result[feature.key + "/values"] = outputs[sparse.count + index]
      result[feature.key + "/shape"] = outputs[2 * sparse.count + index]
    }
    for (index, feature) in dense.enumerated() { result[feature.key] = outputs[3 * sparse.count + index] }
    return result
  }

  private func strings(_ texts: [String], _ name: String) -> Tensor {
    let value = try? HostTensor(strings: texts.map { Array($0.utf8) }, shape: [texts.count])
    return constant(value ?? HostTensor(zeros: .string, shape: [0]), name: name)
  }
}
