import EspalierGraph

/// A run over a batch in groups of examples: a thread takes one group after the other through all kernels, so that what
/// is computed never leaves its cache, and no kernel waits for another thread.
///
/// The groups depend on shapes alone, so results do not depend on the number of threads.
final class GroupedPlan {
  /// The plan of one group.
  let plan: Plan
  /// The examples of a group, and of the batch.
  let group: Int
  private let examples: Int
  /// Computes what is kept from run to run, with all threads.
  private let steady: Binding
  private let arena: AlignedMemory
  // One for each thread; whoever takes a part of the work takes one along.
  private let places: [Place]
  private let idle = Lock<[Int]>([])

  /// Memory for one group at a time.
  private struct Place {
    let pool = ThreadPool(threads: 1)
    let arena: AlignedMemory
    let binding: Binding

    init(_ plan: Plan, _ random: UnsafePointer<RandomState>) {
      arena = AlignedMemory(byteCount: plan.memory.arenaBytes)
      binding = Binding(plan, arena: arena.pointer, pool: pool, random: random)
    }
  }

  /// What is computed of one group fits a second-level cache.
  private static let arenaTarget = 768 << 10
  private static let fewestGroups = 8

  /// Returns how many examples a group has if so many of them need so much memory; nil if grouping does not pay.
  static func size(examples: Int, arenaBytes: Int) -> Int? {
    guard examples >= fewestGroups, arenaBytes > 2 * arenaTarget else { return nil }
    let most = min(arenaTarget / max(1, arenaBytes / examples), examples / fewestGroups)
    return most < 1 ? nil : 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
  }

  /// Returns nil if `plan`, for `group` examples, does not compute each of them for itself.
  init?(_ plan: Plan, group: Int, examples: Int, pool: ThreadPool, random: UnsafePointer<RandomState>) {
    guard plan.program.keepsExamplesApart(group, steady: plan.program.steadyNodes()),
      plan.kernels.allSatisfy({ if case .memory = $0.kernel.body { true } else { false } }),
      plan.program.fetches.allSatisfy({ if case .arena = plan.memory.locations[$0] { true } else { false } })
    else { return nil }
    self.plan = plan
    self.group = group
    self.examples = examples
    arena = AlignedMemory(byteCount: plan.memory.arenaBytes)
    steady = Binding(plan, arena: arena.pointer, pool: pool, random: random)
    places = (0..<pool.threads).map { _ in Place(plan, random) }
    idle.withLock { $0 = Array(places.indices) }
  }

  /// Returns the fetched values for the whole batch. Only for whoever uses `pool` exclusively.
  func run(_ feeds: [HostTensor], pool: ThreadPool) throws(ExecutionError) -> [HostTensor] {
    try steady.refresh(nil)
    var results = plan.program.fetches.map { fetch in
      let type = plan.program.type(of: fetch)
      return HostTensor(uninitialized: type.dataType, shape: [examples] + (type.shape.known ?? []).dropFirst())
    }
    let targets = results.indices.map { results[$0].mutableAddress }
    let groups = (examples + group - 1) / group
    let failures = Lock<[Int: ExecutionError]>([:])
    pool.run(units: groups, grain: 1) { range, part, _ in
      let place = idle.withLock { $0.popLast() } ?? 0
      do throws(ExecutionError) {
        for number in range { try run(number, places[place], feeds, targets) }
      } catch { failures.withLock { $0[part] = error } }
      idle.withLock { $0.append(place) }
    }
    if let first = failures.withLock({ $0.min { $0.key < $1.key }?.value }) { throw first }
    return results
  }

  /// Runs one group and copies what is fetched to its examples of the targets. The last group begins earlier if it would
  /// be too small, and gives only what is new.
  private func run(
    _ number: Int, _ place: Place, _ feeds: [HostTensor], _ targets: [UnsafeMutableRawPointer]
  ) throws(ExecutionError) {
    let first = min(number * group, examples - group)
    let fresh = number * group..<min((number + 1) * group, examples)
    place.binding.feed(feeds, from: first, of: examples)
    try place.pool.exclusively(scratchBytes: plan.scratchBytes) { () throws(ExecutionError) in
      try place.binding.runSteps(nil, nil)
    }
    for (fetch, target) in zip(plan.program.fetches, targets) {
      let size = plan.program.type(of: fetch).byteCount / group
      let source = place.binding.address(of: fetch) + (fresh.lowerBound - first) * size
      (target + fresh.lowerBound * size).copyMemory(from: source, byteCount: fresh.count * size)
    }
  }
}

extension Session {
  /// Returns how the run of a plan goes on in groups of examples, or nil.
  func groups(of plan: Plan, _ request: Request, _ feeds: [HostTensor]) -> GroupedPlan? {
    if let known = groupings[ObjectIdentifier(plan)] { return known }
    let made = makeGroups(of: plan, request, feeds)
    groupings[ObjectIdentifier(plan)] = .some(made)
    return made
  }

  /// Returns how many examples go through all kernels at a time in such a run, which is made; nil for all of them.
  package func groupSize(_ fetches: [Tensor], feeding: [Tensor: HostTensor]) throws -> Int? {
    _ = try run(fetches, feeding: feeding)
    return groupings[ObjectIdentifier(try plan(fetches, feeding: feeding))]??.group
  }

  private func makeGroups(of plan: Plan, _ request: Request, _ feeds: [HostTensor]) -> GroupedPlan? {
    guard !configuration.disabledPasses.contains("groups"), plan.writtenVariables.isEmpty,
      !plan.isRandom, let examples = feeds.first?.shape.first, feeds.allSatisfy({ $0.shape.first == examples }),
      let size = GroupedPlan.size(examples: examples, arenaBytes: plan.arenaBytes)
    else { return nil }
    var smaller = request
    for index in smaller.feeds.indices {
      let value = feeds[index]
      smaller.feeds[index].type = TensorType(value.dataType, Shape([size] + value.shape.dropFirst()))
    }
    // Some graphs cannot do with another number of examples than they were built for.
    guard let inner = try? self.plan(for: smaller) else { return nil }
    return GroupedPlan(inner, group: size, examples: examples, pool: pool, random: random)
  }
}
