import CKernels

/// How a session computes; the defaults are what the `ESPALIER_` words of the process's environment say.
public struct SessionConfiguration: Sendable {
  /// The number of threads that compute, or nil for all processors. Results do not depend on it.
  public var threads: Int?
  /// Names of passes that are left out: to find out which one makes a difference.
  public var disabledPasses: Set<String>
  /// How float32 convolutions are computed.
  public var convolution: ConvolutionAlgorithm
  /// How many plans are kept, those for the fetches and shapes of feeds that were used last; at least two.
  public var planLimit = 64
  /// The bytes that a run may need at most; by default, as many as the machine has.
  public var memoryLimit = Int(esp_memory_bytes())
  /// Whether the shape rules are run again after each pass.
  package var verifiesPasses: Bool
  package var environment: Environment

  /// Returns the configuration that the environment describes.
  public init(threads: Int? = nil) {
    environment = .process
    self.threads = threads
    disabledPasses = environment.disabledPasses
    convolution = environment.convolution
    #if DEBUG
      verifiesPasses = true
    #else
      verifiesPasses = false
    #endif
  }
}

/// The instruction set that kernels use.
enum InstructionSet {
  /// Makes kernels use no more than what `name` says, `scalar`, `avx2` or `avx512`; nil leaves the choice as it is.
  static func select(_ name: String?) {
    switch name {
    case "scalar": _ = esp_select_isa(Int32(ESP_ISA_SCALAR))
    case "avx2": _ = esp_select_isa(Int32(ESP_ISA_AVX2))
    case "avx512": _ = esp_select_isa(Int32(ESP_ISA_AVX512))
    default: break
    }
  }
}
