import Espalier
import TestSupport
import Testing

@Suite struct ModelTests {
  private func small(seed: Int? = 3, dropout: Double = 0) throws -> Keras.Model {
    let input = Keras.input(shape: [8, 8, 3])
    var x = Keras.Conv2D(4, 3, padding: .same)(dropout > 0 ? Keras.Dropout(dropout)(input) : input)
    x = Keras.ReLU()(Keras.BatchNormalization()(x))
    x = x + Keras.Conv2D(4, 1)(input)
    let output = Keras.Dense(1, activation: .sigmoid)(Keras.Flatten()(Keras.MaxPool2D()(x)))
    return try Keras.Model(inputs: input, outputs: output, seed: seed)
  }

  /// Returns images that are bright where the label is 1.
  private func examples(_ count: Int) throws -> (x: HostTensor, y: HostTensor) {
    var labels: [Float] = []
    var pixels: [Float] = []
    for index in 0..<count {
      let label = Float(index % 2)
      labels.append(label)
      for pixel in 0..<192 { pixels.append(Float((pixel * 7 + index) % 10) / 10 * (0.3 + 0.7 * label)) }
    }
    return (try HostTensor(pixels, shape: [count, 8, 8, 3]), try HostTensor(labels, shape: [count, 1]))
  }

  @Test func summaryIsKeras() throws {
    let lines = try small().summary().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == "Model: \"model\"")
    #expect(lines[2].hasPrefix("Layer (type)                 Output Shape                  Param #   Connected to"))
    #expect(lines[4].hasPrefix("input_1 (InputLayer)         [(None, 8, 8, 3)]             0         []"))
    #expect(lines.contains { $0.hasPrefix("conv2d (Conv2D)              (None, 8, 8, 4)               112       ") })
    #expect(lines.contains { $0.hasPrefix("batch_normalization          (None, 8, 8, 4)               16        ") })
    #expect(lines.contains { $0.contains("'re_lu[0][0]', 'conv2d_1[0][0]']") || $0.contains("'conv2d_1[0][0]']") })
    #expect(lines.contains("Total params: 209"))
    #expect(lines.contains("Trainable params: 201"))
    #expect(lines.contains("Non-trainable params: 8"))
  }

  @Test func fitsAndEvaluates() throws {
    let model = try small()
    try model.compile(optimizer: .adam(learningRate: 0.01), loss: .binaryCrossentropy, metrics: [.accuracy])
    let (x, y) = try examples(20)
    let history = try model.fit(x, y, epochs: 12, batchSize: 8, verbose: .silent, validationData: (x, y))
    #expect(history.epochs == Array(0..<12))
    #expect((history["loss"].last ?? 9) < (history["loss"].first ?? 0))
    #expect(history["val_accuracy"].count == 12)
    let first = try model.evaluate(x, y, verbose: .silent)
    let second = try model.evaluate(x, y, batchSize: 7, verbose: .silent)
    #expect(first.count == 2)
    #expect(zip(first, second).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(try model.predict(x).shape == [20, 1])
    #expect(model.metricNames == ["loss", "accuracy"])
  }

  @Test(arguments: [0, 0.3]) func goesOnWhereItStopped(dropout: Double) throws {
    try withTemporaryDirectory { directory in
      let (x, y) = try examples(12)
      func train(_ model: Keras.Model, epochs: Int, from initial: Int) throws -> [Double] {
        try model.fit(
          x, y, epochs: epochs, batchSize: 4, verbose: .silent, callbacks: [Keras.ModelCheckpoint(directory)],
          initialEpoch: initial)["loss"]
      }
      let whole = try small(dropout: dropout)
      try whole.compile(optimizer: .adam, loss: .binaryCrossentropy)
      let losses = try whole.fit(x, y, epochs: 4, batchSize: 4, verbose: .silent)["loss"]
      let begun = try small(dropout: dropout)
      try begun.compile(optimizer: .adam, loss: .binaryCrossentropy)
      let firstHalf = try train(begun, epochs: 2, from: 0)
      let resumed = try small(dropout: dropout)
      try resumed.compile(optimizer: .adam, loss: .binaryCrossentropy)
      let done = try resumed.restore(from: directory)
      #expect(done == 2)
      #expect(try firstHalf + train(resumed, epochs: 4, from: done) == losses)
    }
  }

  @Test func mistakesHaveAPlace() throws {
    let input = Keras.input(shape: [4, 4, 3])
    let output = Keras.Dense(1)(Keras.AveragePooling2D(9)(input) + input)
    do {
      _ = try Keras.Model(inputs: input, outputs: output)
      Issue.record("the pooling window is larger than the image")
    } catch let error as GraphError {
      #expect(error.description.contains("ModelTests.swift"), "\(error)")
    }
    let other = Keras.input(shape: [2])
    #expect(throws: GraphError.self) { try Keras.Model(inputs: other, outputs: Keras.Dense(1)(input)) }
    let model = try small()
    let (x, y) = try examples(2)
    #expect(throws: GraphError.self) { try model.fit(x, y) }
  }

  @Test func crossEntropyIsClipped() throws {
    let graph = Graph()
    let value = withGraph(graph) {
      Keras.Loss.binaryCrossentropy.value(constant([Float(0)], shape: [1, 1]), constant([Float(1)], shape: [1, 1]))
    }
    #expect(abs(try Session(graph: graph).run(value).doubles()[0] - 15.333239) < 1e-4)
  }
}
