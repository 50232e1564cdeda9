/// Returns a summary, a string, of numbers under tags: inputs are tags and values of the same shape.
public struct ScalarSummary: NonDifferentiable {
  public static let tfName = "ScalarSummary"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: [.string], "tags")
    try expect(inputs[1], isOneOf: Self.values, "values")
    guard inputs[0].shape.isCompatible(with: inputs[1].shape) else {
      throw GraphError("tags and values are not the same shape: \(inputs[0].shape) != \(inputs[1].shape)")
    }
    return [TensorType(.string, .scalar)]
  }

  /// The element types that can be summarised.
  static let values = Set(DataType.allCases.filter { $0.isFloating || $0.isInteger })
}

/// Returns a summary, a string, of how values are distributed: inputs are a tag and values of any shape.
public struct HistogramSummary: NonDifferentiable {
  public static let tfName = "HistogramSummary"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: [.string], "tag")
    try expect(inputs[1], isOneOf: ScalarSummary.values, "values")
    try expectRank(0, inputs[0])
    return [TensorType(.string, .scalar)]
  }
}

/// Returns a summary, a string, of the first images of a batch: inputs are a tag and images `[N, H, W, C]`.
public struct ImageSummary: NonDifferentiable {
  public static let tfName = "ImageSummary"
  /// How many images are shown at most.
  public let maxImages: Int

  public init(maxImages: Int = 3) {
    self.maxImages = maxImages
  }

  public var attributes: [String: AttributeValue] { ["max_images": .int(maxImages)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(2, inputs)
    try expect(inputs[0], isOneOf: [.string], "tag")
    try expect(inputs[1], isOneOf: [.uint8, .float32, .float64, .float16], "tensor")
    try expectRank(0, inputs[0])
    try expectRank(4, inputs[1])
    guard maxImages > 0 else { throw GraphError("max_images must be positive, not \(maxImages)") }
    if let channels = inputs[1].shape[3], ![1, 3, 4].contains(channels) {
      throw GraphError("images have 1, 3 or 4 channels, not \(channels)")
    }
    return [TensorType(.string, .scalar)]
  }
}

/// Returns a summary, a string, of the first sounds of a batch: inputs are a tag, samples `[N, frames]` or
/// `[N, frames, channels]`, and the samples per second.
public struct AudioSummary: NonDifferentiable {
  public static let tfName = "AudioSummaryV2"
  /// How many sounds there are at most.
  public let maxOutputs: Int

  public init(maxOutputs: Int = 3) {
    self.maxOutputs = maxOutputs
  }

  public var attributes: [String: AttributeValue] { ["max_outputs": .int(maxOutputs)] }

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    try expect(inputs[0], isOneOf: [.string], "tag")
    try expect(inputs[1], isOneOf: [.float32], "tensor")
    try expect(inputs[2], isOneOf: [.float32], "sample_rate")
    try expectRank(0, inputs[0])
    try expectRank(0, inputs[2])
    if let rank = inputs[1].shape.rank, rank != 2, rank != 3 {
      throw GraphError("Tensor must be 3-D or 2-D, got: \(inputs[1].shape)")
    }
    guard maxOutputs > 0 else { throw GraphError("max_outputs must be positive, not \(maxOutputs)") }
    return [TensorType(.string, .scalar)]
  }
}

/// Returns a summary, a string, of a tensor: inputs are a tag, the tensor, and a `SummaryMetadata` message that says what
/// shows it.
public struct TensorSummary: NonDifferentiable {
  public static let tfName = "TensorSummaryV2"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    try expectInputs(3, inputs)
    for (input, name) in [(inputs[0], "tag"), (inputs[2], "serialized_summary_metadata")] {
      try expect(input, isOneOf: [.string], name)
      try expectRank(0, input)
    }
    return [TensorType(.string, .scalar)]
  }
}

/// Returns one summary with the values of all inputs.
public struct MergeSummary: NonDifferentiable {
  public static let tfName = "MergeSummary"

  public init() {}

  public func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] {
    guard !inputs.isEmpty else { throw GraphError("MergeSummary takes at least 1 input") }
    for input in inputs { try expect(input, isOneOf: [.string], "inputs") }
    return [TensorType(.string, .scalar)]
  }
}

/// Returns a summary of a number, a scalar string, and adds it to the collection `summaries`.
///
/// - Parameters:
///   - name: The tag, in the current name scope and made unique.
///   - value: A scalar.
///   - collections: What it joins.
///
/// Source: `tf.summary.scalar`.
@discardableResult
public func scalarSummary(
  _ name: String, _ value: Tensor, collections: [CollectionKey] = [.summaries], file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  summary(ScalarSummary(), name, value, "tags", collections, file, line)
}

