import EspalierData
import EspalierExecutor
import EspalierGraph

/// A table of a model's layers: the shapes of what they give, their parameters, memory and work for one batch.
///
///     print(try estimator.summary(for: batch))
public struct ModelSummary: Sendable {
  /// A layer: operations one after the other that use variables of one scope, or none.
  public struct Layer: Hashable, Sendable {
    /// The scope of its variables, `resnet/conv2d`, or the path of its node.
    public internal(set) var name: String
    /// The TensorFlow name of its first operation.
    public let operation: String
    /// The shape of what it gives.
    public internal(set) var outputShape: [Int]
    /// The numbers in its variables; those of variables that an earlier layer uses count there.
    public internal(set) var parameterCount: Int
    /// The bytes of what it computes.
    public internal(set) var activationBytes: Int
    /// Multiplications with an addition.
    public internal(set) var multiplyAdds: Int
  }

  /// The layers in the order in which they are computed.
  public internal(set) var layers: [Layer] = []
  /// The numbers in all variables that are saved, but for those of optimizers.
  public let parameterCount: Int
  /// Those of them that are trained.
  public let trainableParameterCount: Int
  /// The bytes that a step of training needs at its worst moment: weights, slots and activations, after the planner has
  /// let them share memory. Nil if the model was not built for training.
  public let peakBytes: Int?
  /// The bytes of the activations, shared and if nothing shared.
  public let plannedActivationBytes: (shared: Int, apart: Int)?

  /// The bytes of what all layers compute.
  public var activationBytes: Int { layers.reduce(0) { $0 + $1.activationBytes } }
  /// The multiplications with an addition of all layers.
  public var multiplyAdds: Int { layers.reduce(0) { $0 + $1.multiplyAdds } }
}

extension Estimator {
  /// Returns a table of the model as it is trained on a batch.
  ///
  /// - Throws: What the model throws.
  public func summary(for batch: Sample) throws -> ModelSummary {
    let model = try model(ModelKey(.train, batch), batch)
    guard let loss = model.spec.loss else { throw EstimatorError.invalidArgument("Missing loss.") }
    let feeding = try model.input.feeding(batch)
    let program = try model.session.specialized([loss], feeding: feeding)
    let plan = try model.session.plan([loss], targets: model.spec.trainOp.map { [$0] } ?? [], feeding: feeding)
    return ModelSummary(program, model.session.graph, plan)
  }
}

extension ModelSummary {
  fileprivate init(_ program: Program, _ graph: Graph, _ plan: Plan) {
    func count(_ variables: [Variable]) -> Int { variables.reduce(0) { $0 + $1.shape.reduce(1, *) } }
    let trained = graph.collection(.trainableVariables, of: Variable.self)
    let used = Set(program.nodes.filter { $0.operation is VariableV2 }.map(\.name))
    let all = graph.collection(.globalVariables, of: Variable.self).filter {
      used.contains($0.name) && !$0.shape.isEmpty
    }
    parameterCount = count(all)
    trainableParameterCount = count(trained)
    peakBytes = plan.peakBytes
    plannedActivationBytes = (plan.arenaBytes, plan.unsharedBytes)
    var builder = LayerBuilder(program)
    builder.collect()
    layers = builder.layers
  }
}

/// Finds the layers of a program.
private struct LayerBuilder {
  private let program: Program
  private(set) var layers: [ModelSummary.Layer] = []
  /// The variable that a value is, by node.
  private var variables: [Int: String] = [:]
  private var counted: Set<String> = []

  init(_ program: Program) {
    self.program = program
  }

  mutating func collect() {
    for (index, node) in program.nodes.enumerated() {
      if node.operation is VariableV2 {
        variables[index] = node.name
      } else if node.operation.name == "Identity", let input = node.inputs.first, let name = variables[input.node] {
        variables[index] = name
      } else {
        add(node)
      }
    }
  }

  private mutating func add(_ node: Program.Node) {
    let names = node.inputs.compactMap { variables[$0.node] }
    let scope = names.first.map { String($0.split(separator: "/").dropLast().joined(separator: "/")) }
    let bytes = node.outputs.first?.byteCount ?? 0
    if let scope, !scope.isEmpty, layers.last?.name == scope {
      layers[layers.count - 1].outputShape = node.outputs.first?.shape.known ?? []
      layers[layers.count - 1].activationBytes += bytes
      layers[layers.count - 1].multiplyAdds += multiplyAdds(node)
      layers[layers.count - 1].parameterCount += newParameters(names)
    } else if !names.isEmpty && node.operation.name != "L2Loss" || Self.isLayer(node.operation.name) {
      layers.append(
        ModelSummary.Layer(
          name: scope.flatMap { $0.isEmpty ? names.first : $0 } ?? node.name, operation: node.operation.name,
          outputShape: node.outputs.first?.shape.known ?? [], parameterCount: newParameters(names),
          activationBytes: bytes, multiplyAdds: multiplyAdds(node)))
    }
  }

  private static func isLayer(_ operation: String) -> Bool {
    operation.contains("Pool") || operation.contains("Softmax") || operation.contains("Conv") || operation == "MatMul"
  }

  private mutating func newParameters(_ names: [String]) -> Int {
    names.filter { counted.insert($0).inserted }.reduce(0) { sum, name in
      let node = program.nodes.first { $0.name == name && $0.operation is VariableV2 }
      return sum + (node?.outputs.first?.shape.count ?? 0)
    }
  }

  private func multiplyAdds(_ node: Program.Node) -> Int {
    func extents(_ position: Int) -> [Int] {
      guard node.inputs.indices.contains(position) else { return [] }
      let id = node.inputs[position]
      return program.nodes[id.node].outputs[id.index].shape.known ?? []
    }
    let results = node.outputs.first?.shape.count ?? 0
    switch node.operation.name {
    // Filters are [height, width, channels in, channels out].
    case "Conv2D": return results * extents(1).dropLast().reduce(1, *)
    case "DepthwiseConv2dNative": return results * extents(1).prefix(2).reduce(1, *)
    case "MatMul":
      let inner = extents(1).reduce(1, *) / max(1, node.outputs.first?.shape.known?.last ?? 1)
      return results * inner
    default: return 0
    }
  }
}
