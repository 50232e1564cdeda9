import EspalierGraph

/// Where a value lies while a plan runs.
enum Location: Hashable {
  /// In the memory that all plans of a session use in turn, so many bytes from its start.
  case arena(Int)
  case feed(Int)
  case constant(Int)
  case variable(Int)
  /// In the memory of what the plan keeps from run to run, so many bytes from its start.
  case kept(Int)
  /// A value of its own: tensors of strings.
  case slot(Int)
}

/// Where all values of a program lie: who shares memory with whom, and what is free when.
struct MemoryPlan {
  /// The place of every value that has one.
  private(set) var locations: [TensorID: Location] = [:]
  /// The constants in the order of their numbers.
  private(set) var constants: [HostTensor] = []
  /// The names and types of variables in the order of their numbers.
  private(set) var variables: [(name: String, type: TensorType)] = []
  /// The number of slots.
  private(set) var slots = 0
  /// Where the workspace of each node lies.
  private(set) var workspaces: [Int: Location] = [:]
  /// The bytes of what is kept from run to run.
  private(set) var keptBytes = 0
  /// The bytes of the arena.
  private(set) var arenaBytes = 0
  /// The bytes that would be needed if nothing shared memory.
  private(set) var unsharedBytes = 0

  /// One piece of memory and the nodes between which it is in use.
  private struct Block {
    var byteCount: Int
    var first: Int
    var last: Int
    var offset = 0
  }

  private let steady: [Bool]
  private var blocks: [Block] = []
  private var blockOfValue: [TensorID: Int] = [:]

  /// Returns the plan for a program whose nodes run in their order, with these kernels (nil for nodes that do nothing).
  ///
  /// - Parameter steady: The nodes whose values are kept from run to run.
  init(_ program: Program, _ kernels: [Kernel?], steady: [Bool]) throws(ExecutionError) {
    self.steady = steady
    let lastUses = Self.lastUses(program)
    var workspaceBlocks: [Int: Int] = [:]
    for (index, node) in program.nodes.enumerated() {
      try place(node, index, kernels[index], lastUses, program)
      guard let kernel = kernels[index], kernel.workspaceBytes > 0 else { continue }
      if !steady[index], let input = kernel.preparation?.input, steady[node.inputs[input].node] {
        workspaces[index] = keep(kernel.workspaceBytes)
        continue
      }
      workspaceBlocks[index] = blocks.count
      blocks.append(Block(byteCount: kernel.workspaceBytes, first: index, last: index))
    }
    unsharedBytes = blocks.reduce(0) { $0 + $1.byteCount }
    assignOffsets()
    for (value, block) in blockOfValue { locations[value] = .arena(blocks[block].offset) }
    for (node, block) in workspaceBlocks { workspaces[node] = .arena(blocks[block].offset) }
  }

  /// Returns the number of the last node that needs each value or a view of it; the number of nodes for what is fetched.
  private static func lastUses(_ program: Program) -> [TensorID: Int] {
    var result: [TensorID: Int] = [:]
    for fetch in program.fetches { result[fetch] = program.nodes.count }
    for (index, node) in program.nodes.enumerated().reversed() {
      if node.operation.fusion == .view, let end = result[TensorID(node: index, index: 0)] {
        result[node.inputs[0]] = max(result[node.inputs[0]] ?? 0, end)
      } else {
        for input in node.inputs { result[input] = max(result[input] ?? 0, index) }
      }
    }
    return result
  }

  private mutating func place(
    _ node: Program.Node, _ index: Int, _ kernel: Kernel?, _ lastUses: [TensorID: Int], _ program: Program
  ) throws(ExecutionError) {
    if let location = try sourceLocation(of: node) {
      locations[TensorID(node: index, index: 0)] = location
      return
    }
    var taken: Set<Int> = []
    for (output, type) in node.outputs.enumerated() {
      let value = TensorID(node: index, index: output)
      let last = max(lastUses[value] ?? index, index)
      if let shared = shared(node, output) {
        share(value, with: shared, until: last)
      } else if type.dataType == .string {
        locations[value] = .slot(slots)
        slots += 1
      } else if steady[index] {
        locations[value] = keep(type.byteCount)
      } else if let block = reusable(node, index, output, kernel, lastUses, program), taken.insert(block).inserted {
        blockOfValue[value] = block
        blocks[block].last = last
      } else {
        blockOfValue[value] = blocks.count
        blocks.append(Block(byteCount: max(type.byteCount, 1), first: index, last: last))
      }
    }
  }

