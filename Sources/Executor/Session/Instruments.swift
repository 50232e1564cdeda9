import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What looks at every step while a plan runs, for `ESPALIER_DEBUG=time,nan` and `ESPALIER_TRACE`.
final class Instruments: StepObserver {
  private let environment: Environment
  private var times: [String: (nanoseconds: Int, calls: Int)] = [:]
  private var trace: UnsafeMutablePointer<FILE>?
  private let start = Instruments.now()

  /// Returns nil if nothing is asked for, so that steps run without a look at the clock.
  init?(_ environment: Environment) {
    guard environment.trace != nil || !environment.debug.isDisjoint(with: [.time, .nan]) else { return nil }
    self.environment = environment
    trace = environment.trace.flatMap { fopen($0, "w") }
    // Readers of traces accept an array without an end, which a killed process leaves.
    if let trace { fputs("[\n", trace) }
  }

  deinit {
    if let trace { fclose(trace) }
    if environment.debug.contains(.time) { printTimes() }
  }

  static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// Runs a step and notes how long it took, and whether it made a NaN.
  func run(_ step: ObservedStep) throws(ExecutionError) {
    let description = step.description
    let hadNaN = environment.debug.contains(.nan) && hasNaN(description.node.inputs, step)
    let begin = Self.now()
    try step.run()
    let end = Self.now()
    let key = environment.debug.contains(.time) ? "\(description.kernel.name)  \(description.node.name)" : ""
    times[key, default: (0, 0)].nanoseconds += end - begin
    times[key, default: (0, 0)].calls += 1
    if let trace { fputs(event(description, begin, end), trace) }
    if environment.debug.contains(.nan), !hadNaN, hasNaN(description.outputs, step) {
      throw ExecutionError("\(description.node.name) made a NaN or an infinite number out of finite ones")
    }
  }

  private func event(_ step: Plan.Step, _ begin: Int, _ end: Int) -> String {
    let name = step.kernel.name.replacing("\"", with: "'")
    let node = step.node.name.replacing("\\", with: "/").replacing("\"", with: "'")
    let microseconds = (Double(begin - start) / 1000, Double(end - begin) / 1000)
    return "{\"name\":\"\(name)\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":\(microseconds.0),\"dur\":\(microseconds.1),"
      + "\"args\":{\"node\":\"\(node)\"}},\n"
  }

  private func hasNaN(_ values: [TensorID], _ step: ObservedStep) -> Bool {
    values.contains { value in
      guard step.program.type(of: value).dataType.isFloating,
        let tensor = step.value(of: value), let numbers = try? tensor.doubles()
      else { return false }
      return numbers.contains { !$0.isFinite }
    }
  }

  private func printTimes() {
    let total = times.values.reduce(0) { $0 + $1.nanoseconds }
    var text = "time by kernel, \(total / 1_000_000) ms in all\n"
    for (name, time) in times.sorted(by: { $0.value.nanoseconds > $1.value.nanoseconds }) {
      let share = 1000 * time.nanoseconds / max(total, 1)
      text +=
        "\(share / 10).\(share % 10) %  \(time.nanoseconds / max(time.calls, 1) / 1000) µs × \(time.calls)  \(name)\n"
    }
    StandardError.print(text)
  }
}

/// Where `ESPALIER_DEBUG` prints to.
enum StandardError {
  static func print(_ text: String) {
    text.utf8.withContiguousStorageIfAvailable { bytes in
      _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }
}
