#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The words that switch and dump parts of the executor: `ESPALIER_DEBUG`, `_DUMP`, `_PASSES`, `_ISA`,
/// `_CONVOLUTION`, `_THREADS`, `_TRACE`. Nothing else in this module looks at the process's environment.
package struct Environment: Hashable, Sendable {
  /// A part whose work is printed to standard error.
  package enum Part: String, Hashable, Sendable, CaseIterable {
    case graph, plan, memory, time, nan
  }

  /// `ESPALIER_DEBUG=plan,time`: what is printed; `nan` looks for the first node that makes a NaN.
  package var debug: Set<Part> = []
  /// `ESPALIER_DUMP=dir`: where the program after each pass is written to.
  package var dump: String?
  /// `ESPALIER_PASSES=-fuse,-layout`: the passes that are left out.
  package var disabledPasses: Set<String> = []
  /// `ESPALIER_ISA=scalar|avx2|avx512`: the highest instruction set that kernels use.
  package var instructionSet: String?
  /// `ESPALIER_CONVOLUTION=direct|winograd`: how float32 convolutions are computed.
  package var convolution = ConvolutionAlgorithm.automatic
  /// `ESPALIER_THREADS=n`: the number of threads that compute, the caller among them.
  package var threads: Int?
  /// `ESPALIER_TRACE=file`: where a Chrome trace of all steps is written to.
  package var trace: String?

  /// Returns what no word says.
  package init() {}

  /// Returns what `words` say; what they get wrong counts as not said.
  package init(_ words: (String) -> String?) {
    func list(_ name: String) -> [String] {
      (words(name) ?? "").split(separator: ",").map(String.init)
    }
    debug = Set(list("ESPALIER_DEBUG").compactMap(Part.init))
    dump = words("ESPALIER_DUMP")
    disabledPasses = Set(list("ESPALIER_PASSES").filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) })
    instructionSet = words("ESPALIER_ISA")
    convolution = words("ESPALIER_CONVOLUTION").flatMap(ConvolutionAlgorithm.init) ?? .automatic
    threads = words("ESPALIER_THREADS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    trace = words("ESPALIER_TRACE")
  }

  /// What the process's environment says.
  package static let process = Environment { getenv($0).map { String(cString: $0) } }
}
