import EspalierGraph

/// A plan with the addresses of everything in it.
final class Binding {
  /// A kernel and its call: all that the loop over steps touches.
  struct PreparedStep {
    let run: (KernelCall) throws(ExecutionError) -> Void
    let call: KernelCall
    /// Its number among the kernels of the plan.
    let number: Int
  }

  let plan: Plan
  private let table: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let tableCount: Int
  // Which entries of the table are the address of which feed.
  private var feedEntries: [(entry: Int, feed: Int)] = []
  /// What every run does, in order.
  private(set) var steps: ContiguousArray<PreparedStep> = []
  /// What makes the values that are kept from run to run, in order.
  private(set) var steadySteps: ContiguousArray<PreparedStep> = []
  private let arena: UnsafeMutableRawPointer

  /// Returns the plan bound to memory for everything that it computes.
  init(_ plan: Plan, arena: UnsafeMutableRawPointer, pool: ThreadPool, random: UnsafePointer<RandomState>) {
    self.plan = plan
    self.arena = arena
    tableCount = plan.kernels.reduce(0) { $0 + $1.node.inputs.count + $1.node.outputs.count }
    table = .allocate(capacity: max(tableCount, 1))
    table.initialize(repeating: arena, count: tableCount)
    var preparations: ContiguousArray<PreparedStep> = []
    for (number, step) in plan.kernels.enumerated() {
      var entry = step.table
      for value in step.node.inputs + step.outputs {
        bind(value, entry)
        entry += 1
      }
      let workspace = plan.memory.workspaces[step.number].map { address($0, feeds: []) } ?? arena
      let call = KernelCall(
        table + step.table, inputs: step.node.inputs.count, workspace: workspace, pool: pool, random: random,
        stream: step.node.stream)
      let prepared = PreparedStep(run: body(of: step), call: call, number: number)
      if step.isSteady { steadySteps.append(prepared) } else { steps.append(prepared) }
      if step.keepsPreparation, let preparation = step.kernel.preparation {
        preparations.append(PreparedStep(run: preparation.run, call: call, number: number))
      }
    }
    steadySteps += preparations
  }

  deinit {
    table.deallocate()
  }

  private func bind(_ value: TensorID, _ entry: Int) {
    switch plan.memory.locations[value] {
    case .feed(let feed): feedEntries.append((entry, feed))
    case .slot, nil: break
    case let location?: table[entry] = address(location, feeds: [])
    }
  }

  /// Returns where something lies.
  private func address(_ location: Location, feeds: [HostTensor]) -> UnsafeMutableRawPointer {
    switch location {
    case .arena(let offset): arena + offset
    case .constant(let number): UnsafeMutableRawPointer(mutating: plan.memory.constants[number].address)
    case .variable(let number): plan.variables[number].memory.pointer
    case .kept(let offset): plan.kept.pointer + offset
    case .feed(let number): UnsafeMutableRawPointer(mutating: feeds[number].address)
    case .slot: arena
    }
  }

  /// Enters the addresses of what is fed.
  func feed(_ values: [HostTensor]) {
    for (entry, feed) in feedEntries { table[entry] = UnsafeMutableRawPointer(mutating: values[feed].address) }
  }

  /// Enters the addresses of some examples of what is fed: those from `first` on of so many.
  func feed(_ values: [HostTensor], from first: Int, of examples: Int) {
    for (entry, feed) in feedEntries {
      let example = values[feed].byteCount / examples
      table[entry] = UnsafeMutableRawPointer(mutating: values[feed].address + first * example)
    }
  }

  /// Returns where a value in the arena lies, or one that is kept.
  func address(of value: TensorID) -> UnsafeMutableRawPointer {
    plan.memory.locations[value].map { address($0, feeds: []) } ?? arena
  }

  /// Returns a value that was computed, copied.
  func fetch(_ value: TensorID, feeds: [HostTensor]) throws(ExecutionError) -> HostTensor {
    let type = plan.program.type(of: value)
    guard let location = plan.memory.locations[value] else {
      throw ExecutionError("\(plan.program.nodes[value.node].name) has no value", kind: .unknown)
    }
    return try self.value(location, type, feeds)
  }

  private func value(
    _ location: Location, _ type: TensorType, _ feeds: [HostTensor]
  ) throws(ExecutionError) -> HostTensor {
    let shape = type.shape.known ?? []
    switch location {
    case .feed(let number): return try feeds[number].under(shape)
    case .constant(let number): return try plan.memory.constants[number].under(shape)
    case .slot(let number):
      guard let value = plan.slots.values[number] else { throw ExecutionError("no value", kind: .unknown) }
      return try value.under(shape)
    case .arena, .variable, .kept: return HostTensor(copying: address(location, feeds: feeds), type.dataType, shape)
    }
  }

  /// Returns what a step calls; kernels that work on values are wrapped so that they work on memory.
  private func body(of step: Plan.Step) -> (KernelCall) throws(ExecutionError) -> Void {
    switch step.kernel.body {
    case .memory(let run):
      guard let preparation = step.kernel.preparation, !step.keepsPreparation else { return run }
      return { (call) throws(ExecutionError) in
        preparation.run(call)
        try run(call)
      }
    case .values(let run):
      let inputs = step.node.inputs.map { (plan.memory.locations[$0], plan.program.type(of: $0)) }
      let outputs = step.outputs.map { (plan.memory.locations[$0], plan.program.type(of: $0)) }
      return { [unowned self] (call) throws(ExecutionError) in
        var values: [HostTensor] = []
        for (index, (location, type)) in inputs.enumerated() {
          values.append(try self.input(call.inputs[index], location, type))
        }
        let results = try run(values)
        guard results.count == outputs.count else {
          throw ExecutionError("\(results.count) outputs instead of \(outputs.count)", kind: .unknown)
        }
        for (index, (location, type)) in outputs.enumerated() {
          try self.store(results[index], call.outputs[index], location, type)
        }
      }
    }
  }

  /// The values that are fed to this run, for kernels that take strings.
  var feeds: [HostTensor] = []

  private func input(
    _ pointer: UnsafeRawPointer, _ location: Location?, _ type: TensorType
  ) throws(ExecutionError) -> HostTensor {
    switch location {
    case .feed, .constant, .slot: return try value(location ?? .slot(0), type, feeds)
    default: return HostTensor(copying: pointer, type.dataType, type.shape.known ?? [])
    }
  }

  private func store(
    _ value: HostTensor, _ pointer: UnsafeMutableRawPointer, _ location: Location?, _ type: TensorType
  ) throws(ExecutionError) {
    guard value.dataType == type.dataType, Shape(value.shape) == type.shape else {
      throw ExecutionError("the kernel gave \(value.type) instead of \(type)", kind: .unknown)
    }
    if case .slot(let number) = location {
      plan.slots.values[number] = value
    } else {
      value.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
      }
    }
  }
}

extension Plan.Step {
  /// The values that it gives.
  var outputs: [TensorID] { node.outputs.indices.map { TensorID(node: number, index: $0) } }
}

extension HostTensor {
  /// Returns the same elements under a shape of as many elements.
  func under(_ shape: [Int]) throws(ExecutionError) -> HostTensor {
    if shape == self.shape { return self }
    do throws(TensorError) { return try reshaped(shape) } catch {
      throw ExecutionError(error.description, kind: .unknown)
    }
  }
}
