import EspalierData
import EspalierFormats
import EspalierGraph

/// Makes one item of the features of an `Example`.
///
/// Source: `tf.contrib.slim.tfexample_decoder.ItemHandler`.
public protocol ItemHandler: Sendable {
  /// Returns the item.
  func item(of features: [String: Feature]) throws -> HostTensor
}

/// Handlers of items, and the decoder that puts them together.
public enum ExampleItems {
  /// An image from the file in a feature, uint8 `[H, W, channels]`.
  ///
  /// Source: `tfexample_decoder.Image`.
  public struct Image: ItemHandler {
    private let key: String
    private let formatKey: String
    private let channels: Int
    private let shape: [Int]?

    /// Returns a handler.
    ///
    /// - Parameters:
    ///   - formatKey: The feature that says `raw` of an image without a file format.
    ///   - shape: The extents of raw images.
    public init(
      _ key: String = "image/encoded", formatKey: String = "image/format", channels: Int = 3, shape: [Int]? = nil
    ) {
      self.key = key
      self.formatKey = formatKey
      self.channels = channels
      self.shape = shape
    }

    public func item(of features: [String: Feature]) throws -> HostTensor {
      guard case .bytes(let values)? = features[key], let bytes = values.first else {
        throw ResNetError("the Example holds no '\(key)'")
      }
      if case .bytes(let formats)? = features[formatKey], let format = formats.first {
        if ["raw", "RAW"].contains(String(decoding: format, as: UTF8.self)), let shape {
          return try HostTensor(bytes, shape: shape)
        }
      }
      return try decodeImage(bytes, channels: channels, expandAnimations: false, file: key)
    }
  }

  /// The numbers of a feature, int64 or float32; `missing` if there are none.
  ///
  /// Source: `tfexample_decoder.Tensor`.
  public struct Tensor: ItemHandler {
    private let key: String
    private let shape: [Int]
    private let missing: Int64

    /// Returns a handler.
    public init(_ key: String, shape: [Int] = [], missing: Int64 = 0) {
      self.key = key
      self.shape = shape
      self.missing = missing
    }

    public func item(of features: [String: Feature]) throws -> HostTensor {
      switch features[key] {
      case .int64(let values)? where !values.isEmpty: return try HostTensor(values, shape: shape)
      case .float(let values)? where !values.isEmpty: return try HostTensor(values, shape: shape)
      default: return try HostTensor([Int64](repeating: missing, count: shape.reduce(1, *)), shape: shape)
      }
    }
  }

  /// Makes items of serialized `Example`s.
  ///
  /// Source: `tfexample_decoder.TFExampleDecoder`.
  public struct Decoder: Sendable {
    private let handlers: [String: any ItemHandler]

    /// Returns a decoder of these items.
    public init(_ handlers: [String: any ItemHandler]) { self.handlers = handlers }

    /// The names of the items, sorted.
    public var items: [String] { handlers.keys.sorted() }

    /// Returns items by name; by default all.
    ///
    /// - Throws: `FormatError` if the bytes are no `Example`; what handlers throw.
    public func decode(_ serialized: [UInt8], items: [String]? = nil) throws -> [String: HostTensor] {
      let features = try Example(serialized: serialized).features
      var result: [String: HostTensor] = [:]
      for name in items ?? self.items {
        guard let handler = handlers[name] else { throw ResNetError("there is no item '\(name)'") }
        result[name] = try handler.item(of: features)
      }
      return result
    }
  }
}
