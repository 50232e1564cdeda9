import EspalierGraph

extension Summary.Value {
  /// Returns the first sounds of a batch as WAV, under `tag/audio/0`, `tag/audio/1`…; under `tag/audio` if `maxOutputs`
  /// is 1.
  ///
  /// - Parameters:
  ///   - tag: The tag.
  ///   - sounds: Samples from -1 to 1, `[N, frames]` or `[N, frames, channels]`; what is beyond is cut off.
  ///   - sampleRate: Samples per second.
  ///   - maxOutputs: How many sounds there are at most. Default: 3.
  /// - Throws: `FormatError` of kind `invalidArgument` if `sounds` has another shape or type.
  ///
  /// Source: `tf.compat.v1.summary.audio`.
  public static func sounds(
    _ tag: String, _ sounds: HostTensor, sampleRate: Float, maxOutputs: Int = 3
  ) throws(FormatError) -> [Summary.Value] {
    func invalid(_ message: String) -> FormatError {
      FormatError(.invalidArgument, file: "summary", "\(message): \(tag)")
    }
    let shape = sounds.shape
    guard shape.count == 2 || shape.count == 3 else {
      throw invalid("Tensor must be 3-D or 2-D, got: \(sounds.type.shape)")
    }
    guard sampleRate > 0, sampleRate < Float(UInt32.max) else { throw invalid("sample_rate must be > 0") }
    guard let samples = try? sounds.scalars(as: Float.self) else { throw invalid("sounds are float32") }
    let (frames, channels) = (shape[1], shape.count == 3 ? shape[2] : 1)
    return (0..<min(max(maxOutputs, 0), shape[0])).map { index in
      let part = samples[index * frames * channels..<(index + 1) * frames * channels]
      let audio = Summary.Audio(
        sampleRate: sampleRate, channels: channels, frames: frames,
        encoded: WAV.encode(part, channels: channels, sampleRate: UInt32(sampleRate)), contentType: "audio/wav")
      return Summary.Value(
        tag: maxOutputs == 1 ? "\(tag)/audio" : "\(tag)/audio/\(index)", content: .audio(audio))
    }
  }
}

/// Sounds of 16 bits a sample.
///
/// Source: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", chapter 3.
enum WAV {
  /// Returns the file of samples from -1 to 1, those of one frame beside each other.
  static func encode(_ samples: ArraySlice<Float>, channels: Int, sampleRate: UInt32) -> [UInt8] {
    func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    let size = UInt32(truncatingIfNeeded: 2 * samples.count)
    let frameSize = UInt16(truncatingIfNeeded: 2 * channels)
    var file = Array("RIFF".utf8) + little(36 + size) + Array("WAVEfmt ".utf8) + little(UInt32(16))
    file += little(UInt16(1)) + little(frameSize / 2) + little(sampleRate)
    file += little(sampleRate &* UInt32(frameSize)) + little(frameSize) + little(UInt16(16))
    file += Array("data".utf8) + little(size)
    for sample in samples {
      let scaled = (sample * 32_768).rounded()
      file += little(scaled.isNaN ? 0 : Int16(min(max(scaled, -32_768), 32_767)))
    }
    return file
  }
}
