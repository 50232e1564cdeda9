import EspalierGraph

/// Values to be shown by TensorBoard, each under a tag.
///
///     let summary = Summary([.scalar("loss", 0.25), .text("note", "# heading")])
///
/// Source: `tf.compat.v1.Summary`, `tensorflow/core/framework/summary.proto`.
public struct Summary: Hashable, Sendable {
  /// The values in order.
  public var values: [Value]

  /// Returns a summary of these values.
  public init(_ values: [Value] = []) {
    self.values = values
  }

  /// A value under a tag.
  public struct Value: Hashable, Sendable {
    /// The name under which TensorBoard shows the value; slashes group.
    public var tag: String
    /// What is shown.
    public var content: Content
    /// Which plugin shows it, if the kind of content does not say.
    public var metadata: Metadata?
    /// The node that made the value; obsolete and usually empty.
    public var nodeName = ""

    /// Returns a value.
    public init(tag: String, content: Content, metadata: Metadata? = nil) {
      self.tag = tag
      self.content = content
      self.metadata = metadata
    }
  }

  /// What is shown under a tag.
  public enum Content: Hashable, Sendable {
    /// A point of a curve.
    case scalar(Float)
    /// A distribution.
    case histogram(Histogram)
    /// An image in PNG or another encoding.
    case image(Image)
    /// A sound.
    case audio(Audio)
    /// A tensor: of strings for texts, or what the plugin of the metadata expects.
    case tensor(HostTensor)
    /// A tag without a value.
    case none
  }

  /// An encoded image.
  public struct Image: Hashable, Sendable {
    /// The height in pixels.
    public var height: Int
    /// The width in pixels.
    public var width: Int
    /// The channels: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
    public var colorspace: Int
    /// The bytes of the PNG (or JPEG, GIF) file.
    public var encoded: [UInt8]

    /// Returns an image.
    public init(height: Int, width: Int, colorspace: Int, encoded: [UInt8]) {
      self.height = height
      self.width = width
      self.colorspace = colorspace
      self.encoded = encoded
    }
  }

  /// An encoded sound.
  public struct Audio: Hashable, Sendable {
    /// Samples per second.
    public var sampleRate: Float
    /// The number of channels.
    public var channels: Int
    /// The number of frames, each with one sample of every channel.
    public var frames: Int
    /// The bytes of the file.
    public var encoded: [UInt8]
    /// The MIME type of the bytes.
    public var contentType: String

    /// Returns a sound.
    public init(sampleRate: Float, channels: Int, frames: Int, encoded: [UInt8], contentType: String) {
      self.sampleRate = sampleRate
      self.channels = channels
      self.frames = frames
      self.encoded = encoded
      self.contentType = contentType
    }
  }

  /// How a value is shown.
  public struct Metadata: Hashable, Sendable {
    /// The plugin of TensorBoard that shows it.
    public var pluginName: String
    /// What that plugin wants to know.
    public var pluginContent: [UInt8]
    /// The name to show instead of the tag.
    public var displayName: String
    /// A longer description.
    public var description: String
    /// 0 unknown, 1 scalar, 2 tensor, 3 blob sequence.
    public var dataClass: Int

    /// Returns metadata.
    public init(
      pluginName: String = "", pluginContent: [UInt8] = [], displayName: String = "", description: String = "",
      dataClass: Int = 0
    ) {
      self.pluginName = pluginName
      self.pluginContent = pluginContent
      self.displayName = displayName
      self.description = description
      self.dataClass = dataClass
    }
  }
}

extension Summary.Value {
  /// Returns a point of a curve.
  public static func scalar(_ tag: String, _ value: Float) -> Summary.Value {
    Summary.Value(tag: tag, content: .scalar(value))
  }

  /// Returns the distribution of a tensor's elements.
  ///
  /// - Throws: `FormatError` of kind `invalidArgument` with TensorFlow's text if an element is not finite, or the
  ///   elements are no real numbers.
  public static func histogram(_ tag: String, _ tensor: HostTensor) throws(FormatError) -> Summary.Value {
    let values: [Double]
    do { values = try tensor.doubles() } catch {
      throw FormatError(.invalidArgument, file: "summary", "histogram \(tag): \(error)")
    }
    if let odd = values.first(where: { !$0.isFinite }) {
      let what = odd.isNaN ? "Nan" : "Infinity"
      throw FormatError(.invalidArgument, file: "summary", "\(what) in summary histogram for: \(tag)")
    }
    return Summary.Value(tag: tag, content: .histogram(Histogram(of: values)))
  }

  /// Returns a text, which TensorBoard renders as Markdown.
  public static func text(_ tag: String, _ text: String) -> Summary.Value {
    let metadata = Summary.Metadata(pluginName: "text")
    return Summary.Value(tag: tag, content: .tensor(HostTensor(text)), metadata: metadata)
  }
}
