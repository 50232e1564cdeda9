import Espalier
import TestSupport
import Testing

@Suite struct SaverTests {
  /// Returns a session with a counter and a vector called `name`.
  private func session(_ name: String = "kernel", shape: [Int] = [3]) throws -> Session {
    let graph = Graph()
    try withGraph(graph) {
      try createGlobalStep()
      _ = getVariable(name, shape: shape, initializer: Initializers.constant(0.5))
    }
    let session = Session(graph: graph)
    for variable in graph.collection(.globalVariables, of: Variable.self) { try session.run(variable.initializer) }
    return session
  }

  @Test func valuesComeBack() throws {
    try withTemporaryDirectory { directory in
      let saved = try session()
      try saved.variables.set(HostTensor([Float(1), 2, 3]), for: "kernel")
      let prefix = try Saver().save(saved, directory: directory, step: 12)
      #expect(prefix == directory + "/model.ckpt-12")
      let other = try session()
      let report = try Saver().restore(other, from: prefix)
      #expect(report.isComplete && report.restored == ["global_step", "kernel"])
      #expect(other.variables.value(of: "kernel") == HostTensor([Float(1), 2, 3]))
    }
  }

  /// As fine-tuning programs for slim save: a saver of the model's own, in the scaffold or only in the collection.
  @Test(arguments: [true, false]) func theSaverOfTheModelIsUsed(inScaffold: Bool) throws {
    try withTemporaryDirectory { directory in
      let estimator = try Estimator(
        modelFn: { features, labels, mode in
          let saver = Saver(maxToKeep: 1, keepCheckpointEveryNHours: 0.2, padStepNumber: true)
          if !inScaffold { currentGraph.add(saver, to: .savers) }
          let spec = try LinearModel.modelFn(features: features, labels: labels, mode: mode, params: .init())
          return try EstimatorSpec(
            mode: mode, loss: spec.loss, trainOp: spec.trainOp, scaffold: inScaffold ? Scaffold(saver: saver) : nil)
        }, config: RunConfig(modelDir: directory, saveCheckpointsSteps: 2))
      _ = try LogLines.hidden { try estimator.train(inputFn: { try LinearModel.samples() }, steps: 4) }
      let state = String(decoding: try Files.contents(of: directory + "/checkpoint"), as: UTF8.self)
      #expect(state.hasPrefix("model_checkpoint_path: \"model.ckpt-00000004\"\n"), "paths are relative")
      let kept = try Files.names(inDirectory: directory).filter { $0.hasSuffix(".index") }
      #expect(kept == ["model.ckpt-00000004.index"])
    }
  }

