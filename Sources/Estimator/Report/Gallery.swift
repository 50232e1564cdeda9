import EspalierFormats
import EspalierGraph

extension TrainingReport {
  /// An image on the page, and what a model says of it.
  public struct Picture: Sendable {
    let encoded: [UInt8]
    let caption: String
    let isRight: Bool

    /// Returns a picture.
    ///
    /// - Parameters:
    ///   - image: The image `[H, W, C]` with 1, 3 or 4 channels; uint8, or floating-point numbers that are scaled.
    ///   - caption: What stands below it.
    ///   - isRight: Whether the model is right; what it gets wrong has a frame of another colour.
    /// - Throws: `FormatError` if it is not an image.
    public init(_ image: HostTensor, caption: String, isRight: Bool) throws {
      let batch = try image.reshaped([1] + image.shape)
      let values = try Summary.Value.images(caption, batch, maxOutputs: 1)
      guard case .image(let file)? = values.first?.content else {
        throw FormatError(.invalidArgument, file: caption, "\(image.type) is not an image")
      }
      encoded = file.encoded
      self.caption = caption
      self.isRight = isRight
    }

    var html: String {
      let text = HTML.escaped(caption)
      return "<figure class=\"\(isRight ? "right" : "wrong")\"><img alt=\"\(text)\" "
        + "src=\"data:image/png;base64,\(Base64.text(of: encoded))\"><figcaption>\(text)</figcaption></figure>"
    }
  }

  /// The pictures side by side.
  var gallery: String {
    if pictures.isEmpty { return "" }
    return "<h2 class=\"gallery\">Predictions</h2>\n<div class=\"gallery\">\n"
      + pictures.map(\.html).joined(separator: "\n") + "\n</div>"
  }
}

/// Bytes as letters.
///
/// Source: RFC 4648, section 4.
enum Base64 {
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Returns four letters for each three bytes, filled up with `=`.
  static func text(of bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let word = part.reduce(0) { $0 << 8 | UInt32($1) } << (8 * (3 - UInt32(part.count)))
      for place in 0..<4 {
        let isFilled = place <= part.count
        text.append(isFilled ? letters[Int(word >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
