import CKernels
import EspalierGraph

/// What runs a graph: feeds go in, fetched values come out, variables keep their values in between.
///
///     let session = Session(graph: graph)
///     try session.run(initializer)
///     let loss = try session.run(lossTensor, feeding: [images: batch]).scalar(as: Float.self)
///
/// What a set of fetches needs of the graph is compiled at the first run with feeds of such types and shapes, and kept.
/// The graph may grow between runs. A session belongs to one isolation domain, as its graph does.
///
/// Source: `tf.Session`.
public final class Session {
  /// The graph that it runs.
  public let graph: Graph
  /// The values of the variables.
  public let variables: VariableStore
  /// The number of runs that drew random numbers. Two sessions in the same state draw the same from equal seeds.
  public var randomInvocation: UInt64 {
    get { random.pointee.invocation }
    set { random.pointee.invocation = newValue }
  }

  let configuration: SessionConfiguration
  let pool: ThreadPool
  private var plans: PlanCache
  /// What has to be known before requests can be planned; nil for most.
  var stages: [Request: Stage?] = [:]
  /// The kernels of nodes between stages.
  var stageKernels: [StageKernel: Kernel] = [:]
  private var bindings: [ObjectIdentifier: Binding] = [:]
  /// How plans go on in groups of examples; nil for those that do not.
  var groupings: [ObjectIdentifier: GroupedPlan?] = [:]
  private var arena = AlignedMemory(byteCount: 0)
  let random: UnsafeMutablePointer<RandomState>
  private let pipeline: Pipeline
  /// What looks at every kernel of a run, if anything does.
  package var observer: (any StepObserver)?
  /// What looks at one value in the middle of the run that is being made.
  private var check: ValueCheck?

  /// Returns a session in which no variable has a value, unless the store has.
  ///
  /// - Parameter variables: A store that sessions of several graphs may share.
  public init(
    graph: Graph, variables: VariableStore = VariableStore(), configuration: SessionConfiguration = .init()
  ) {
    self.graph = graph
    self.variables = variables
    self.configuration = configuration
    plans = PlanCache(limit: configuration.planLimit)
    pool = configuration.threads.map { ThreadPool(threads: $0) } ?? .shared
    // Who looks for the node that makes a NaN wants to see every node.
    let disabled =
      configuration.environment.debug.contains(.nan)
      ? Set(Pipeline.all.map(\.name)) : configuration.disabledPasses
    pipeline = Pipeline(
      without: disabled, dump: configuration.environment.dump, verifies: configuration.verifiesPasses)
    observer = Instruments(configuration.environment)
    random = .allocate(capacity: 1)
    random.initialize(to: RandomState(sessionSeed: .random(in: 0 ... .max), invocation: 0))
    InstructionSet.select(configuration.environment.instructionSet)
  }

  deinit {
    random.deallocate()
  }

  /// Returns the values of `fetches`, in their order, after running what they and `targets` need.
  ///
  /// - Parameters:
  ///   - fetches: Tensors of the graph.
  ///   - targets: Nodes that run though no value of theirs is asked for.
  ///   - feeding: Values that take the place of tensors: of placeholders, or of any others.
  /// - Throws: `GraphError` if the graph has mistakes; `ExecutionError` if a feed does not fit, a placeholder is not fed,
  ///   a variable has no value, or an operation refuses its inputs.
  ///
  /// Source: `tf.Session.run`.
  public func run(
    _ fetches: [Tensor], targets: [Node] = [], feeding: [Tensor: HostTensor] = [:]
  ) throws -> [HostTensor] {
    try graph.check()
    let feeds = try orderedFeeds(feeding)
    let request = Request(
      fetches: try fetches.map(fetchable).map(\.id), targets: try targets.map(runnable).map(\.id),
      feeds: feeds.map {
        Request.Feed(tensor: $0.tensor.id, type: TensorType($0.value.dataType, Shape($0.value.shape)))
      }, checked: check?.tensor.id)
    return try run(request, feeds.map(\.value))
  }

  /// Returns what `run` does, unless `check` breaks the run off: then nil, with variables as they were before.
  package func run(
    _ fetches: [Tensor], targets: [Node] = [], feeding: [Tensor: HostTensor] = [:], checking check: ValueCheck
  ) throws -> [HostTensor]? {
    self.check = check
    defer { self.check = nil }
    do {
      return try run(fetches, targets: targets, feeding: feeding)
    } catch let error as ExecutionError where error.kind == .cancelled {
      return nil
    }
  }

  /// Makes the next runs draw the random numbers that the next runs of `other` draw.
  func copyRandomState(of other: Session) {
    random.pointee = other.random.pointee
  }

  /// Returns the value of one tensor.
  public func run(_ fetch: Tensor, feeding: [Tensor: HostTensor] = [:]) throws -> HostTensor {
    try run([fetch], feeding: feeding)[0]
  }

