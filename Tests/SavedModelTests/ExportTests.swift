import Espalier
import TestSupport
import Testing

/// What is exported comes back as it was, and is what TensorFlow's loader expects.
@Suite struct ExportTests {
  /// A session of a small convolutional network, with a signature.
  struct Network {
    let graph = Graph()
    let session: Session
    let image: Tensor
    let signature: SignatureDefinition

    init() throws {
      graph.seed = 5
      let x = withGraph(graph) { placeholder(shape: [nil, 8, 8, 3], name: "image") }
      image = x
      signature = withGraph(graph) {
        let filter = getVariable("conv/kernel", shape: [3, 3, 3, 4]).tensor
        let bias = getVariable("conv/bias", shape: [4]).tensor
        let hidden = relu(biasAdd(conv2D(x, filter: filter, strides: (2, 2)), bias))
        let pooled = reduceMean(hidden, axes: [1, 2])
        let logits = matMul(pooled, getVariable("dense/kernel", shape: [4, 5]).tensor, name: "logits")
        _ = reduceSum(logits, name: "not_exported")
        return .predict(
          inputs: ["image": x],
          outputs: ["probabilities": softmax(logits), "classes": argMax(logits, axis: 1)])
      }
      session = Session(graph: graph)
      try session.run(globalVariablesInitializer(in: graph))
    }

    var images: HostTensor {
      get throws {
        let pixels = (0..<384).map { index in Float(index % 17) * 0.125 - 1 }
        return try HostTensor(pixels, shape: [2, 8, 8, 3])
      }
    }
  }

  @Test func modelsComeBackAsTheyWere() throws {
    let network = try Network()
    let images = try network.images
    let expected = try network.session.run(network.signature.outputs, feeding: [network.image: images])
    try withTemporaryDirectory { directory in
      let exporter = SavedModelExporter(session: network.session, signatures: ["serving_default": network.signature])
      let path = try exporter.writeTimestamped(in: directory + "/export")
      let name = FilePath.name(of: path)
      #expect(name.count == 10 && Int(name) != nil)
      let names = try LocalFileSystem().names(inDirectory: path)
      #expect(names == ["saved_model.pb", "variables"])
      let exports = try LocalFileSystem().names(inDirectory: directory + "/export")
      #expect(exports == [name])
      let model = try SavedModel.load(path)
      let found = try model.predict(["image": images])
      #expect(found == expected)
      #expect(model.graph.node(named: "not_exported") == nil)
      #expect(trainableVariables(in: model.graph).map(\.name) == ["conv/kernel", "conv/bias", "dense/kernel"])
    }
  }

  @Test func nothingIsWrittenWhereAModelIs() throws {
    let network = try Network()
    try withTemporaryDirectory { directory in
      let exporter = SavedModelExporter(session: network.session, signatures: ["serving_default": network.signature])
      try exporter.write(to: directory + "/model")
      #expect(throws: FormatError.self) { try exporter.write(to: directory + "/model") }
    }
  }

  @Test func uninitializedVariablesAreNamed() throws {
    let network = try Network()
    let exporter = SavedModelExporter(
      session: Session(graph: network.graph), signatures: ["serving_default": network.signature])
    try withTemporaryDirectory { directory in
      let error = #expect(throws: ExecutionError.self) { try exporter.write(to: directory + "/model") }
      #expect(error?.message == "Attempting to use uninitialized value conv/kernel")
      let names = try LocalFileSystem().names(inDirectory: directory)
      #expect(names.isEmpty)
    }
  }

  @Test func predictNamesWhatIsMissing() throws {
    let network = try Network()
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: network.session, signatures: ["serving_default": network.signature])
        .write(to: directory + "/model")
      let model = try SavedModel.load(directory + "/model")
      #expect(throws: ExecutionError.self) { try model.predict([:]) }
      let error = #expect(throws: ExecutionError.self) { try model.predict([:], signature: "other") }
      #expect(error?.message == "there is no signature 'other', only [\"serving_default\"]")
      let wrong = #expect(throws: FormatError.self) { try SavedModel.load(directory + "/model", tags: ["train"]) }
      #expect(wrong?.kind == .notFound)
    }
  }
}
