import Espalier

/// Steps of a graph in a session.
final class GraphSteps: Contestant {
  /// What a step runs.
  struct Work {
    var fetches: [Tensor] = []
    var targets: [Node] = []
    var feeding: [Tensor: HostTensor] = [:]
  }

  let name: String
  let unitsPerStep: Int
  let plannedBytes: Int?
  let operationsPerStep: Double?
  private let session: Session
  private let work: Work

  /// Returns steps of what `build` makes in a new graph.
  init(_ name: String, unitsPerStep: Int, threads: Int, _ build: () throws -> Work) throws {
    self.name = name
    self.unitsPerStep = unitsPerStep
    let graph = Graph()
    graph.seed = 1
    work = try withGraph(graph, build)
    session = Session(graph: graph, configuration: SessionConfiguration(threads: threads > 0 ? threads : nil))
    let variables: [Variable] = graph.collection(.globalVariables)
    _ = try session.run([], targets: variables.map(\.initializer))
    let plan = try session.plan(work.fetches, targets: work.targets, feeding: work.feeding)
    plannedBytes = plan.peakBytes
    operationsPerStep = plan.kernels.reduce(0) { $0 + $1.kernel.flops }
  }

  /// Returns training or inference steps of a network.
  convenience init(_ model: Model, isTraining: Bool, threads: Int, name: String = "Espalier") throws {
    try self.init(name, unitsPerStep: model.batch, threads: threads) { try model.build(isTraining: isTraining) }
  }

  /// Returns steps of a chain of operations on scalars.
  convenience init(scalarOperations count: Int, threads: Int) throws {
    try self.init("Espalier", unitsPerStep: 1, threads: threads) {
      let x = placeholder(shape: [], name: "x")
      let y = (0..<count / 2).reduce(x) { y, _ in y * 0.999 + 0.001 }
      return Work(fetches: [y], feeding: [x: HostTensor(Float(1))])
    }
  }

  var peakBytes: Int? { peakBytesOfProcess() }

  func run(_ count: Int) throws -> [Double] {
    try (0..<count).map { _ in
      try milliseconds { _ = try session.run(work.fetches, targets: work.targets, feeding: work.feeding) }
    }
  }
}

/// Building the graph of a training step, gradients and all.
final class GraphBuilding: Contestant {
  let name = "Espalier"
  private let model: Model

  init(_ model: Model) {
    self.model = model
  }

  func run(_ count: Int) throws -> [Double] {
    try (0..<count).map { _ in
      try milliseconds {
        let graph = Graph()
        try withGraph(graph) {
          let images = placeholder(shape: [model.batch, model.size, model.size, 3])
          let labels = placeholder(.int32, shape: [model.batch])
          _ = try model.training(labels, model.logits(of: images, isTraining: true))
        }
        try graph.check()
      }
    }
  }
}