/// Returns a summary of how values are distributed, a scalar string, and adds it to the collection `summaries`.
///
/// - Parameters:
///   - name: The tag, in the current name scope and made unique.
///   - values: Of any shape. Values that are not finite are an error of the run.
///   - collections: What it joins.
///
/// Source: `tf.summary.histogram`.
@discardableResult
public func histogramSummary(
  _ name: String, _ values: Tensor, collections: [CollectionKey] = [.summaries], file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  summary(HistogramSummary(), name, values, "tag", collections, file, line)
}

/// Returns a summary of the first images of a batch, a scalar string, and adds it to the collection `summaries`.
///
/// They are shown under `name/image/0`, `name/image/1`…; under `name/image` if `maxOutputs` is 1.
///
/// - Parameters:
///   - name: The tag, in the current name scope and made unique.
///   - images: `[N, H, W, C]` with 1, 3 or 4 channels. Those of type uint8 are taken as they are, others are scaled, each
///     by itself.
///   - maxOutputs: How many images are shown at most.
///   - collections: What it joins.
///
/// Source: `tf.summary.image`.
@discardableResult
public func imageSummary(
  _ name: String, _ images: Tensor, maxOutputs: Int = 3, collections: [CollectionKey] = [.summaries],
  file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  summary(ImageSummary(maxImages: maxOutputs), name, images, "tag", collections, file, line)
}

/// Returns a summary of the first sounds of a batch, a scalar string, and adds it to the collection `summaries`.
///
/// They are heard under `name/audio/0`, `name/audio/1`…; under `name/audio` if `maxOutputs` is 1.
///
/// - Parameters:
///   - name: The tag, in the current name scope and made unique.
///   - samples: float32 from -1 to 1, `[N, frames]` or `[N, frames, channels]`.
///   - sampleRate: Samples per second.
///   - maxOutputs: How many sounds there are at most.
///   - collections: What it joins.
///
/// Source: `tf.summary.audio`.
@discardableResult
public func audioSummary(
  _ name: String, _ samples: Tensor, sampleRate: Double, maxOutputs: Int = 3,
  collections: [CollectionKey] = [.summaries], file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  summary(
    AudioSummary(maxOutputs: maxOutputs), name, samples, "tag", collections, file, line,
    more: [(HostTensor(Float(sampleRate)), "sample_rate")])
}

/// Returns a summary of texts, a scalar string, and adds it to the collection `summaries`.
///
/// - Parameters:
///   - name: The tag, in the current name scope and made unique.
///   - texts: Strings of any shape, which are shown as Markdown.
///   - collections: What it joins.
///
/// Source: `tf.summary.text`.
@discardableResult
public func textSummary(
  _ name: String, _ texts: Tensor, collections: [CollectionKey] = [.summaries], file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  BuildContext.at(file, line) {
    guard texts.isPoisoned || texts.dataType == .string else {
      texts.graph.report(GraphError("Expected tensor \(texts.name) to have dtype string, got \(texts.dataType)"))
      return texts
    }
    // A `SummaryMetadata` message: the data of the plugin that is called text.
    let metadata = HostTensor("\u{0A}\u{06}\u{0A}\u{04}text")
    return summary(
      TensorSummary(), name, texts, "tag", collections, file, line, more: [(metadata, "serialized_summary_metadata")])
  }
}

/// Returns one summary of all inputs, a scalar string.
///
/// Source: `tf.summary.merge`.
public func mergeSummaries(
  _ summaries: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  apply(MergeSummary(), to: summaries, name: name, file: file, line: line)[0]
}

/// Returns one summary of all that are in the collection `summaries`, or nil if there are none.
///
/// Source: `tf.summary.merge_all`.
public func mergeAllSummaries(
  in graph: Graph, key: CollectionKey = .summaries, name: String? = nil, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor? {
  let all: [Tensor] = graph.collection(key)
  return all.isEmpty ? nil : mergeSummaries(all, name: name, file: file, line: line)
}

private func summary(
  _ operation: some Operation, _ name: String, _ value: Tensor, _ tagName: String, _ collections: [CollectionKey],
  _ file: StaticString, _ line: Int, more: [(value: HostTensor, name: String)] = []
) -> Tensor {
  BuildContext.at(file, line) {
    if value.isPoisoned { return value }
    return nameScope(cleaned(name)) {
      let path = BuildContext.current.nameScope
      let tag = constant(HostTensor(path), name: tagName)
      let others = more.map { constant($0.value, name: $0.name) }
      let result = apply(operation, to: [tag, value] + others, name: path + "/")[0]
      for key in collections where !result.isPoisoned { value.graph.add(result, to: key) }
      return result
    }
  }
}

/// Returns a name with `_` for characters that names may not have, as TensorFlow does, which also drops slashes at the
/// start.
private func cleaned(_ name: String) -> String {
  let allowed = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) || "-_./".contains($0) ? $0 : "_" }
  return String(allowed.drop { $0 == "/" })
}