  @Test func whatDoesNotFitIsListedAndNothingChanges() throws {
    try withTemporaryDirectory { directory in
      let prefix = try Saver().save(try session("layer/kernel"), directory: directory, step: 1)
      let other = try session("layer/kernal")
      try other.variables.set(HostTensor(Int64(99)), for: "global_step")
      do {
        try Saver().restore(other, from: prefix)
        Issue.record("a variable was missing")
      } catch EstimatorError.restoreMismatch(let report) {
        #expect(report.missing.map(\.name) == ["layer/kernal"])
        #expect(report.missing.first?.nearest == "layer/kernel")
        #expect(report.unused == ["layer/kernel"])
        #expect(report.restored == ["global_step"])
        #expect(
          "\(report)".contains("Key layer/kernal not found in checkpoint (float32[3]), perhaps it is layer/kernel"))
      }
      #expect(other.globalStep == 99)
      do {
        try Saver().restore(try session("layer/kernel", shape: [1, 3]), from: prefix)
        Issue.record("a shape was different")
      } catch EstimatorError.restoreMismatch(let report) {
        let mismatch = try #require(report.mismatched.first)
        #expect(mismatch.expected.shape == [1, 3] && mismatch.found.shape == [3])
      }
    }
  }

  @Test func checkpointsCanHaveSeveralFilesAndOrderedNames() throws {
    try withTemporaryDirectory { directory in
      let saver = Saver(maxToKeep: 1, shardCount: 2, padStepNumber: true)
      let saved = try session()
      _ = try saver.save(saved, directory: directory, step: 9, writeMetaGraph: false)
      let prefix = try saver.save(saved, directory: directory, step: 10, writeMetaGraph: false)
      #expect(prefix == directory + "/model.ckpt-00000010")
      let names = try LocalFileSystem().names(inDirectory: directory)
      #expect(
        names == ["checkpoint"]
          + ["data-00000-of-00002", "data-00001-of-00002", "index"].map { "model.ckpt-00000010." + $0 })
      #expect(try Saver().restore(try session(), from: prefix).isComplete)
      let empty = Session(graph: Graph())
      #expect(
        errorText { _ = try Saver().save(empty, directory: directory + "/empty", step: 1) } == "No variables to save")
      let allowed = try Saver(allowEmpty: true).save(empty, directory: directory + "/empty", step: 1)
      #expect(try CheckpointReader(prefix: allowed).variables.isEmpty)
    }
  }

  @Test func oldCheckpointsGo() throws {
    try withTemporaryDirectory { directory in
      let saver = Saver(maxToKeep: 2)
      let session = try session()
      for step in 1...5 { try saver.save(session, directory: directory, step: step) }
      let names = try LocalFileSystem().names(inDirectory: directory)
      #expect(
        names == [
          "checkpoint", "model.ckpt-4.data-00000-of-00001", "model.ckpt-4.index", "model.ckpt-4.meta",
          "model.ckpt-5.data-00000-of-00001", "model.ckpt-5.index", "model.ckpt-5.meta",
        ])
      // A saver of the next run counts those that it finds.
      try Saver(maxToKeep: 2).save(session, directory: directory, step: 6)
      #expect(try LocalFileSystem().names(inDirectory: directory).filter { $0.hasSuffix("index") }.count == 2)
    }
  }

  @Test func variablesCanBeSavedUnderOtherNames() throws {
    try withTemporaryDirectory { directory in
      let session = try session()
      let kernel = try #require(session.graph.variable(named: "kernel"))
      let prefix = try Saver(variables: ["renamed": kernel]).save(session, directory: directory, step: 1)
      let checkpoint = try CheckpointReader(prefix: prefix)
      #expect(checkpoint.variables.map(\.name) == ["renamed"])
      try session.variables.set(HostTensor(zeros: .float32, shape: [3]), for: "kernel")
      try Saver(variables: ["renamed": kernel]).restore(session, from: prefix)
      #expect(session.variables.value(of: "kernel") == HostTensor([Float(0.5), 0.5, 0.5]))
    }
  }

  @Test func variablesWithoutValuesAreNotSaved() throws {
    try withTemporaryDirectory { directory in
      let bare = Session(graph: try session().graph)
      #expect(throws: ExecutionError.self) { try Saver().save(bare, directory: directory, step: 1) }
      #expect(try latestCheckpoint(in: directory) == nil)
    }
  }

  @Test func shapesMayDifferWhereThatIsAskedFor() throws {
    try withTemporaryDirectory { directory in
      let prefix = try Saver().save(try session(shape: [2, 3]), directory: directory, step: 1)
      let flat = try session(shape: [6])
      #expect(throws: EstimatorError.self) { try Saver().restore(flat, from: prefix) }
      let report = try Saver(reshape: true, filename: prefix).restore(flat)
      #expect(report.isComplete)
      #expect(flat.variables.value(of: "kernel") == HostTensor([Float](repeating: 0.5, count: 6)))
      let short = try session(shape: [5])
      #expect(throws: EstimatorError.self) { try Saver(reshape: true).restore(short, from: prefix) }
      let error = #expect(throws: EstimatorError.self) { try Saver().restore(short) }
      #expect(error.map { "\($0)" }?.contains("Can't load save_path when it is None.") == true)
    }
  }

  @Test func variablesAreRestoredAtOnceOrOneAfterAnother() throws {
    try withTemporaryDirectory { directory in
      let saved = try session()
      try saved.variables.set(HostTensor(Int64(7)), for: "global_step")
      let prefix = try Saver().save(saved, directory: directory, step: 7)
      let sound = try session()
      #expect(try Saver(restoreSequentially: true).restore(sound, from: prefix).isComplete && sound.globalStep == 7)
      // The last variable's data are damaged.
      let path = prefix + ".data-00000-of-00001"
      var bytes = try bytes(ofFile: path)
      bytes[bytes.count - 1] ^= 1
      try LocalFileSystem().replaceFile(path, with: bytes)
      for isSequential in [false, true] {
        let other = try session()
        #expect(throws: FormatError.self) {
          try Saver(restoreSequentially: isSequential).restore(other, from: prefix)
        }
        #expect(other.globalStep == (isSequential ? 7 : 0))
      }
    }
  }

  @Test func checkpointsCanBeSavedAside() throws {
    try withTemporaryDirectory { directory in
      let session = try session()
      let saver = Saver(maxToKeep: 1)
      let first = try saver.save(session, directory: directory, step: 1)
      let aside = try saver.save(session, directory: directory, baseName: "aside", writeState: false)
      #expect(aside == directory + "/aside" && saver.lastCheckpoints == [first])
      #expect(try latestCheckpoint(in: directory) == first)
      let other = Saver(maxToKeep: 1)
      let listed = try other.save(session, directory: directory, step: 9, latestFilename: "others")
      let state = try CheckpointState(text: bytes(ofFile: directory + "/others"))
      #expect(state.modelCheckpointPath == "model.ckpt-9" && other.lastCheckpoints == [listed])
      #expect(throws: EstimatorError.self) {
        try other.save(session, directory: directory, latestFilename: "model.ckpt")
      }
    }
  }

  @Test func checkpointsOfEarlierProcessesAreTakenOver() throws {
    try withTemporaryDirectory { directory in
      let session = try session()
      let prefixes = try [1, 2].map { try Saver().save(session, directory: directory, step: $0, writeState: false) }
      let saver = Saver(maxToKeep: 2)
      try saver.recoverLastCheckpoints(prefixes + [directory + "/model.ckpt-3"])
      #expect(saver.lastCheckpoints == prefixes)
      let third = try saver.save(session, directory: directory, step: 3)
      #expect(saver.lastCheckpoints == [prefixes[1], third])
      #expect(!LocalFileSystem().exists(prefixes[0] + ".index"))
      #expect(throws: EstimatorError.self) { try saver.recoverLastCheckpoints([third, "/elsewhere/model.ckpt-1"]) }
    }
  }

  @Test func variablesCanBeListed() throws {
    try withTemporaryDirectory { directory in
      let session = try session()
      let kernel = try #require(session.graph.variable(named: "kernel"))
      let prefix = try Saver(variables: [kernel]).save(session, to: directory + "/m", globalStep: 3)
      #expect(prefix == directory + "/m-3")
      #expect(try CheckpointReader(prefix: prefix).variables.map(\.name) == ["kernel"])
      #expect(
        errorText { try Saver(variables: [kernel, kernel]).save(session, to: directory + "/m") }
          == "At least two variables have the same name: kernel")
      #expect(
        errorText { try Saver(variables: [Variable]()).save(session, to: directory + "/m") } == "No variables to save")
    }
  }

  @Test func namesOfFilesAreChosen() throws {
    try withTemporaryDirectory { directory in
      let session = try session()
      let saver = Saver(maxToKeep: 1, saveRelativePaths: false)
      try saver.save(session, to: directory + "/m", globalStep: 1, metaGraphSuffix: "graph")
      let second = try saver.save(session, to: directory + "/m", globalStep: 2, metaGraphSuffix: "graph")
      let names = try Files.names(inDirectory: directory)
      #expect(names == ["checkpoint", "m-2.data-00000-of-00001", "m-2.graph", "m-2.index"])
      let state = try CheckpointState(text: bytes(ofFile: directory + "/checkpoint"))
      #expect(state.modelCheckpointPath == second && second.hasPrefix("/"))
      #expect(
        errorText { try saver.save(session, to: directory + "/m", latestFilename: "a/b") }
          == "'latest_filename' must not contain path components")
      #expect(
        errorText { try saver.save(session, to: directory + "/m", latestFilename: "m") }
          == "'latest_filename' collides with 'save_path': 'm' and '\(directory)/m'")
    }
  }

  @Test func graphsSayHowTheyAreSaved() throws {
    let session = try session()
    let saver = Saver(maxToKeep: 2, name: "keep")
    let definition = try saver.saverDef(for: session.graph)
    // Fields 1 to 4 and 7 of SaverDef.
    var expected: [UInt8] = [0x0A, 12] + "keep/Const:0".utf8 + [0x12, 25] + "keep/control_dependency:0".utf8
    expected += [0x1A, 16] + "keep/restore_all".utf8 + [0x20, 2]
    #expect(definition.starts(with: expected) && definition.suffix(2) == [0x38, 2])
    try withTemporaryDirectory { directory in
      try saver.exportMetaGraph(of: session.graph, to: directory + "/a.pbtxt", collections: [.globalVariables])
      let text = String(decoding: try bytes(ofFile: directory + "/a.pbtxt"), as: UTF8.self)
      #expect(text.contains("name: \"keep/SaveV2\"") && text.contains("restore_op_name: \"keep/restore_all\""))
      #expect(text.contains("key: \"variables\"") && !text.contains("key: \"global_step\""))
    }
    #expect(throws: EstimatorError.self) { try saver.saverDef(for: Graph()) }
  }

  @Test func checkpointsAreTakenOverWithTheirTimes() throws {
    try withTemporaryDirectory { directory in
      let session = try session()
      let old = try [1, 2].map { try Saver().save(session, directory: directory, step: $0, writeState: false) }
      // The first was saved an hour from now: it is kept for good.
      let saver = Saver(maxToKeep: 1, keepCheckpointEveryNHours: 0.5)
      try saver.setLastCheckpointsWithTime([(old[0], wallTime() + 3600), (old[1], wallTime())])
      #expect(saver.lastCheckpoints == old)
      let third = try saver.save(session, directory: directory, step: 3)
      #expect(saver.lastCheckpoints == [third])
      #expect(checkpointExists(old[0]) && !checkpointExists(old[1]))
      try saver.setLastCheckpointsWithTime([])
      #expect(saver.lastCheckpoints.isEmpty)
    }
  }
}
