import EspalierExecutor
import EspalierGradients
import EspalierGraph
import Testing

/// Networks of convolutions whose images and parameters are all fed.
struct ConvolutionNetwork {
  let graph = Graph()
  private(set) var feeding: [Tensor: HostTensor] = [:]
  private(set) var parameters: [Tensor] = []
  private var dice: Dice

  init(seed: Int = 1) {
    dice = Dice(seed: seed)
  }

  /// Returns a placeholder and feeds it numbers of this size.
  mutating func input(_ shape: [Int], scale: Float = 1, around middle: Float = 0) -> Tensor {
    let x = placeholder(.float32, shape: Shape(shape), name: "x\(feeding.count)")
    let values = (0..<shape.reduce(1, *)).map { _ in middle + scale * Float.random(in: -1...1, using: &dice) }
    feeding[x] = try? HostTensor(values, shape: shape)
    return x
  }

  mutating func parameter(_ shape: [Int], scale: Float, around middle: Float = 0) -> Tensor {
    let made = input(shape, scale: scale, around: middle)
    parameters.append(made)
    return made
  }

  mutating func convolution(
    _ x: Tensor, _ channels: Int, size: Int = 3, stride: Int = 1, padding: Padding = .same
  ) -> Tensor {
    let c = x.shape.known?[3] ?? 0
    let filter = parameter([size, size, c, channels], scale: 1 / Float(size * size * c).squareRoot())
    return conv2D(x, filter: filter, strides: (stride, stride), padding: padding)
  }

  mutating func normalized(_ x: Tensor, isTraining: Bool = true) -> Tensor {
    let c = x.shape.known?[3] ?? 0
    let scale = parameter([c], scale: 0.5, around: 1)
    let offset = parameter([c], scale: 0.5)
    if isTraining { return fusedBatchNorm(x, scale: scale, offset: offset).y }
    let mean = input([c], scale: 0.2)
    let variance = input([c], scale: 0.2, around: 1)
    return fusedBatchNorm(x, scale: scale, offset: offset, mean: mean, variance: variance, isTraining: false).y
  }

  /// Returns `y` and the gradients of a weighted sum of its squares with respect to `x` and all parameters.
  mutating func training(_ y: Tensor, _ x: Tensor) throws -> [Tensor] {
    let loss = reduceSum(y * y * input(y.shape.known ?? []))
    return try [y] + gradients(of: loss, withRespectTo: [x] + parameters).compactMap { $0 }
  }

  func plan(_ fetches: [Tensor]) throws -> Plan { try Session(graph: graph).plan(fetches, feeding: feeding) }

  func run(_ fetches: [Tensor], _ configuration: SessionConfiguration) throws -> [HostTensor] {
    try Session(graph: graph, configuration: configuration).run(fetches, feeding: feeding)
  }

  /// Expects the same numbers without the passes, and the same bits with any number of threads.
  func check(_ fetches: [Tensor], sourceLocation: SourceLocation = #_sourceLocation) throws {
    try expectSameWithoutPasses(graph, fetches, feeding, tolerance: 1e-4, sourceLocation: sourceLocation)
    let expected = try run(fetches, SessionConfiguration(threads: 1))
    for threads in [2, 3, 8] {
      let actual = try run(fetches, SessionConfiguration(threads: threads))
      #expect(actual == expected, "\(threads) threads", sourceLocation: sourceLocation)
    }
    var direct = SessionConfiguration()
    direct.convolution = .direct
    for (a, b) in zip(try run(fetches, direct), expected) {
      try expectClose(a, b, 2e-3, sourceLocation: sourceLocation)
    }
  }
}

extension Plan {
  /// The names of its kernels in short: those of convolutions, and how many others there are.
  fileprivate var outline: [String] {
    let convolutions = kernels.map(\.kernel.name).filter { $0.hasPrefix("conv") }
    return convolutions.map { name in
      // Which stages there are, not what is in them.
      name.split(separator: " ").map { $0.contains(":") ? String($0.prefix { $0 != ":" }) : String($0) }
        .joined(separator: " ")
    } + ["\(kernels.count - convolutions.count) others"]
  }
}

