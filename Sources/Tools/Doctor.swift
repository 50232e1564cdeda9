import CKernels
import EspalierCommandLine
import EspalierExecutor
import EspalierFormats

extension Subcommand {
  /// Says what the machine offers, and how to get the rest.
  static let doctor = Subcommand(
    "doctor", "Says what the machine offers, and how to get the rest.", words: [], defaults: NoOptions(), flags: []
  ) { _, _, print in
    for line in columns(machine + instructionSets) { print(line) }
    print("")
    print("libraries")
    for line in columns(SystemLibrary.all.map(\.row)) { print("  " + line) }
  }

  private static var machine: [[String]] {
    let environment = Environment.process
    let processors = Int(esp_processor_count())
    let threads = environment.threads.map { "\($0), as ESPALIER_THREADS says" } ?? "\(processors)"
    return [
      ["processors", "\(processors)"], ["threads", threads], ["memory", size(Int(esp_memory_bytes()))],
      ["kernels", esp_kernels_optimized() == 1 ? "optimized" : "not optimized: build with -c release"],
    ]
  }

  private static var instructionSets: [[String]] {
    let names = ["baseline (SSE2 or NEON)", "AVX2 with FMA", "AVX-512"]
    let best = Int(esp_isa_best())
    let wanted = Environment.process.instructionSet.flatMap { ["scalar", "avx2", "avx512"].firstIndex(of: $0) }
    let used = min(best, wanted ?? best)
    let reason = used < best ? ", as ESPALIER_ISA says; the processor has \(names[best])" : ""
    return [["instructions", names[used] + reason]]
  }
}

/// A library of the system that is used where it is installed.
private struct SystemLibrary {
  let name: String
  let files: [String]
  let purpose: String
  let package: String
  let switchedOffBy: String

  static let all = [
    SystemLibrary(
      name: "zlib", files: ["libz.so.1", "libz.1.dylib"], purpose: "compressed records and archives",
      package: "zlib1g (Debian, Ubuntu), zlib (Fedora)", switchedOffBy: "ESPALIER_DISABLE_ZLIB"),
    SystemLibrary(
      name: "libturbojpeg", files: ["libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib"],
      purpose: "JPEG images", package: "libturbojpeg0 (Debian, Ubuntu), turbojpeg (Fedora), jpeg-turbo (Homebrew)",
      switchedOffBy: "ESPALIER_DISABLE_TURBOJPEG"),
    SystemLibrary(
      name: "libpng", files: ["libpng16.so.16", "libpng16.so", "libpng16.16.dylib"], purpose: "PNG images",
      package: "libpng16-16 (Debian, Ubuntu), libpng (Fedora, Homebrew)", switchedOffBy: "ESPALIER_DISABLE_PNG"),
  ]

  var row: [String] {
    let found = (try? DynamicLibrary(names: files, package: package, disabledBy: switchedOffBy)) != nil
    return [name, purpose, found ? "found" : "missing: install \(package), or unset \(switchedOffBy)"]
  }
}