  /// Runs a node and what it needs.
  public func run(_ target: Node, feeding: [Tensor: HostTensor] = [:]) throws {
    _ = try run([], targets: [target], feeding: feeding)
  }

  /// Returns the values of tensors under their keys.
  public func run<Key: Hashable>(
    _ fetches: [Key: Tensor], targets: [Node] = [], feeding: [Tensor: HostTensor] = [:]
  ) throws -> [Key: HostTensor] {
    let keys = Array(fetches.keys)
    let values = try run(keys.compactMap { fetches[$0] }, targets: targets, feeding: feeding)
    return Dictionary(uniqueKeysWithValues: zip(keys, values))
  }

  /// Returns what the run of these fetches would do.
  package func plan(
    _ fetches: [Tensor], targets: [Node] = [], feeding: [Tensor: HostTensor] = [:]
  ) throws -> Plan {
    try graph.check()
    let feeds = try orderedFeeds(feeding)
    let request = Request(
      fetches: fetches.map(\.id), targets: targets.map(\.id),
      feeds: feeds.map {
        Request.Feed(tensor: $0.tensor.id, type: TensorType($0.value.dataType, Shape($0.value.shape)))
      })
    return try plan(for: request)
  }
}

extension Session {
  /// Runs the plan of a request; in stages if shapes depend on values.
  func run(_ request: Request, _ feeds: [HostTensor]) throws(ExecutionError) -> [HostTensor] {
    let known = plans.plan(for: request)
    if known == nil, let stage = try stage(of: request) { return try run(request, feeds, after: stage) }
    let checked = check.flatMap { check in request.fetches.firstIndex(of: check.tensor.id).map { (check, $0) } }
    let plan = if let known { known } else { try makePlan(for: request) }
    try checkVariables(of: plan)
    if observer == nil, checked == nil, let groups = groups(of: plan, request, feeds) {
      return try pool.exclusively(scratchBytes: groups.plan.scratchBytes) { () throws(ExecutionError) in
        try groups.run(feeds, pool: pool)
      }
    }
    return try execute(plan, feeds, checked)
  }

  /// Throws if a variable whose value is needed has none.
  private func checkVariables(of plan: Plan) throws(ExecutionError) {
    for (storage, node) in plan.requiredVariables where !storage.isInitialized {
      throw ExecutionError("Attempting to use uninitialized value \(storage.name)", kind: .failedPrecondition)
        .located(operation: VariableV2.tfName, node: node.name, site: node.site)
    }
  }

  func plan(for request: Request) throws(ExecutionError) -> Plan {
    if let known = plans.plan(for: request) { return known }
    return try makePlan(for: request)
  }

  /// The number of plans that are kept.
  package var planCount: Int { plans.count }

  private func makePlan(for request: Request) throws(ExecutionError) -> Plan {
    var program = try Program(graph, request)
    let debug = configuration.environment.debug
    if debug.contains(.graph) { StandardError.print(program.description) }
    let made = try configuration.convolution.whileMakingKernels { () throws(ExecutionError) in
      try pipeline.run(&program, PassContext(pool: pool))
      return try Plan(program, store: variables)
    }
    if debug.contains(.plan) { StandardError.print(made.explain()) }
    if debug.contains(.memory) { StandardError.print(made.summary + "\n") }
    try made.checkSize(limit: configuration.memoryLimit)
    if let old = plans.add(made, for: request) { forget(old) }
    return made
  }

  private func forget(_ plan: Plan) {
    bindings[ObjectIdentifier(plan)] = nil
    groupings[ObjectIdentifier(plan)] = nil
    // These are small, and found again where they are needed.
    if stages.count > 16 * configuration.planLimit { (stages, stageKernels) = ([:], [:]) }
  }

  private func binding(of plan: Plan) -> Binding {
    if let known = bindings[ObjectIdentifier(plan)] { return known }
    if plan.memory.arenaBytes > arena.byteCount {
      arena = AlignedMemory(byteCount: plan.memory.arenaBytes)
      bindings = [:]
    }
    let made = Binding(plan, arena: arena.pointer, pool: pool, random: random)
    bindings[ObjectIdentifier(plan)] = made
    return made
  }

  private func execute(
    _ plan: Plan, _ feeds: [HostTensor], _ checked: (check: ValueCheck, fetch: Int)?
  ) throws(ExecutionError) -> [HostTensor] {
    let binding = binding(of: plan)
    binding.feed(feeds)
    binding.feeds = feeds
    try pool.exclusively(scratchBytes: plan.scratchBytes) { () throws(ExecutionError) in
      try binding.refresh(observer)
      try binding.runSteps(observer, checked.flatMap { binding.prepared($0.check, plan.program.fetches[$0.fetch]) })
    }
    for storage in plan.writtenVariables { storage.noteChange() }
    if plan.isRandom { random.pointee.invocation += 1 }
    var results: [HostTensor] = []
    for fetch in plan.program.fetches { results.append(try binding.fetch(fetch, feeds: feeds)) }
    binding.feeds = []
    return results
  }
}