  /// Returns a place for so many bytes that nothing else uses.
  private mutating func keep(_ byteCount: Int) -> Location {
    let offset = keptBytes
    keptBytes += Self.padded(max(byteCount, 1))
    return .kept(offset)
  }

  private mutating func sourceLocation(of node: Program.Node) throws(ExecutionError) -> Location? {
    switch node.operation {
    case let feed as Feed: return .feed(feed.index)
    case let constant as Constant:
      constants.append(constant.value)
      return .constant(constants.count - 1)
    case let read as ReadVariable:
      variables.append((read.variable, read.type))
      return .variable(variables.count - 1)
    default: return nil
    }
  }

  /// Returns the value in whose memory an output always lies: that of which it is a view, or the variable it is written to.
  private func shared(_ node: Program.Node, _ output: Int) -> TensorID? {
    if let write = node.writes.first(where: { $0.output == output }) { return node.inputs[write.input] }
    return node.operation.fusion == .view ? node.inputs[0] : nil
  }

  private mutating func share(_ value: TensorID, with source: TensorID, until last: Int) {
    if let block = blockOfValue[source] {
      blockOfValue[value] = block
      blocks[block].last = max(blocks[block].last, last)
    } else {
      locations[value] = locations[source]
    }
  }

  /// Returns the block of an input that an output may take over, or nil.
  private func reusable(
    _ node: Program.Node, _ index: Int, _ output: Int, _ kernel: Kernel?, _ lastUses: [TensorID: Int],
    _ program: Program
  ) -> Int? {
    let candidates = kernel?.inPlace[output] ?? []
    let byteCount = max(node.outputs[output].byteCount, 1)
    for candidate in candidates where node.inputs.indices.contains(candidate) {
      guard let block = blockOfValue[node.inputs[candidate]], blocks[block].last == index,
        blocks[block].byteCount == byteCount
      else { continue }
      // The same memory must not be read in another way, too.
      let isReadOtherwise = node.inputs.indices.contains {
        blockOfValue[node.inputs[$0]] == block && !candidates.contains($0)
      }
      if !isReadOtherwise { return block }
    }
    return nil
  }

  /// Gives each block the lowest place that is free while it is in use, the largest first.
  private mutating func assignOffsets() {
    let order = blocks.indices.sorted { a, b in
      blocks[a].byteCount == blocks[b].byteCount ? a < b : blocks[a].byteCount > blocks[b].byteCount
    }
    // In order of their offsets.
    var placed: [Int] = []
    for index in order {
      let size = Self.padded(blocks[index].byteCount)
      var offset = 0
      for other in placed where blocks[other].first <= blocks[index].last && blocks[index].first <= blocks[other].last {
        if blocks[other].offset >= offset + size { break }
        offset = max(offset, blocks[other].offset + Self.padded(blocks[other].byteCount))
      }
      blocks[index].offset = offset
      arenaBytes = max(arenaBytes, offset + size)
      let position = placed.partition(by: offset) { blocks[$0].offset }
      placed.insert(index, at: position)
    }
  }

  /// Returns the room that a block takes: large ones an odd number of cache lines past a page, because tensors at equal
  /// distances from page boundaries fight for the same cache lines.
  private static func padded(_ bytes: Int) -> Int {
    if bytes < 4096 { return (bytes + 63) / 64 * 64 }
    return (bytes + 4095) / 4096 * 4096 + 5 * 64
  }
}

extension Array {
  /// Returns the first position of an array sorted by `key` whose key is above `limit`.
  fileprivate func partition<Key: Comparable>(by limit: Key, _ key: (Element) -> Key) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if key(self[middle]) > limit { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
