import EspalierGraph

/// A reduction along any axes, as one or more passes of the tile machine.
///
/// Axes of extent 1 do not matter, and neighbours that are both kept or both reduced are one. What is left alternates:
///
///     [R]  [K R]  [R K]       one pass
///     [K R K']                one pass for each of K
///     [… R K R']              R' first, then the rest
struct Reduction {
  private let kind: ReductionKind
  private let input: TensorType
  private let output: TensorType
  private let groups: [Group]

  private struct Group {
    var extent: Int
    var isReduced: Bool
  }

  /// One pass: `outer` times over `rows` rows of `length`.
  private struct Pass {
    var outer: Int
    var cluster: Cluster
    var elements: Int
    var results: Int
  }

  /// Returns the reduction of the first input along the axes that the second one names.
  init(kind: ReductionKind, inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) {
    guard let first = inputs.first, let extents = first.shape.known, let result = outputs.first else {
      throw ExecutionError("a reduction takes a tensor of known shape")
    }
    var axes: Set<Int> = []
    if inputs.count > 1 {
      guard let named = inputs[1].knownValue else {
        throw ExecutionError("the axes of a reduction must be known before the run", kind: .unimplemented)
      }
      axes = Set(named.map { $0 < 0 ? $0 + extents.count : $0 })
    }
    self.kind = kind
    input = first
    output = result
    groups = Self.grouped(extents, axes)
  }

  private static func grouped(_ extents: [Int], _ axes: Set<Int>) -> [Group] {
    var result: [Group] = []
    for (axis, extent) in extents.enumerated() where extent != 1 {
      let isReduced = axes.contains(axis)
      if let last = result.last, last.isReduced == isReduced {
        result[result.count - 1].extent *= extent
      } else {
        result.append(Group(extent: extent, isReduced: isReduced))
      }
    }
    return result
  }

  /// Returns what computes it.
  func kernel() throws(ExecutionError) -> Kernel {
    let reduced = groups.filter(\.isReduced).reduce(1) { $0 * $1.extent }
    guard input.shape.count ?? 0 > 0 else { return try emptyKernel() }
    guard let type = input.dataType.computeType else {
      throw ExecutionError("\(kind) of \(input.dataType) is not defined", kind: .unimplemented)
    }
    if kind == .variance { return try variance(type) }
    if kind == .mean, !type.isFloating { return try integerMean(type, reduced) }
    return try passes(type, scale: kind == .mean ? 1 / Double(reduced) : 1)
  }

  private func passes(_ type: DataType, scale: Double) throws(ExecutionError) -> Kernel {
    var remaining = groups
    var programs: [(pass: Pass, program: TileProgram)] = []
    var source = input.dataType
    while let last = remaining.lastIndex(where: \.isReduced) {
      let inner = remaining[(last + 1)...].reduce(1) { $0 * $1.extent }
      let outer = remaining[..<last].reduce(1) { $0 * $1.extent }
      let isFinal = !remaining[..<last].contains(where: \.isReduced)
      let pass = pass(outer, remaining[last].extent, inner, type, from: source, scale: isFinal ? scale : 1)
      programs.append((pass, try TileProgram(pass.cluster)))
      source = type
      remaining.remove(at: last)
    }
    if programs.isEmpty || source != output.dataType {
      let count = output.shape.count ?? 0
      var cluster = Cluster(type: type, extents: [count])
      cluster.stores = [Cluster.Store(value: cluster.load(0, TensorType(source, [count])), output: 0)]
      cluster.outputs = [TensorType(output.dataType, [count])]
      let pass = Pass(outer: 1, cluster: cluster, elements: count, results: count)
      programs.append((pass, try TileProgram(cluster)))
    }
    return kernel(of: programs)
  }

  private func pass(
    _ outer: Int, _ reduced: Int, _ inner: Int, _ type: DataType, from source: DataType, scale: Double
  ) -> Pass {
    // Rows that are reduced each for itself are one pass, whatever is outside.
    let isRow = inner == 1
    let count = reduced * inner * (isRow ? outer : 1)
    var cluster = Cluster(type: type, extents: [count])
    let results = isRow ? outer : inner
    let scope: Cluster.Scope = isRow ? (outer == 1 ? .all : .eachRow) : .rows
    let value = cluster.load(0, TensorType(source, [count]))
    cluster.sums = [Cluster.Sum(kind: kind, scope: scope, value: value, output: 0, scale: scale)]
    cluster.rowLength = isRow ? (outer == 1 ? 0 : reduced) : inner
    cluster.outputs = [TensorType(type, [results])]
    return Pass(outer: isRow ? 1 : outer, cluster: cluster, elements: count, results: results)
  }

