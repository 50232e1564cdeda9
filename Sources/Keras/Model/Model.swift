import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierLayers

extension Keras {
  /// A network between inputs and outputs, which can be trained, evaluated and asked for predictions.
  ///
  /// Source: `tf.keras.Model`.
  public final class Model {
    /// The name, as summaries show it.
    public let name: String
    /// The layers from the inputs to the outputs.
    public let layers: [Layer]
    /// What is called layer by layer is built here twice, for training and for prediction, with shared variables.
    public let graph = Graph()
    /// Runs the graph and holds the values of the variables.
    public let session: Session
    /// Where the inputs are fed.
    public let inputs: [Tensor]
    /// The outputs in prediction.
    public let outputs: [Tensor]
    /// The outputs in training.
    public let trainingOutputs: [Tensor]
    let topology: Topology
    /// What `compile` made.
    var compiled: CompiledModel?
    /// Draws the weights and the order of the examples; nil draws differently each time.
    let seed: Int?

    /// Returns the model of one input and one output.
    ///
    /// - Parameter configuration: How its session computes.
    /// - Throws: `GraphError` for the first call that does not fit, with its place.
    public convenience init(
      inputs: SymbolicTensor, outputs: SymbolicTensor, name: String = "model", seed: Int? = nil,
      configuration: SessionConfiguration = .init()
    ) throws {
      try self.init(inputs: [inputs], outputs: [outputs], name: name, seed: seed, configuration: configuration)
    }

    /// Returns the model of what lies between inputs and outputs.
    ///
    /// - Parameter configuration: How its session computes.
    /// - Throws: `GraphError` for the first call that does not fit, with its place, or if the outputs depend on inputs
    ///   that are not among these.
    public init(
      inputs: [SymbolicTensor], outputs: [SymbolicTensor], name: String = "model", seed: Int? = nil,
      configuration: SessionConfiguration = .init()
    ) throws {
      if let mistake = outputs.lazy.compactMap(\.mistake).first { throw mistake }
      self.name = name
      self.seed = seed
      topology = Topology(outputs: outputs)
      layers = topology.layers
      topology.nameLayers()
      let given = Set(inputs.map { ObjectIdentifier($0.call) })
      for call in topology.calls where call.layer is InputLayer && !given.contains(ObjectIdentifier(call)) {
        throw GraphError("Graph disconnected: the outputs depend on \(call.layer.name), which is not among the inputs")
      }
      graph.seed = seed
      session = Session(graph: graph, configuration: configuration)
      let topology = topology
      (self.inputs, trainingOutputs, self.outputs) = withGraph(graph) {
        let fed = inputs.map { placeholder($0.dataType, shape: $0.shape, name: $0.call.layer.name) }
        let values = Dictionary(uniqueKeysWithValues: zip(inputs.map { ObjectIdentifier($0.call) }, fed))
        let trained = nameScope("training") { topology.build(outputs, inputs: values, training: true) }
        return (fed, trained, topology.build(outputs, inputs: values, training: false))
      }
      try graph.check()
      try initializeVariables()
    }

    /// Gives variables that have no value yet their initial ones.
    func initializeVariables() throws {
      let all: [Variable] = graph.collection(.globalVariables)
      let bare = all.filter { !session.variables.isInitialized($0.name) }
      if !bare.isEmpty { _ = try session.run([], targets: bare.map(\.initializer)) }
    }

    /// The variables of the layers that are trained.
    public var trainableVariables: [Variable] { EspalierGraph.trainableVariables(in: graph) }

    /// The variables of the layers that are not trained.
    public var nonTrainableVariables: [Variable] { variables.filter { !$0.isTrainable } }

    /// All variables of the layers, without those of the optimizer.
    public var variables: [Variable] {
      let names = Set(layers.map(\.name))
      return graph.collection(.globalVariables, of: Variable.self).filter { variable in
        names.contains(String(variable.name.prefix { $0 != "/" })) && variable.name.count(where: { $0 == "/" }) == 1
      }
    }

    /// The number of elements of all variables of the layers.
    public var parameterCount: Int { Self.count(variables) }

    /// Returns the number of elements of variables.
    public static func count(_ variables: [Variable]) -> Int { variables.reduce(0) { $0 + $1.shape.reduce(1, *) } }
  }
}
