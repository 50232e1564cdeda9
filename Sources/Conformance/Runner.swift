import EspalierExecutor
import EspalierGradients
import EspalierGraph

/// Runs golden cases on this framework.
package enum Runner {
  /// How sessions of cases compute: without Winograd's method, whose rounding the tolerances leave no room for.
  package static var configuration: SessionConfiguration {
    var result = SessionConfiguration()
    result.convolution = .direct
    return result
  }

  /// Returns how far a case is off.
  ///
  /// - Throws: What building or running it threw, or `ConformanceError` if nothing here computes it.
  package static func run(_ golden: GoldenCase) throws -> Deviation {
    if let kind = golden.kind {
      guard let run = Cases.kinds[kind] else { throw ConformanceError("nothing here runs cases of kind \(kind)") }
      return try run(golden)
    }
    guard let build = Cases.builders[golden.operation] else {
      throw ConformanceError("nothing here computes \(golden.operation)")
    }
    return try withGraph(Graph()) { try ExpressionRun(golden).run(build) }
  }
}

/// One case that is an expression: outputs, and gradients of inputs.
private struct ExpressionRun {
  private let golden: GoldenCase
  private let operands: Operands
  private var feeds: [Tensor: HostTensor] = [:]

  init(_ golden: GoldenCase) throws {
    self.golden = golden
    let values = try golden.tensors("inputs")
    var tensors: [String: Tensor] = [:]
    for (name, value) in values {
      let tensor = placeholder(value.dataType, shape: Shape(value.shape), name: name)
      tensors[name] = tensor
      feeds[tensor] = value
    }
    operands = Operands(tensors: tensors, values: values, attributes: golden.attributes)
  }

  func run(_ build: Builder) throws -> Deviation {
    let outputs = try build(operands)
    let wanted = try golden.tensors("outputs")
    var deviation = Deviation()
    for name in wanted.keys where outputs[name] == nil { deviation.note("there is no output \(name)") }
    let names = wanted.keys.filter { outputs[$0] != nil }.sorted()
    let (slopes, slopeFeeds) = try gradients(of: outputs)
    let slopeNames = slopes.keys.sorted()
    let session = Session(graph: BuildContext.current.requiredGraph, configuration: Runner.configuration)
    let fetches = names.compactMap { outputs[$0] } + slopeNames.compactMap { slopes[$0] }
    let results = try session.run(fetches, feeding: feeds.merging(slopeFeeds) { first, _ in first })
    for (name, result) in zip(names, results) {
      guard let want = wanted[name] else { continue }
      try deviation.compare(result, with: want, golden.tolerance, name)
    }
    let wantedSlopes = try golden.tensors("gradients")
    for (name, result) in zip(slopeNames, results.dropFirst(names.count)) {
      guard let want = wantedSlopes[name] else { continue }
      try deviation.compare(result, with: want, golden.gradientTolerance(name), "gradient of \(name)")
    }
    for (name, want) in wantedSlopes where slopes[name] == nil {
      // An input that the outputs do not depend on has no gradient here; zeros say the same.
      let zeros = HostTensor(zeros: want.dataType, shape: want.shape)
      try deviation.compare(zeros, with: want, golden.gradientTolerance(name), "gradient of \(name)")
    }
    return deviation
  }

  /// Returns the gradients of those inputs that the case has them for, and what flows in.
  private func gradients(
    of outputs: [String: Tensor]
  ) throws -> (slopes: [String: Tensor], feeds: [Tensor: HostTensor]) {
    let names = try golden.tensors("gradients").keys.sorted()
    var ys: [Tensor] = []
    var incoming: [Tensor?] = []
    var slopeFeeds: [Tensor: HostTensor] = [:]
    for (name, value) in try golden.tensors("grad_outputs") {
      guard let y = outputs[name] else { continue }
      let slope = placeholder(value.dataType, shape: Shape(value.shape), name: "grad_\(name)")
      ys.append(y)
      incoming.append(slope)
      slopeFeeds[slope] = value
    }
    if names.isEmpty || ys.isEmpty { return ([:], [:]) }
    let xs = names.compactMap { operands.tensors[$0] }
    let results = try EspalierGradients.gradients(of: ys, withRespectTo: xs, gradYs: incoming)
    var slopes: [String: Tensor] = [:]
    for (name, result) in zip(names, results) { slopes[name] = result }
    return (slopes, slopeFeeds)
  }
}
