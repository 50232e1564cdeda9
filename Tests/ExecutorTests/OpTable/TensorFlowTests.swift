import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierSavedModel
import TestSupport
import Testing

/// TensorFlow runs the graphs of all rows, with their gradients, to the same numbers.
@Suite(.enabled(if: TensorFlow.isPresent, Comment(rawValue: TensorFlow.isMissing)))
struct TensorFlowTests {
  /// Returns what TensorFlow computes of a graph and what was computed here, as lines that `program` reads.
  private func write(_ trial: Trial, _ outputs: [Tensor], to directory: String, _ number: Int) throws -> String {
    let session = trial.session()
    let feeds = try trial.feeds()
    let results = try session.run(outputs, feeding: feeds)
    try TestSupport.write(try trial.graph.graphDef(), toFile: "\(directory)/\(number).pb")
    try TestSupport.write(try frozenGraph(session, outputs: outputs), toFile: "\(directory)/\(number).stripped.pb")
    var lines: [String] = []
    for (index, (tensor, value)) in feeds.enumerated() {
      try NumpyFile.write(value, to: "\(directory)/\(number).feed\(index).npy")
      lines.append("\(number) feed\(index) \(tensor.name)")
    }
    for (index, (tensor, value)) in zip(outputs, results).enumerated() where value.dataType != .string {
      try NumpyFile.write(value, to: "\(directory)/\(number).fetch\(index).npy")
      lines.append("\(number) fetch\(index) \(tensor.name)")
    }
    return lines.joined(separator: "\n")
  }

  @Test(arguments: [OperationRow.Knowledge.ranks, .extents])
  func graphsRunToTheSameNumbers(_ knowledge: OperationRow.Knowledge) throws {
    try withTemporaryDirectory { directory in
      var lines: [String] = []
      var names: [String] = []
      for row in OperationTable.rows {
        let trial = try Trial(row, .float32, knowing: knowledge)
        guard trial.graph.diagnostics.isEmpty else { continue }
        var outputs = trial.outputs
        if row.order > 0, knowledge >= row.needs {
          outputs += try trial.gradients(of: trial.weighted(trial.outputs, seed: "loss")).compactMap(\.self)
        }
        lines.append(try write(trial, outputs, to: directory, names.count))
        names.append(row.name)
      }
      #expect(names.count > 150)
      try TestSupport.write(Array(lines.joined(separator: "\n").utf8), toFile: directory + "/tensors.txt")
      try TestSupport.write(Array(names.joined(separator: "\n").utf8), toFile: directory + "/names.txt")
      try TensorFlow.run(Self.program, directory)
    }
  }

  @Test func partsOfImagesAreDrawnThere() throws {
    let graph = Graph()
    let part = withGraph(graph) {
      sampleDistortedBoundingBox(
        imageSize: constant([200, 300, 3] as [Int32]), boundingBoxes: zeros([1, 0, 4]),
        rule: DistortedBoundingBox(areaRange: 0.2...0.3), usesImageIfNoBoundingBoxes: true, seed: 7)
    }
    try withTemporaryDirectory { directory in
      try TestSupport.write(try graph.graphDef(), toFile: directory + "/graph.pb")
      try TensorFlow.run(
        """
        definition = v1.GraphDef.FromString(open(d + "graph.pb", "rb").read())
        with v1.Session(graph=tf.Graph()) as session:
          tf.import_graph_def(definition, name="")
          begin, size, box = session.run(["\(part.begin.name)", "\(part.size.name)", "\(part.boxes.name)"])
          assert begin[2] == 0 and size[2] == -1 and box.shape == (1, 1, 4), (begin, size, box)
          assert 0.19 < size[0] * size[1] / 60000 < 0.31, size
        """, directory)
    }
  }

  private static let program = """
    from tensorflow.python.framework import meta_graph
    from tensorflow.core.protobuf import meta_graph_pb2
    names = open(d + "names.txt").read().split("\\n")
    tensors = [line.split() for line in open(d + "tensors.txt").read().split("\\n")]
    failures = []
    def check(number):
      def read(path): return v1.GraphDef.FromString(open(f"{d}{number}.{path}", "rb").read())
      mine = {kind: name for n, kind, name in tensors if n == str(number)}
      values = {kind: np.load(f"{d}{number}.{kind}.npy") for kind in mine}
      feeds = {mine[kind]: value for kind, value in values.items() if kind.startswith("feed")}
      fetches = {kind: mine[kind] for kind in mine if kind.startswith("fetch")}
      kept = {node.name for node in read("stripped.pb").node}
      for path in ["pb", "stripped.pb"]:
        with v1.Session(graph=tf.Graph()) as session:
          tf.import_graph_def(read(path), name="")
          here = {name: value for name, value in feeds.items() if path == "pb" or name[:-2] in kept}
          for kind, found in session.run(fetches, here).items():
            wanted = values[kind]
            assert found.shape == wanted.shape and found.dtype == wanted.dtype, (kind, found.shape, found.dtype)
            found, wanted = found.astype(np.float64), wanted.astype(np.float64)
            worst = np.max(np.abs(found - wanted), initial=0) / max(1, np.max(np.abs(wanted), initial=0))
            assert worst < 2e-5, (kind, worst)
      # What TensorFlow leaves out as a default is left out here.
      meta = meta_graph_pb2.MetaGraphDef(graph_def=read("pb"))
      meta_graph.strip_graph_default_valued_attrs(meta)
      for node, other in zip([n for n in meta.graph_def.node if n.name in kept], read("stripped.pb").node):
        left = {key for key in set(node.attr) ^ set(other.attr)}
        # As bytes: numbers that are not numbers are not equal to themselves.
        same = node.SerializeToString(deterministic=True) == other.SerializeToString(deterministic=True)
        assert same, f"{node.op}: {sorted(left)}"
    for number, name in enumerate(names):
      try: check(number)
      except Exception as error: failures.append(f"{name}: {type(error).__name__}: {str(error)[:300]}")
    assert not failures, "\\n".join(failures)
    """
}
