import Espalier
import EspalierTools
import TestSupport
import Testing

@Suite struct ToolTests {
  private struct Outcome {
    var status: Int32 = 0
    var lines: [String] = []
    var complaints: [String] = []
  }

  private func espalier(_ arguments: String...) -> Outcome {
    var outcome = Outcome()
    // The closures run before the call returns.
    nonisolated(unsafe) var lines: [String] = []
    let status = Tool.run(arguments, print: { lines.append($0) }, complain: { outcome.complaints.append($0) })
    outcome.status = status
    outcome.lines = lines
    return outcome
  }

  /// Calls `body` with the path of a model.
  private func withModel(_ body: (String) throws -> Void) throws {
    let graph = Graph()
    let signature = withGraph(graph) {
      let x = placeholder(shape: [nil, 2], name: "x")
      let w = getVariable(
        "w", shape: [2, 1], initializer: { shape, type in constant([2, 3] as [Float], shape: shape) })
      return SignatureDefinition.predict(inputs: ["x": x], outputs: ["y": matMul(x, w.tensor, name: "y")])
    }
    let session = Session(graph: graph)
    try session.run(globalVariablesInitializer(in: graph))
    try withTemporaryDirectory { directory in
      try SavedModelExporter(session: session, signatures: ["serving_default": signature])
        .write(to: directory + "/model")
      try NumpyFile.write(try HostTensor([1, 0, 0, 1] as [Float], shape: [2, 2]), to: directory + "/x.npy")
      try body(directory)
    }
  }

  @Test func misuseExitsWith64AndSaysWhatWasMeant() {
    let wrong = espalier("doktor")
    #expect(wrong.status == 64 && wrong.complaints == ["espalier: 'doktor' is not a command; did you mean 'doctor'?"])
    let missing = espalier("show")
    #expect(missing.status == 64)
    #expect(missing.complaints == ["espalier: <directory> is missing; espalier show --help says what it is"])
    let option = espalier("show", "--operatons", "dir")
    #expect(option.status == 64 && option.complaints.first?.contains("did you mean --operations?") == true)
    #expect(espalier().status == 64)
    #expect(espalier("inspect-records", "/nonexistent").status == 66)
  }

  @Test(arguments: [
    "", "inspect-checkpoint", "inspect-events", "inspect-records", "report", "show", "run", "freeze", "summarize-graph",
    "doctor",
  ])
  func helpFitsTheTerminal(_ command: String) {
    let outcome = command.isEmpty ? espalier("--help") : espalier(command, "--help")
    #expect(outcome.status == 0)
    let lines = outcome.lines.flatMap { $0.split(separator: "\n") }
    #expect(lines.contains { $0.hasPrefix("usage: espalier") })
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test func modelsAreShownAndRun() throws {
    try withModel { directory in
      let shown = espalier("show", directory + "/model")
      #expect(shown.status == 0)
      #expect(shown.lines.contains("  signature serving_default (tensorflow/serving/predict)"))
      #expect(shown.lines.contains("    in   x  float32[?,2]  x:0"))
      let run = espalier("run", directory + "/model", "x=\(directory)/x.npy", "--output", directory + "/out")
      #expect(run.lines == ["y  float32[2,1]", "[[2.0] [3.0]]"])
      let written = try NumpyFile.read(directory + "/out/y.npy")
      #expect(written == (try HostTensor([2, 3] as [Float], shape: [2, 1])))
      let wrong = espalier("run", directory + "/model", "z=\(directory)/x.npy")
      #expect(
        wrong.status == 1 && wrong.complaints == ["espalier: signature 'serving_default' takes [\"x\"], not [\"z\"]"])
    }
  }

