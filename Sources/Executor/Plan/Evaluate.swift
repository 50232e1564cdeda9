import EspalierGraph

extension Program.Node {
  /// Returns what computes this node from inputs of these types.
  ///
  /// - Throws: `ExecutionError` with the place of the node if there is no kernel.
  func kernel(_ inputs: [TensorType]) throws(ExecutionError) -> Kernel {
    do throws(ExecutionError) {
      if let known = operation as? any CPUOperation { return try known.kernel(inputs: inputs, outputs: outputs) }
      if let cluster = Cluster(operation, inputs: inputs, outputs: outputs) {
        return try cluster.kernel(inputs: inputs, outputs: outputs)
      }
      if case .reduction(let kind) = operation.fusion {
        return try Reduction(kind: kind, inputs: inputs, outputs: outputs).kernel()
      }
      if operation.fusion == .view { return try Copy().kernel(inputs: inputs, outputs: outputs) }
      throw ExecutionError(
        "No kernel for operation \(operation.name) of (\(inputs.map(\.description).joined(separator: ", ")))",
        kind: .unimplemented)
    } catch {
      throw error.located(operation: operation.name, node: name, site: site)
    }
  }
}

/// Returns the outputs of a node for these inputs, computed by its kernel alone.
func evaluate(_ node: Program.Node, _ inputs: [HostTensor], pool: ThreadPool) throws(ExecutionError) -> [HostTensor] {
  try node.run(try node.kernel(inputs.map(\.fullType)), inputs, pool: pool)
}

extension Program.Node {
  /// Returns the outputs of this node for these inputs, computed by its kernel for their types.
  func run(_ kernel: Kernel, _ inputs: [HostTensor], pool: ThreadPool) throws(ExecutionError) -> [HostTensor] {
    switch kernel.body {
    case .values(let run): return try run(inputs)
    case .memory(let run):
      var results = outputs.map { HostTensor(uninitialized: $0.dataType, shape: $0.shape.known ?? []) }
      var table = inputs.map { UnsafeMutableRawPointer(mutating: $0.address) }
      for index in results.indices { table.append(results[index].mutableAddress) }
      let workspace = AlignedMemory(byteCount: kernel.workspaceBytes)
      let random = RandomState(sessionSeed: 0, invocation: 0)
      try pool.exclusively(scratchBytes: kernel.scratchBytes) { () throws(ExecutionError) in
        try withPointers(table, random) { (table, random) throws(ExecutionError) in
          let call = KernelCall(
            table, inputs: inputs.count, workspace: workspace.pointer, pool: pool, random: random, stream: stream)
          kernel.preparation?.run(call)
          try run(call)
        }
      }
      withExtendedLifetime((inputs, workspace)) {}
      return results
    }
  }
}

/// Returns what `body` returns for the addresses of an array's elements and a value.
private func withPointers<Result>(
  _ table: [UnsafeMutableRawPointer], _ random: RandomState,
  _ body: (UnsafeMutablePointer<UnsafeMutableRawPointer>, UnsafePointer<RandomState>) throws(ExecutionError) -> Result
) throws(ExecutionError) -> Result {
  let pointers = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: max(table.count, 1))
  let state = UnsafeMutablePointer<RandomState>.allocate(capacity: 1)
  defer {
    pointers.deallocate()
    state.deallocate()
  }
  pointers.initialize(from: table, count: table.count)
  state.initialize(to: random)
  return try body(pointers, UnsafePointer(state))
}

extension KernelCall {
  /// Returns the call of a kernel whose inputs and outputs lie where `table` says, one after the other.
  init(
    _ table: UnsafeMutablePointer<UnsafeMutableRawPointer>, inputs count: Int, workspace: UnsafeMutableRawPointer,
    pool: ThreadPool, random: UnsafePointer<RandomState>, stream: UInt64
  ) {
    self.stream = stream
    inputs = UnsafeRawPointer(table).assumingMemoryBound(to: UnsafeRawPointer.self)
    outputs = UnsafePointer(table + count)
    self.workspace = workspace
    self.pool = .passUnretained(pool)
    self.random = random
  }
}

extension Program.Node {
  /// A number made of the name (FNV-1a), which no other node of the graph has.
  var stream: UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension HostTensor {
  /// The type, with the value of small integer vectors.
  var fullType: TensorType { (try? Constant(self).outputTypes([]))?.first ?? type }
}
