import EspalierGraph

extension Plan {
  /// Returns a table of the kernels in their order with what they compute, read and write, and the memory they need.
  package func explain() -> String {
    var lines = [Self.row("kernel", "MFLOP", "kB in", "kB out", "node")]
    for step in kernels {
      lines.append(
        Self.row(
          step.kernel.name, Self.number(step.kernel.flops / 1e6), Self.number(Double(bytesRead(step)) / 1e3),
          Self.number(Double(bytesWritten(step)) / 1e3), step.node.name))
      let label = Program.label(step.node.operation)
      if label != step.node.operation.name { lines.append("  = \(label)") }
    }
    lines.append(summary)
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line of totals.
  package var summary: String {
    let flops = kernels.reduce(0) { $0 + $1.kernel.flops }
    let bytes = kernels.reduce(0) { $0 + bytesRead($1) + bytesWritten($1) }
    return "\(kernels.count) kernels, \(Self.number(flops / 1e6)) MFLOP, \(Self.number(Double(bytes) / 1e6)) MB moved; "
      + "peak \(Self.number(Double(peakBytes) / 1e6)) MB: \(Self.number(Double(memory.arenaBytes) / 1e6)) MB computed "
      + "(\(Self.number(Double(memory.unsharedBytes) / 1e6)) MB if nothing shared memory), \(Self.number(Double(memory.keptBytes) / 1e6)) MB kept, variables and constants"
  }

  private func bytesRead(_ step: Step) -> Int {
    Set(step.node.inputs).filter { value in
      !step.node.inputs.indices.contains { step.node.inputs[$0] == value && step.node.ignoresValue(ofInput: $0) }
    }.reduce(0) { $0 + program.type(of: $1).byteCount }
  }

  private func bytesWritten(_ step: Step) -> Int { step.node.outputs.reduce(0) { $0 + $1.byteCount } }

  private static func row(_ kernel: String, _ flops: String, _ read: String, _ written: String, _ node: String)
    -> String
  {
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let name = kernel + String(repeating: " ", count: max(0, 44 - kernel.count))
    return name + padded(flops, 10) + padded(read, 10) + padded(written, 10) + "  " + node
  }

  /// Returns a number with one digit after the point.
  private static func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
  }
}
