import EspalierGraph

extension Cluster {
  /// Returns the cluster with other numbers for its inputs and outputs, whose types are then `outputs`.
  func renumbered(inputs: (Int) -> Int, outputs: (Int) -> Int, _ types: [TensorType]) -> Cluster {
    var result = self
    for index in result.loads.indices { result.loads[index].input = inputs(loads[index].input) }
    for index in result.stores.indices { result.stores[index].output = outputs(stores[index].output) }
    for index in result.sums.indices { result.sums[index].output = outputs(sums[index].output) }
    result.outputs = types
    return result
  }

  /// Lets stores to outputs that `isLarge` names go past the caches: a store into a cache first reads what it overwrites.
  mutating func streamStores(where isLarge: (_ output: Int) -> Bool) {
    for index in stores.indices { stores[index].isStreamed = isLarge(stores[index].output) }
  }

  /// Whether the elements of an input are loaded one by one, and in no other way.
  func loadsElements(of input: Int) -> Bool {
    let uses = loads.filter { $0.input == input }
    return !uses.isEmpty && uses.allSatisfy { $0.dataType == type && $0.shape.reduce(1, *) == count }
  }

  /// The inputs of which as many elements are loaded as the cluster has.
  var fullInputs: Set<Int> { Set(loads.filter { $0.shape.reduce(1, *) == count }.map(\.input)) }

  /// Returns this cluster with the only store of `producer` computed anew instead of loaded from input `input`.
  ///
  /// - Parameter inputs: The numbers that the inputs of `producer` have here.
  func inlining(_ producer: Cluster, for input: Int, inputs: [Int]) -> Cluster {
    var result = Cluster(type: type, extents: extents)
    result.rowLength = rowLength
    result.outputs = outputs
    result.assigned = assigned
    let renamed = producer.renumbered(inputs: { inputs[$0] }, outputs: { $0 }, producer.outputs)
    let inner = result.append(renamed) { _ in nil }
    let made = renamed.stores.first.map { inner($0.value) }
    let outer = result.append(self) { $0.input == input ? made : nil }
    result.stores = stores.map { Store(value: outer($0.value), output: $0.output, isStreamed: $0.isStreamed) }
    result.sums = sums.map { sum in
      var moved = sum
      moved.value = outer(sum.value)
      return moved
    }
    return result
  }

  /// Adds the instructions of another cluster; `replaced` says what stands for a load of it, if that is not a load.
  ///
  /// - Returns: What the operands of the other cluster are here.
  private mutating func append(
    _ other: Cluster, _ replaced: (Load) -> Operand?
  ) -> (Operand) -> Operand {
    let loads = other.loads.map { replaced($0) ?? operand(for: $0) }
    let constants = other.constants.map { constant($0) }
    var results: [Operand] = []
    func translated(_ operand: Operand) -> Operand {
      switch operand {
      case .load(let index): loads[index]
      case .constant(let index): constants[index]
      case .result(let index): results[index]
      }
    }
    for instruction in other.instructions {
      results.append(emit(instruction.opcode, instruction.operands.map(translated)))
    }
    let all = results
    return { operand in
      switch operand {
      case .load(let index): loads[index]
      case .constant(let index): constants[index]
      case .result(let index): all[index]
      }
    }
  }

  private mutating func operand(for load: Load) -> Operand {
    if let known = loads.firstIndex(of: load) { return .load(known) }
    loads.append(load)
    return .load(loads.count - 1)
  }

  /// Whether the tile machine has room for it.
  var fitsTheMachine: Bool { loads.count <= 24 && instructions.count <= 64 && stores.count <= 12 && sums.count <= 12 }
}
