import EspalierGraph

/// Summaries for TensorBoard: string tensors that hooks and writers fetch and write to event files.
///
///     Summaries.scalar("loss", loss)
///
/// Source: `tf.summary`.
public enum Summaries {
  /// Returns a summary of a number, and adds it to the collection `summaries`.
  ///
  /// - Parameters:
  ///   - name: The tag, in the current name scope; characters that a name cannot have become `_`.
  ///   - value: A scalar.
  ///
  /// Source: `tf.summary.scalar`.
  @discardableResult
  public static func scalar(
    _ name: String, _ value: Tensor, collections: [CollectionKey] = [.summaries], file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    scalarSummary(name, value, collections: collections, file: file, line: line)
  }

  /// Returns a summary of how values are distributed, and adds it to the collection `summaries`.
  ///
  /// - Parameter values: Of any shape.
  ///
  /// Source: `tf.summary.histogram`.
  @discardableResult
  public static func histogram(
    _ name: String, _ values: Tensor, collections: [CollectionKey] = [.summaries], file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    histogramSummary(name, values, collections: collections, file: file, line: line)
  }

  /// Returns a summary of the first sounds of a batch, and adds it to the collection `summaries`.
  ///
  /// - Parameters:
  ///   - samples: float32 from -1 to 1, `[N, frames]` or `[N, frames, channels]`.
  ///   - sampleRate: Samples per second.
  ///   - maxOutputs: How many sounds there are at most.
  ///
  /// Source: `tf.summary.audio`.
  @discardableResult
  public static func audio(
    _ name: String, _ samples: Tensor, sampleRate: Double, maxOutputs: Int = 3,
    collections: [CollectionKey] = [.summaries], file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    audioSummary(
      name, samples, sampleRate: sampleRate, maxOutputs: maxOutputs, collections: collections, file: file, line: line)
  }

  /// Returns a summary of the first images of a batch, and adds it to the collection `summaries`.
  ///
  /// - Parameters:
  ///   - images: `[N, H, W, C]` with 1, 3 or 4 channels.
  ///   - maxOutputs: How many images are shown at most.
  ///
  /// Source: `tf.summary.image`.
  @discardableResult
  public static func image(
    _ name: String, _ images: Tensor, maxOutputs: Int = 3, collections: [CollectionKey] = [.summaries],
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    imageSummary(name, images, maxOutputs: maxOutputs, collections: collections, file: file, line: line)
  }

  /// Returns a summary of texts, and adds it to the collection `summaries`.
  ///
  /// - Parameter texts: Strings, which are shown as Markdown.
  ///
  /// Source: `tf.summary.text`.
  @discardableResult
  public static func text(
    _ name: String, _ texts: Tensor, collections: [CollectionKey] = [.summaries], file: StaticString = #fileID,
    line: Int = #line
  ) -> Tensor {
    textSummary(name, texts, collections: collections, file: file, line: line)
  }

  /// Returns one summary with the values of several.
  ///
  /// Source: `tf.summary.merge`.
  public static func merge(
    _ summaries: [Tensor], name: String? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    mergeSummaries(summaries, name: name, file: file, line: line)
  }

  /// Returns one summary with the values of all in a collection of a graph, or nil if there are none.
  ///
  /// - Parameter graph: By default the current one.
  ///
  /// Source: `tf.summary.merge_all`.
  public static func mergeAll(
    in graph: Graph? = nil, key: CollectionKey = .summaries, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor? {
    mergeAllSummaries(in: graph ?? BuildContext.current.requiredGraph, key: key, file: file, line: line)
  }
}
