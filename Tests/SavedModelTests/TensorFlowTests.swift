import Espalier
import TestSupport
import Testing

/// What is written here, TensorFlow reads.
@Suite(.enabled(if: TensorFlow.isPresent, Comment(rawValue: TensorFlow.isMissing)), .serialized)
struct TensorFlowTests {
  private func expectClose(_ directory: String, _ name: String, _ expected: HostTensor?) throws {
    let expected = try #require(expected)
    let found = try NumpyFile.read(directory + "/" + name + ".npy")
    #expect(found.shape == expected.shape && found.dataType == expected.dataType)
    let worst = try zip(found.doubles(), expected.doubles()).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
    #expect(worst <= 1e-5, "\(name): \(worst)")
  }

  @Test func modelsRunInBothLoaders() throws {
    let network = try ExportTests.Network()
    let images = try network.images
    let expected = try network.session.run(network.signature.outputs, feeding: [network.image: images])
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: network.session, signatures: ["serving_default": network.signature])
        .write(to: directory + "/model")
      try NumpyFile.write(images, to: directory + "/x.npy")
      try TensorFlow.run(
        """
        x = np.load(d + "x.npy")
        with v1.Session(graph=tf.Graph()) as session:
          meta = v1.saved_model.load(session, ["serve"], d + "model")
          signature = meta.signature_def["serving_default"]
          assert signature.method_name == "tensorflow/serving/predict"
          outputs = session.run({k: o.name for k, o in signature.outputs.items()}, {signature.inputs["image"].name: x})
          for k, o in outputs.items(): np.save(d + "v1_" + k + ".npy", o)
          assert len(v1.trainable_variables()) == 3
        function = tf.saved_model.load(d + "model").signatures["serving_default"]
        for k, o in function(image=tf.constant(x)).items(): np.save(d + "v2_" + k + ".npy", o.numpy())
        # Nothing is left to strip.
        from tensorflow.core.protobuf import saved_model_pb2
        from tensorflow.python.framework import meta_graph
        models = [saved_model_pb2.SavedModel.FromString(open(d + "model/saved_model.pb", "rb").read()) for _ in "ab"]
        meta_graph.strip_graph_default_valued_attrs(models[1].meta_graphs[0])
        assert models[0].meta_graphs[0].graph_def == models[1].meta_graphs[0].graph_def
        """, directory)
      for (key, value) in expected {
        try expectClose(directory, "v1_" + key, value)
        try expectClose(directory, "v2_" + key, value)
      }
    }
  }

  @Test func modelsOfExamplesRun() throws {
    let graph = Graph()
    let signature = withGraph(graph) {
      let serialized = placeholder(.string, shape: [nil], name: "examples")
      let features: [String: FeatureSpec] = [
        "x": .fixedLength(shape: [2], .float32), "steps": .fixedLengthSequence(shape: [], .int64),
      ]
      let parsed = parseExample(serialized, features: features)
      let x = parsed["x"] ?? serialized
      let scores = softmax(matMul(x, getVariable("w", shape: [2, 3]).tensor))
      return SignatureDefinition.predict(
        inputs: ["examples": serialized], outputs: ["scores": scores, "steps": parsed["steps"] ?? serialized])
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    let records = (1...3).map { number in
      Example(features: ["x": .float([Float(number), -1]), "steps": .int64((0..<number).map(Int64.init))]).serialized()
    }
    let serialized = try #require(signature.inputs["examples"])
    let examples = try HostTensor(strings: records, shape: [3])
    let expected = try session.run(signature.outputs, feeding: [serialized: examples])
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: session, signatures: ["serving_default": signature])
        .write(to: directory + "/model")
      let file = TFRecordWriter(try LocalFileSystem().createFile(directory + "/x.tfrecord", exclusively: true))
      for record in records { try file.write(record) }
      try file.close()
      try TensorFlow.run(
        """
        examples = list(v1.io.tf_record_iterator(d + "x.tfrecord"))
        with v1.Session(graph=tf.Graph()) as session:
          signature = v1.saved_model.load(session, ["serve"], d + "model").signature_def["serving_default"]
          feed = {signature.inputs["examples"].name: examples}
          outputs = session.run({k: o.name for k, o in signature.outputs.items()}, feed)
          for k, o in outputs.items(): np.save(d + k + ".npy", o)
        """, directory)
      for (key, value) in expected { try expectClose(directory, key, value) }
    }
  }

  @Test func frozenGraphsAndTextAreImported() throws {
    let network = try ExportTests.Network()
    let images = try network.images
    let outputs = network.signature.outputs
    let expected = try network.session.run(outputs, feeding: [network.image: images])
    try withTemporaryDirectory { directory in
      let frozen = try frozenGraph(network.session, outputs: Array(outputs.values))
      try TestSupport.write(frozen, toFile: directory + "/frozen.pb")
      try network.graph.write(to: directory + "/graph.pbtxt")
      try NumpyFile.write(images, to: directory + "/x.npy")
      let names = outputs.map { "\"\($0.key)\": \"\($0.value.name)\"" }.joined(separator: ", ")
      try TensorFlow.run(
        """
        definition = v1.GraphDef.FromString(open(d + "frozen.pb", "rb").read())
        with v1.Session(graph=tf.Graph()) as session:
          tf.import_graph_def(definition, name="")
          outputs = session.run({\(names)}, {"image:0": np.load(d + "x.npy")})
          for k, o in outputs.items(): np.save(d + k + ".npy", o)
        from google.protobuf import text_format
        text = text_format.Parse(open(d + "graph.pbtxt").read(), v1.GraphDef())
        with tf.Graph().as_default(): tf.import_graph_def(text)
        """, directory)
      for (key, value) in expected { try expectClose(directory, key, value) }
    }
  }

  @Test func shardedCheckpointsAreRead() throws {
    try withTemporaryDirectory { directory in
      let tensors = Dictionary(uniqueKeysWithValues: (0..<5).map { ("w\($0)", HostTensor([Float($0), 1])) })
      try CheckpointWriter().write(tensors, prefix: directory + "/m", shardCount: 3)
      try TensorFlow.run(
        """
        reader = tf.train.load_checkpoint(d + "m")
        for i in range(5): assert list(reader.get_tensor("w%d" % i)) == [i, 1], i
        """, directory)
    }
  }

  /// Optimizers of every kind, each with variables of its own.
  private func optimizers(_ step: Variable) throws -> [Optimizer] {
    [
      GradientDescentOptimizer(learningRate: 0.1), MomentumOptimizer(learningRate: 0.1, momentum: 0.9),
      MomentumOptimizer(learningRate: 0.1, momentum: 0.9, useNesterov: true, name: "Nesterov"),
      AdamOptimizer(learningRate: 0.1), RMSPropOptimizer(learningRate: 0.1),
      RMSPropOptimizer(learningRate: 0.1, centered: true, name: "Centered"), AdagradOptimizer(learningRate: 0.1),
      AdadeltaOptimizer(learningRate: 0.1), FtrlOptimizer(learningRate: 0.1, l1RegularizationStrength: 0.01),
      ProximalGradientDescentOptimizer(learningRate: 0.1, l1RegularizationStrength: 0.01),
      ProximalAdagradOptimizer(learningRate: 0.1, l2RegularizationStrength: 0.01),
      AdagradDAOptimizer(learningRate: 0.1, globalStep: step), LARSOptimizer(learningRate: 0.1),
      MovingAverageOptimizer(GradientDescentOptimizer(learningRate: 0.1, name: "Inner"), averageDecay: 0.5),
      LossScaleOptimizer(
        GradientDescentOptimizer(learningRate: 0.1, name: "Scaled"), try FixedLossScale(128)),
    ]
  }

  @Test func trainingsRunThere() throws {
    let graph = Graph()
    let train = try withGraph(graph) {
      let step = try createGlobalStep()
      let nodes = try optimizers(step).enumerated().map { index, optimizer in
        let variable = getVariable("v\(index)", shape: [2, 3], initializer: Initializers.constant(0.5))
        let loss = reduceSum(square(variable.tensor - constant([1, 2, 3] as [Float])))
        return try optimizer.minimize(loss, variables: [variable.variable])
      }
      return group(nodes + [step.assignAdd(constant(Int64(1))).node], name: "train")
    }
    let initializer = globalVariablesInitializer(in: graph)
    let session = Session(graph: graph)
    try session.run(initializer)
    for _ in 0..<3 { try session.run(train) }
    try withTemporaryDirectory { directory in
      try graph.write(to: directory + "/graph.pb")
      try TensorFlow.run(
        """
        definition = v1.GraphDef.FromString(open(d + "graph.pb", "rb").read())
        with v1.Session(graph=tf.Graph()) as session:
          tf.import_graph_def(definition, name="")
          session.run("\(initializer.name)")
          for _ in range(3): session.run("train")
          for node in definition.node:
            if node.op == "VariableV2": np.save(d + node.name.replace("/", "-") + ".npy", session.run(node.name + ":0"))
        """, directory)
      let names = session.variables.names
      #expect(names.count > 30)
      for name in names {
        try expectClose(directory, name.replacing("/", with: "-"), session.variables.value(of: name))
      }
    }
  }
}