  @Test func aSingleRecordIsAScalarWhereOneIsTaken() throws {
    try withTemporaryDirectory { directory in
      let graph = Graph()
      let (text, result) = withGraph(graph) {
        let text = placeholder(.string, shape: [], name: "text")
        return (text, decodeRaw(reshape(text, to: [1]), outType: .uint8))
      }
      let exporter = SavedModelExporter(
        session: Session(graph: graph),
        signatures: [SignatureDefinition.defaultServingKey: .predict(inputs: ["x": text], outputs: ["y": result])])
      try exporter.write(to: directory + "/model")
      let records = try TFRecordWriter(path: directory + "/one.tfrecord")
      try records.write([7, 9])
      try records.close()
      let run = espalier("run", directory + "/model", "x=\(directory)/one.tfrecord")
      #expect(run.lines == ["y  uint8[1,2]", "[[7 9]]"])
    }
  }

  @Test func modelsAreFrozen() throws {
    try withModel { directory in
      let file = directory + "/frozen.pb"
      #expect(espalier("freeze", directory + "/model", file).status == 0)
      let summary = espalier("summarize-graph", file)
      #expect(summary.lines.contains("input   x  float32[?,2]") && summary.lines.contains("output  y  MatMul"))
      let graph = Graph()
      let imported = try graph.importGraphDef(from: file)
      let y = try imported.tensor(named: "y")
      let x = try imported.tensor(named: "x")
      let value = try Session(graph: graph).run(y, feeding: [x: try NumpyFile.read(directory + "/x.npy")])
      #expect(value == (try HostTensor([2, 3] as [Float], shape: [2, 1])))
      #expect(graph.nodes.allSatisfy { !($0.operation is VariableV2) })
    }
  }

  @Test func checkpointsEventsAndRecordsAreListed() throws {
    try withModel { directory in
      let variables = espalier("inspect-checkpoint", directory + "/model/variables/variables", "--verify")
      #expect(variables.lines.first == "w  float32  [2,1]")
      #expect(variables.lines.last?.hasSuffix("1 tensors, 2 elements, 8 B, all checksums right") == true)
      let values = espalier("inspect-checkpoint", directory + "/model/variables/variables", "--tensor", "w")
      #expect(values.lines == ["w  float32[2,1]", "[[2.0] [3.0]]"])
      let events = try EventFileWriter(directory: directory + "/run")
      for step in 1...3 { try events.add(Summary([.scalar("loss", 1 / Float(step))]), step: step) }
      try events.close()
      let listed = espalier("inspect-events", directory + "/run")
      #expect(listed.lines.contains("  loss       3  steps 1–3  0.33333334"))
      #expect(espalier("inspect-events", directory + "/run", "--tag", "loss").lines.first == "1  1.0")
      let records = TFRecordWriter(try LocalFileSystem().createFile(directory + "/data.tfrecord", exclusively: true))
      try records.write(Example(features: ["label": .int64([7])]).serialized())
      try records.close()
      let found = espalier("inspect-records", directory + "/data.tfrecord")
      #expect(found.lines[1] == "  label  int64[1]  7")
    }
  }

  @Test func trainingsAreReported() throws {
    try withTemporaryDirectory { directory in
      #expect(espalier("report", directory).status == 66)
      let events = try EventFileWriter(directory: directory)
      for step in 1...3 { try events.add(Summary([.scalar("loss", 1 / Float(step))]), step: step) }
      try events.close()
      #expect(espalier("report", directory).lines == [directory + "/report.html"])
      let page = String(decoding: try bytes(ofFile: directory + "/report.html"), as: UTF8.self)
      #expect(page.contains("<h2>loss</h2>") && page.contains("<svg"))
      #expect(espalier("report", directory, "--output", directory + "/other.html").status == 0)
      #expect(try bytes(ofFile: directory + "/other.html").count == page.utf8.count)
    }
  }

  @Test func theDoctorNamesLibraries() {
    let outcome = espalier("doctor")
    #expect(outcome.status == 0)
    #expect(outcome.lines.contains { $0.hasPrefix("instructions") })
    for library in ["zlib", "libturbojpeg", "libpng"] {
      #expect(outcome.lines.contains { $0.contains(library) })
    }
  }
}
