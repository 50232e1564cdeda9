import Espalier
import TestSupport
import Testing

/// Variables in parts, savers and gradients of one's own, as TensorFlow and Espalier see each other's.
@Suite(.enabled(if: TensorFlow.isPresent, Comment(rawValue: TensorFlow.isMissing)), .serialized)
struct TensorFlowSaverTests {
  /// A variable in three parts and one in two, trained by one step with momentum.
  private func model(initial: Float) throws -> Session {
    let graph = Graph()
    let train = try withGraph(graph) {
      func ramp(_ shape: [Int], _ type: DataType) -> Tensor {
        constant((0..<shape.reduce(1, *)).map { Float($0) + initial }, shape: shape)
      }
      let rows = variableScope("s", partitioner: Partitioners.fixedSize(3)) {
        getVariable("w", shape: [7, 2], initializer: ramp)
      }
      let columns = getVariable("u", shape: [2, 5], initializer: ramp, partitioner: Partitioners.fixedSize(2, axis: 1))
      let loss = reduceSum(square(rows.tensor)) + reduceSum(columns.tensor * 3)
      return try MomentumOptimizer(learningRate: 0.5, momentum: 0.9).minimize(loss)
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    try session.run(train)
    return session
  }

  private static let theirModel = """
    def model():
      ramp = lambda shape, dtype=None, partition_info=None: np.zeros(shape, np.float32)
      with v1.variable_scope("s", use_resource=False, partitioner=v1.fixed_size_partitioner(3)):
        w = v1.get_variable("w", [7, 2], initializer=v1.zeros_initializer())
      u = v1.get_variable(
        "u", [2, 5], initializer=v1.zeros_initializer(), partitioner=v1.fixed_size_partitioner(2, axis=1),
        use_resource=False)
      v1.train.MomentumOptimizer(0.5, 0.9).minimize(
        tf.reduce_sum(tf.square(tf.convert_to_tensor(w))) + tf.reduce_sum(3 * tf.convert_to_tensor(u)))
      return w, u

    """

  @Test func variablesInPartsAreRestoredThere() throws {
    try withTemporaryDirectory { directory in
      try Saver().save(try model(initial: 100), directory: directory, step: 1)
      try TensorFlow.run(
        Self.theirModel + """
          w_expected = np.arange(14).reshape(7, 2) + 100.0
          slot = 2 * w_expected
          u_expected = np.arange(10).reshape(2, 5) + 100.0 - 1.5
          reader = tf.train.load_checkpoint(d)
          shapes = reader.get_variable_to_shape_map()
          assert shapes == {"s/w": [7, 2], "u": [2, 5], "s/w/Momentum": [7, 2], "u/Momentum": [2, 5]}, shapes
          assert np.array_equal(reader.get_tensor("s/w"), w_expected - 0.5 * slot)
          assert np.array_equal(reader.get_tensor("s/w/Momentum"), slot)
          assert np.array_equal(reader.get_tensor("u"), u_expected)
          prefix = tf.train.latest_checkpoint(d)
          with v1.Session(graph=tf.Graph()) as session:
            w, u = model()
            v1.train.Saver().restore(session, prefix)
            assert np.array_equal(session.run(tf.convert_to_tensor(w)), w_expected - 0.5 * slot)
            assert np.array_equal(session.run(tf.convert_to_tensor(u)), u_expected)
            assert np.array_equal(session.run("s/w/part_1/Momentum:0"), slot[3:5])
          # The graph beside the checkpoint has the nodes that restore it.
          with v1.Session(graph=tf.Graph()) as session:
            saver = v1.train.import_meta_graph(prefix + ".meta")
            assert saver.as_saver_def().max_to_keep == 5
            saver.restore(session, prefix)
            assert np.array_equal(session.run("s/w:0"), w_expected - 0.5 * slot)
            v1.train.Saver(v1.global_variables()).save(session, d + "again", write_state=False)
          assert tf.train.load_checkpoint(d + "again").get_variable_to_shape_map() == shapes
          """, directory)
      let again = try CheckpointReader(prefix: directory + "/again")
      #expect(try again.tensor(named: "u").doubles() == (0..<10).map { Double($0) + 98.5 })
    }
  }

  @Test func variablesInPartsAreRestoredHere() throws {
    try withTemporaryDirectory { directory in
      try TensorFlow.run(
        Self.theirModel + """
          with v1.Session(graph=tf.Graph()) as session:
            w, u = model()
            session.run(v1.global_variables_initializer())
            for variable in v1.global_variables():
              variable.load(np.arange(np.prod(variable.shape)).reshape(variable.shape) + len(variable.name), session)
            v1.train.Saver().save(session, d + "m")
            np.save(d + "w.npy", session.run(tf.convert_to_tensor(w)))
            np.save(d + "u.npy", session.run(tf.convert_to_tensor(u)))
            np.save(d + "slot.npy", session.run("s/w/part_2/Momentum:0"))
          """, directory)
      let session = try model(initial: 0)
      #expect(try Saver().restore(session, from: directory + "/m").isComplete)
      let whole = try ["s/w:0", "u:0"].map { try #require(session.graph.tensor(named: $0)) }
      let values = try session.run(whole)
      #expect(
        try values[0] == NumpyFile.read(directory + "/w.npy") && values[1] == NumpyFile.read(directory + "/u.npy"))
      #expect(try session.variables.value(of: "s/w/part_2/Momentum") == NumpyFile.read(directory + "/slot.npy"))
    }
  }

  @Test func modelsWithVariablesInPartsRun() throws {
    let session = try model(initial: 10)
    let w = try #require(session.graph.tensor(named: "s/w:0"))
    let signature = withGraph(session.graph) {
      let x = placeholder(shape: [nil, 7], name: "x")
      return SignatureDefinition.predict(inputs: ["x": x], outputs: ["y": matMul(x, w)])
    }
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: session, signatures: ["serving_default": signature])
        .write(to: directory + "/model")
      let weights = try session.run([w])[0]
      try NumpyFile.write(weights, to: directory + "/w.npy")
      try TensorFlow.run(
        """
        w = np.load(d + "w.npy")
        assert np.array_equal(tf.train.load_checkpoint(d + "model/variables/variables").get_tensor("s/w"), w)
        with v1.Session(graph=tf.Graph()) as session:
          signature = v1.saved_model.load(session, ["serve"], d + "model").signature_def["serving_default"]
          y = session.run(signature.outputs["y"].name, {signature.inputs["x"].name: np.eye(7)})
          assert np.array_equal(y, w), y
        """, directory)
      let loaded = try SavedModel.load(directory + "/model")
      #expect(loaded.session.graph.variable(named: "s/w/part_1")?.slice?.name == "s/w")
      try Saver().save(loaded.session, directory: directory + "/again")
      #expect(try loadVariable(directory + "/again", "s/w") == weights)
    }
  }

  @Test func gradientsOfOnesOwnAndNeighboursAreKeptInGraphs() throws {
    let graph = Graph()
    try withGraph(graph) {
      let x = placeholder(shape: [], name: "x")
      let y = customGradient(x) { x in
        let e = exp(x)
        return (log(1 + e), { dy in dy * (1 - 1 / (1 + e)) })
      }
      let z = identity(y, name: "z")
      _ = try gradients(of: [z], withRespectTo: [x], gateGradients: true, colocateGradientsWithOps: true)
      _ = try MomentumOptimizer(learningRate: 0.1, momentum: 0.9).minimize(getVariable("v", shape: []).tensor * z)
    }
    try withTemporaryDirectory { directory in
      try graph.write(to: directory + "/graph.pb")
      try TensorFlow.run(
        """
        definition = v1.GraphDef.FromString(open(d + "graph.pb", "rb").read())
        with v1.Session(graph=tf.Graph()) as session:
          tf.import_graph_def(definition, name="")
          graph = session.graph
          node = graph.get_operation_by_name("IdentityN")
          assert node.get_attr("_gradient_op_type").startswith(b"CustomGradient-")
          groups = lambda name: graph.get_operation_by_name(name).colocation_groups()
          assert groups("gradients/IdentityN_grad/Mul") == [b"loc:@IdentityN"]
          for name in ["v/Momentum", "v/Momentum/read", "v/Assign", "Momentum/update_v/ApplyMomentum"]:
            assert groups(name) == [b"loc:@v"], (name, groups(name))
          x = np.float32(1)
          values = session.run(["z:0", "gradients/IdentityN_grad/Mul:0"], {"x:0": x})
          assert np.allclose(values, [1.3132616, 0.7310586]), values
          try:
            tf.gradients(graph.get_tensor_by_name("z:0"), graph.get_tensor_by_name("x:0"))
            assert False, "a gradient that is not in the file"
          except LookupError: pass
        """, directory)
    }
  }
}
