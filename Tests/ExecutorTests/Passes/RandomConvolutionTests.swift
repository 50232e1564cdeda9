import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

/// Random networks of convolutions, normalisations, activations, sums and poolings.
private struct RandomNetwork {
  var network: ConvolutionNetwork
  var dice: Dice
  var values: [Tensor] = []

  init(seed: Int) {
    dice = Dice(seed: seed)
    network = ConvolutionNetwork(seed: seed + 1000)
  }

  mutating func fetches() throws -> [Tensor] {
    try withGraph(network.graph) {
      let batch = [1, 3, 8, 9, 16].randomElement(using: &dice) ?? 8
      let channels = [3, 8, 16, 16, 20, 32].randomElement(using: &dice) ?? 16
      let x = network.input([
        batch, Int.random(in: 5...12, using: &dice), Int.random(in: 5...12, using: &dice), channels,
      ])
      values = [x]
      for _ in 0..<Int.random(in: 3...9, using: &dice) { values.append(step()) }
      let loss = reduceSum(values.suffix(2).map { reduceSum($0 * $0) }.reduce(reduceSum(values[0])) { $0 + $1 })
      let slopes = try gradients(of: loss, withRespectTo: [x] + network.parameters).compactMap { $0 }
      return [values[values.count - 1]] + slopes
    }
  }

  private mutating func step() -> Tensor {
    let x = values[values.count - 1 - Int.random(in: 0..<min(2, values.count), using: &dice)]
    let channels = [8, 16, 16, 20, 32].randomElement(using: &dice) ?? 16
    switch Int.random(in: 0..<10, using: &dice) {
    case 0, 1: return network.convolution(x, channels)
    case 2: return network.convolution(x, channels, size: [1, 2, 5].randomElement(using: &dice) ?? 1)
    case 3: return network.convolution(x, channels, size: [1, 3].randomElement(using: &dice) ?? 1, stride: 2)
    case 4: return relu(network.normalized(network.convolution(x, 16)))
    case 5: return network.normalized(x)
    case 6: return tanh(x)
    case 7: return x + network.convolution(tanh(x), x.shape.known?[3] ?? 16)
    case 8:
      let around = pad(x, paddings: [(0, 0), (1, 0), (1, 1), (0, 0)])
      return network.convolution(around, channels, stride: 2, padding: .valid)
    default: return tanh(network.convolution(x, channels) + network.parameter([channels], scale: 1))
    }
  }
}

@Suite struct RandomConvolutionTests {
  @Test(arguments: 0..<40) func fusionChangesNothing(seed: Int) throws {
    var random = RandomNetwork(seed: seed)
    let fetches = try random.fetches()
    try random.network.graph.check()
    let (graph, feeding) = (random.network.graph, random.network.feeding)
    var plain = SessionConfiguration()
    plain.disabledPasses = optionalPasses
    let expected = try Session(graph: graph, configuration: plain).run(fetches, feeding: feeding)
    let actual = try Session(graph: graph).run(fetches, feeding: feeding)
    for (a, b) in zip(actual, expected) { try expectClose(a, b, 1e-3) }
    for pass in ["recompute", "join-gradients", "fuse-results", "fuse-sources", "fold-padding"] {
      var without = SessionConfiguration()
      without.disabledPasses = [pass]
      let other = try Session(graph: graph, configuration: without).run(fetches, feeding: feeding)
      for (a, b) in zip(other, expected) { try expectClose(a, b, 1e-3) }
    }
    for threads in [2, 5] {
      let other = try Session(graph: graph, configuration: SessionConfiguration(threads: threads))
        .run(fetches, feeding: feeding)
      #expect(other == actual)
    }
  }
}