@Suite struct ConvolutionFusionTests {
  @Test func basicBlock() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16])
      let inner = relu(network.normalized(network.convolution(x, 16)))
      return try network.training(relu(network.normalized(network.convolution(inner, 16)) + x), x)
    }
    let plan = try network.plan(fetches)
    // Others: per normalisation what follows from the statistics, and from the sums of its gradient; the last
    // activation with its gradient and the sums of that.
    #expect(
      plan.outline == [
        "conv_forward y", "conv_forward x y", "conv_backward x dy dx", "conv_backward+add dy", "5 others",
      ],
      "\(plan.explain())")
    try network.check(fetches)
  }

  @Test func basicBlockBetweenOthers() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let images = network.input([16, 8, 8, 3])
      var x = relu(network.normalized(network.convolution(images, 16)))
      for _ in 0..<2 {
        let inner = relu(network.normalized(network.convolution(x, 16)))
        x = relu(network.normalized(network.convolution(inner, 16)) + x)
      }
      let loss = reduceSum(x * network.input([16, 8, 8, 16]))
      return try gradients(of: loss, withRespectTo: network.parameters).compactMap { $0 }
    }
    let plan = try network.plan(fetches)
    #expect(
      plan.outline == [
        "conv_forward y", "conv_forward x y", "conv_forward x y", "conv_forward x y", "conv_forward x y",
        "conv_backward x dy dx", "conv_backward+add dy dx", "conv_backward x dy dx", "conv_backward+add x dy dx",
        "conv_backward_filter dy", "11 others",
      ], "\(plan.explain())")
    try network.check(fetches)
  }

  @Test func preActivationBlock() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16])
      let first = network.convolution(relu(network.normalized(x)), 16)
      return try network.training(network.convolution(relu(network.normalized(first)), 16) + x, x)
    }
    let plan = try network.plan(fetches)
    #expect(
      plan.outline == [
        "conv_forward x y", "conv_forward+add x y", "conv_backward x dx", "conv_backward x dy dx", "6 others",
      ],
      "\(plan.explain())")
    try network.check(fetches)
  }

  @Test func bottleneckWithProjection() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16])
      let first = relu(network.normalized(network.convolution(x, 8, size: 1)))
      let second = relu(network.normalized(network.convolution(first, 8, stride: 2)))
      let third = network.normalized(network.convolution(second, 32, size: 1))
      let shortcut = network.normalized(network.convolution(x, 32, size: 1, stride: 2))
      return try network.training(relu(third + shortcut), x)
    }
    let plan = try network.plan(fetches)
    #expect(plan.kernels.count { $0.kernel.name.hasPrefix("conv") } == 8, "\(plan.explain())")
    #expect(plan.kernels.allSatisfy { !$0.kernel.name.hasPrefix("conv_forward") || $0.kernel.name.contains("y:") })
    try network.check(fetches)
  }

  @Test func biasBeforeNormalization() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16])
      let first = network.convolution(x, 16) + network.parameter([16], scale: 1)
      let second = network.convolution(relu(network.normalized(first)), 16) + network.parameter([16], scale: 1)
      return try network.training(relu(network.normalized(second)), x)
    }
    let plan = try network.plan(fetches)
    // The gradients of the biases are sums that the kernels of the filters' gradients take.
    #expect(
      plan.outline == [
        "conv_forward+bias y", "conv_forward+bias x y", "conv_backward x dy dx", "conv_backward dy", "5 others",
      ],
      "\(plan.explain())")
    try network.check(fetches)
  }

  @Test func plainNetwork() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16])
      let inner = relu(network.convolution(x, 16))
      return try network.training(relu(network.convolution(inner, 16)), x)
    }
    let plan = try network.plan(fetches)
    #expect(
      plan.outline == ["conv_forward+relu", "conv_forward+relu y", "conv_backward dx", "conv_backward", "0 others"],
      "\(plan.explain())")
    try network.check(fetches)
  }

  @Test func inferenceIsOneKernelPerConvolution() throws {
    var network = ConvolutionNetwork()
    let y = withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16])
      let first = relu(network.normalized(network.convolution(x, 16), isTraining: false))
      let second = network.normalized(network.convolution(first, 16), isTraining: false)
      return relu(second + x)
    }
    let plan = try network.plan([y])
    #expect(plan.outline == ["conv_forward y", "conv_forward y", "2 others"], "\(plan.explain())")
    try network.check([y])
  }

  /// Masks of one byte an element, which the gradient needs too, in images that are cut into bands.
  @Test func masksAreStoredInTheirOwnSize() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([4, 16, 16, 16])
      let y = network.normalized(network.convolution(x, 16))
      let leaky = select(less(y, zeros(like: y)), y * 0.1, y)
      return try network.training(network.convolution(leaky, 16) + leaky, x)
    }
    try network.check(fetches)
  }

  @Test func paddingIsPartOfTheWindow() throws {
    var network = ConvolutionNetwork()
    let fetches = try withGraph(network.graph) {
      let x = network.input([16, 9, 8, 16])
      let padded = pad(x, paddings: [(0, 0), (1, 1), (1, 2), (0, 0)])
      return try network.training(network.convolution(padded, 16, stride: 2, padding: .valid), x)
    }
    let plan = try network.plan(fetches)
    #expect(plan.kernels.map(\.kernel.name) == ["conv_forward y:mul+add", "conv_backward"], "\(plan.explain())")
    try network.check(fetches)
  }

  @Test func statisticsAreExactFarFromZero() throws {
    var network = ConvolutionNetwork()
    let (x, y) = withGraph(network.graph) {
      let x = network.input([16, 8, 8, 16], scale: 0.2, around: 100)
      let y = network.convolution(x, 16, size: 1)
      return (y, network.normalized(y))
    }
    let values = try network.run([x, y], SessionConfiguration()).map { try $0.doubles() }
    var plain = SessionConfiguration()
    plain.disabledPasses = optionalPasses
    let expected = try network.run([y], plain)[0].doubles()
    #expect(zip(values[1], expected).allSatisfy { abs($0 - $1) < 1e-2 })
    #expect(values[1].contains { abs($0) > 1 })
  }
}
