import CKernels

/// How float32 convolutions are computed.
public enum ConvolutionAlgorithm: String, Hashable, Sendable {
  /// As is fastest: by Winograd's method where it applies.
  case automatic
  /// By multiplying and adding as the definition says.
  case direct
  /// By Winograd's F(4×4, 3×3) for 3×3 filters with stride 1 and channels in sixteens, else directly.
  ///
  /// Up to four times fewer multiplications; rounding errors are about five times larger.
  case winograd

  /// What the session that makes a plan asks for.
  @TaskLocal static var requested = automatic

  /// Returns what `body` returns; the kernels that it makes convolve in this way.
  func whileMakingKernels<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outcome: Swift.Result<Result, Failure> = Self.$requested.withValue(self) {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// The number that the C library calls it by.
  var number: Int32 {
    switch self {
    case .automatic: Int32(ESP_CONV_AUTO)
    case .direct: Int32(ESP_CONV_DIRECT)
    case .winograd: Int32(ESP_CONV_WINOGRAD)
    }
  }
}
