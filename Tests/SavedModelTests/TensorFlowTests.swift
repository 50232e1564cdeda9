import Espalier
import Foundation
import TestSupport
import Testing

/// The Python that has TensorFlow, named by `ESPALIER_TENSORFLOW_PYTHON`.
private enum TensorFlow {
  static let python = ProcessInfo.processInfo.environment["ESPALIER_TENSORFLOW_PYTHON"]
}

/// What is written here, TensorFlow reads.
@Suite(
  .enabled(if: TensorFlow.python != nil, "ESPALIER_TENSORFLOW_PYTHON does not name a Python with TensorFlow"),
  .serialized)
struct TensorFlowTests {
  private struct Failure: Error {
    let output: String
  }

  /// Runs a program of Python with a directory as its argument.
  private func run(_ program: String, _ directory: String) throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: try #require(TensorFlow.python))
    process.arguments = ["-c", Self.preamble + program, directory]
    process.standardError = pipe
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(output: output) }
  }

  private static let preamble = """
    import os, sys
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf
    v1, d = tf.compat.v1, sys.argv[1] + "/"

    """

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
      try run(
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
      try run(
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
      try run(
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
      try run(
        """
        reader = tf.train.load_checkpoint(d + "m")
        for i in range(5): assert list(reader.get_tensor("w%d" % i)) == [i, 1], i
        """, directory)
    }
  }
}
