import EspalierExecutor
import EspalierGraph
import EspalierLayers

extension Cases {
  /// Cases of a layer over several training steps.
  static let layers: [String: @Sendable (GoldenCase) throws -> Deviation] = ["sequence": { try batchNormalization($0) }]

  private static func batchNormalization(_ golden: GoldenCase) throws -> Deviation {
    guard let steps = golden.content["steps"]?.elements, let first = try steps.first?["x"].map(golden.tensor),
      let inferred = try golden.content["inference_of_first_x_after_all_steps"].map(golden.tensor)
    else { throw ConformanceError("\(golden.name) has no steps") }
    let parameters = try golden.tensors("inputs")
    return try withGraph(Graph()) {
      let graph = BuildContext.current.requiredGraph
      let x = placeholder(.float32, shape: Shape(first.shape))
      let trained = batchNormalization(golden, x, parameters, training: true)
      let applied = batchNormalization(golden, x, parameters, training: false)
      let session = Session(graph: graph, configuration: Runner.configuration)
      try session.run(globalVariablesInitializer())
      var deviation = Deviation()
      for (index, step) in steps.enumerated() {
        let values = try golden.tensors(in: step)
        guard let fed = values["x"] else { continue }
        let y = try session.run([trained], targets: graph.updateOps(), feeding: [x: fed])[0]
        if let want = values["y"] { try deviation.compare(y, with: want, golden.tolerance, "y of step \(index)") }
        for statistic in ["moving_mean", "moving_variance"] {
          guard let want = values[statistic + "_after"], let variable = graph.variable(named: "bn/" + statistic) else {
            continue
          }
          try deviation.compare(
            try session.run(variable.value), with: want, golden.tolerance, "\(statistic) after step \(index)")
        }
      }
      try deviation.compare(
        try session.run(applied, feeding: [x: first]), with: inferred, golden.tolerance, "y by moving statistics")
      return deviation
    }
  }

  private static func batchNormalization(
    _ golden: GoldenCase, _ x: Tensor, _ parameters: [String: HostTensor], training: Bool
  ) -> Tensor {
    let attributes = golden.attributes
    func initializer(_ name: String) -> Initializer? { parameters[name].map { value in { _, _ in constant(value) } } }
    return Layers.batchNormalization(
      x, momentum: attributes["momentum"]?.double ?? 0, epsilon: attributes["epsilon"]?.double ?? 0,
      center: attributes["center"]?.bool ?? true, scale: attributes["scale"]?.bool ?? true,
      betaInitializer: initializer("beta"), gammaInitializer: initializer("gamma"), training: training, name: "bn",
      reuse: training ? nil : .reuse, fused: attributes["fused"]?.bool)
  }
}
