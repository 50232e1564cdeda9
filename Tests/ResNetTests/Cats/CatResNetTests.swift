import CKernels
import EspalierExecutor
import EspalierGraph
import EspalierKeras
import EspalierResNet
import Testing

@Suite struct CatResNetTests {
  @Test(arguments: [
    (CatResNet(.resNet18), 11_195_265, 11_185_793, 68),
    (CatResNet(.resNet18, useShortcut: false), 11_018_753, 11_011_073, nil),
    (CatResNet(.resNet50), 23_595_649, 23_542_657, 158),
    (CatResNet(.resNet50, useShortcut: false), 20_807_553, 20_762_241, nil),
  ]) func parametersAreKeras(_ network: CatResNet, _ total: Int, _ trained: Int, _ layers: Int?) throws {
    let model = try network.model()
    #expect(model.parameterCount == total)
    #expect(Keras.Model.count(model.trainableVariables) == trained)
    if let layers { #expect(model.layers.count == layers) }
  }

  @Test func shapesAreKeras() throws {
    func sizes(_ network: CatResNet) throws -> [Int] {
      let model = try network.model()
      return model.layers.compactMap { model.outputShape(of: $0.name) }
        .compactMap { $0.rank == 4 ? $0[1] : $0[-1] }
        .reduce(into: [224]) { if $0.last != $1 { $0.append($1) } }
    }
    #expect(try sizes(CatResNet(.resNet18)) == [224, 112, 55, 28, 14, 7, 3, 4608, 1])
    #expect(try sizes(CatResNet(.resNet50)) == [224, 112, 55, 28, 14, 7, 4, 2, 8192, 1])
  }

  @Test(arguments: [CatResNet.Depth.resNet18, .resNet50]) func smallImagesGoThroughToo(
    _ depth: CatResNet.Depth
  ) throws {
    let network = CatResNet(depth)
    let model = try network.model(inputShape: [64, 64, 3])
    #expect(model.outputShape(of: "flatten") == [nil, depth == .resNet18 ? 512 : 2048])
    _ = try network.model(inputShape: [CatResNet.leastSize, CatResNet.leastSize, 3])
    #expect(throws: GraphError.self) { try network.model(inputShape: [4, 4, 3]) }
  }

  /// What TensorFlow 2.15's Keras makes in double precision of four images of 96 × 96 with weights that a formula gives.
  ///
  /// In single precision its own losses are 3e-5, 8e-5, 2e-4 and 3e-2 off: the last network passes errors on enlarged.
  /// Images changed in their last bit move our losses as far.
  private struct Golden {
    let network: CatResNet
    let predictions: [Double]
    let firstLoss: Double
    let tolerance: Double
  }

  private static let golden = [
    Golden(
      network: CatResNet(.resNet18), predictions: [0.5046236, 0.49849393, 0.49583895, 0.50159601],
      firstLoss: 0.837173290, tolerance: 1e-4),
    Golden(
      network: CatResNet(.resNet18, useShortcut: false), predictions: [0.5, 0.5, 0.5, 0.5], firstLoss: 1.027285526,
      tolerance: 1e-4),
    Golden(
      network: CatResNet(.resNet50), predictions: [0.50410886, 0.50405908, 0.50381164, 0.50744009],
      firstLoss: 1.961565909, tolerance: 3e-4),
    Golden(
      network: CatResNet(.resNet50, useShortcut: false), predictions: [0.5, 0.5, 0.5, 0.5], firstLoss: 0.270802575,
      tolerance: 5e-2),
  ]

  /// How many times the rounding errors of fused products this processor, or the level asked for, makes.
  ///
  /// The formula's products cancel, so that their own rounding shows where they are not fused with their sum: images
  /// changed in their last bit then move the third network's loss by up to 1.8e-3, and by 2.8e-4 otherwise.
  private static var rounding: Double { esp_isa_level() == ESP_ISA_SCALAR && !hasFusedBaseline ? 7 : 1 }

  private static var hasFusedBaseline: Bool {
    #if arch(arm64)
      true
    #else
      false
    #endif
  }

  @Test(arguments: 0..<4) func followsKeras(_ index: Int) throws {
    let want = Self.golden[index]
    // As Keras convolves: Winograd's method makes larger rounding errors.
    var configuration = SessionConfiguration()
    configuration.convolution = .direct
    let model = try want.network.model(inputShape: [96, 96, 3], configuration: configuration)
    let kernels = model.trainableVariables.filter { $0.name.hasSuffix("kernel") }
    try FormulaWeights.set(kernels, in: model.session)
    let x = try FormulaWeights.images([4, 96, 96, 3], maximum: 1)
    for (got, value) in zip(try model.predict(x).doubles(), want.predictions) { #expect(abs(got - value) < 1e-6) }
    try model.compile(optimizer: .adam, loss: .binaryCrossentropy, metrics: [.accuracy])
    let y = try HostTensor([Float(0), 1, 0, 1], shape: [4, 1])
    let loss = try model.fit(x, y, batchSize: 4, verbose: .silent, shuffle: false)["loss"][0]
    #expect(abs(loss - want.firstLoss) < Self.rounding * want.tolerance * want.firstLoss, "loss is \(loss)")
  }
}