  /// Runs one pass after the other; what is between them lies in the workspace, in two places in turn.
  private func kernel(of programs: [(pass: Pass, program: TileProgram)]) -> Kernel {
    func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
    let between = programs.dropLast().map { aligned($0.pass.outer * $0.pass.results * 8) }.max() ?? 0
    let partials = programs.map { aligned($0.program.partialBytes) }.max() ?? 0
    // Several small passes run at once, each with partial results of its own.
    let scratch = programs.map { aligned($0.program.scratchBytes) }.max() ?? 0
    let flops = Double(input.shape.count ?? 0)
    return Kernel(
      "\(kind)", scratchBytes: scratch + partials, workspaceBytes: 2 * between + partials, flops: flops
    ) { call in
      var source = UnsafeRawPointer(call.input(0, as: UInt8.self))
      for (index, (pass, program)) in programs.enumerated() {
        let isLast = index == programs.count - 1
        let target =
          isLast
          ? UnsafeMutableRawPointer(call.output(0, as: UInt8.self)) : call.workspace + partials + index % 2 * between
        Self.run(pass, program, call, source, target, scratch)
        source = UnsafeRawPointer(target)
      }
    }
  }

  private static func run(
    _ pass: Pass, _ program: TileProgram, _ call: KernelCall, _ source: UnsafeRawPointer,
    _ target: UnsafeMutableRawPointer, _ scratchBytes: Int
  ) {
    let grain = 16384
    if pass.cluster.sums.isEmpty {
      call.parallel(units: pass.elements, grain: grain) { elements, _, scratch in
        withPointers(source, target) { program.run(elements, $0, $1, scratch) }
      }
    } else if pass.outer == 1 {
      call.parallel(
        units: program.chunkCount, grain: max(1, grain * program.chunkCount / pass.elements)
      ) { chunks, _, scratch in
        withPointers(source, target) { program.runChunks(chunks, $0, $1, partials: call.workspace, scratch) }
      }
      withPointers(source, target) { program.combine($1, partials: call.workspace) }
    } else {
      let inputStride = pass.elements * (pass.cluster.loads[0].dataType.size ?? 0)
      let outputStride = pass.results * (pass.cluster.type.size ?? 0)
      call.parallel(units: pass.outer, grain: max(1, grain / pass.elements)) { units, _, scratch in
        let partials = scratch + scratchBytes
        for unit in units {
          withPointers(source + unit * inputStride, target + unit * outputStride) {
            program.runChunks(0..<program.chunkCount, $0, $1, partials: partials, scratch)
            program.combine($1, partials: partials)
          }
        }
      }
    }
  }

  private static func withPointers(
    _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer,
    _ body: (UnsafePointer<UnsafeRawPointer?>, UnsafePointer<UnsafeMutableRawPointer?>) -> Void
  ) {
    let input: UnsafeRawPointer? = source
    let output: UnsafeMutableRawPointer? = target
    withUnsafePointer(to: input) { input in withUnsafePointer(to: output) { body(input, $0) } }
  }

  /// The variance of columns: all that is reduced comes first.
  private func variance(_ type: DataType) throws(ExecutionError) -> Kernel {
    let reduced = groups.first.map { $0.isReduced ? $0.extent : 1 } ?? 1
    let columns = output.shape.count ?? 0
    guard type == output.dataType, type == input.dataType, type.isFloating,
      groups.dropFirst().allSatisfy({ !$0.isReduced })
    else { throw ExecutionError("variance of \(input.dataType) along other than the first axes", kind: .unimplemented) }
    var cluster = Cluster(type: type, extents: [reduced * columns])
    let value = cluster.load(0, TensorType(type, [reduced * columns]))
    cluster.sums = [Cluster.Sum(kind: kind, scope: .rows, value: value, output: 0, scale: 1)]
    cluster.rowLength = columns
    cluster.outputs = [TensorType(type, [columns])]
    let pass = Pass(outer: 1, cluster: cluster, elements: reduced * columns, results: columns)
    return kernel(of: [(pass, try TileProgram(cluster))])
  }

  /// The mean of integers is their sum divided by their number, cut off.
  private func integerMean(_ type: DataType, _ reduced: Int) throws(ExecutionError) -> Kernel {
    guard output.dataType == type else {
      throw ExecutionError("mean of \(input.dataType) is not defined", kind: .unimplemented)
    }
    var kernel = try passes(type, scale: 1)
    guard case .memory(let sum) = kernel.body else { return kernel }
    let count = output.shape.count ?? 0
    kernel.body = .memory { (call) throws(ExecutionError) in
      try sum(call)
      if type == .int32 {
        let results = call.output(0, as: Int32.self)
        for index in 0..<count { results[index] /= Int32(truncatingIfNeeded: reduced) }
      } else {
        let results = call.output(0, as: Int64.self)
        for index in 0..<count { results[index] /= Int64(reduced) }
      }
    }
    return kernel
  }

  /// A reduction of no elements gives what changes nothing: 0, 1, or the least or largest number; a mean is 0/0.
  private func emptyKernel() throws(ExecutionError) -> Kernel {
    let number: Double =
      switch kind {
      case .sum: 0
      case .prod: 1
      case .max: -.infinity
      case .min: .infinity
      case .variance: .nan
      case .mean: output.dataType.isFloating ? .nan : 0
      }
    let size = output.dataType.size ?? 0
    let count = output.shape.count ?? 0
    let element = HostTensor(number: number, output.dataType)
    return Kernel("\(kind)") { call in
      let target = UnsafeMutableRawPointer(call.output(0, as: UInt8.self))
      for index in 0..<count { (target + index * size).copyMemory(from: element.address, byteCount: size) }
    }
  }
}
