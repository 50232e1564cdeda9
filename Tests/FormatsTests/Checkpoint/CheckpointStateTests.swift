import EspalierFormats
import TestSupport
import Testing

@Suite struct CheckpointStateTests {
  @Test func writtenStatesAreReadBack() throws {
    let state = CheckpointState(
      modelCheckpointPath: "müller\tck\"pt\\-1'\u{1}", allModelCheckpointPaths: ["a", "b"],
      allModelCheckpointTimestamps: [1_700_000_000.25, 1], lastPreservedTimestamp: 0.5)
    #expect(try CheckpointState(text: Array(state.text.utf8)) == state)
    #expect(CheckpointState().text.isEmpty)
  }

  @Test func textIsWrittenAsTensorFlowDoes() {
    let state = CheckpointState(modelCheckpointPath: "m-7", allModelCheckpointPaths: ["m-3", "m-7"])
    #expect(
      state.text == """
        model_checkpoint_path: "m-7"
        all_model_checkpoint_paths: "m-3"
        all_model_checkpoint_paths: "m-7"

        """)
  }

  @Test func listsAndSeparatorsAreRead() throws {
    let text = "all_model_checkpoint_paths: ['a' \"b\", 'c'], model_checkpoint_path:'\\x41\\u00e9\\101';# end"
    let state = try CheckpointState(text: Array(text.utf8))
    #expect(state.allModelCheckpointPaths == ["ab", "c"])
    #expect(state.modelCheckpointPath == "AéA")
  }

  @Test(arguments: [
    "model_checkpoint_path", "model_checkpoint_path:", "model_checkpoint_path: \"a", "model_checkpoint_path: 3",
    "unknown: 3", ": 3", "model_checkpoint_path: 'a\\'", "model_checkpoint_path: '\\q'", "last_preserved_timestamp: x",
    "model_checkpoint_path: '\\xff'", "model_checkpoint_path: '\\777'", "model_checkpoint_path: '\\ud800'",
    "model_checkpoint_path { a: 1 }", "all_model_checkpoint_paths: ['a'", "all_model_checkpoint_paths: ['a' 3]",
    "\u{0}",
  ])
  func malformedTextsThrow(_ text: String) {
    #expect(throws: FormatError.self) { try CheckpointState(text: Array(text.utf8)) }
  }

  /// A state file cannot make the reader open a file outside its directory.
  @Test func pathsStayInTheDirectory() {
    let directory = CheckpointDirectory("/tmp/run/")
    #expect(directory.prefix(recordedAs: "model.ckpt-7") == "/tmp/run/model.ckpt-7")
    #expect(directory.prefix(recordedAs: "/tmp/run/model.ckpt-7") == "/tmp/run/model.ckpt-7")
    #expect(directory.prefix(recordedAs: "sub/model.ckpt-7") == "/tmp/run/sub/model.ckpt-7")
    #expect(directory.prefix(recordedAs: "/some/folder/run/model.ckpt-7") == "/tmp/run/model.ckpt-7")
    #expect(directory.prefix(recordedAs: "../../etc/model.ckpt-7") == "/tmp/run/model.ckpt-7")
    #expect(directory.prefix(recordedAs: "/tmp/run/../x/..") == nil)
    #expect(directory.prefix(recordedAs: "") == nil)
  }

  @Test func theLatestIsFoundWithoutAStateFile() throws {
    let files = ["r/model.ckpt-9.index", "r/model.ckpt-10.index", "r/other.index", "r/model.ckpt-11.data"]
    let contents = Dictionary(uniqueKeysWithValues: files.map { ($0, [UInt8]()) })
    let directory = CheckpointDirectory("r", fileSystem: SimulatedDisk(files: contents))
    #expect(try directory.candidates() == ["r/model.ckpt-10", "r/model.ckpt-9", "r/other"])
    var listed = contents
    listed["r/checkpoint"] = Array("model_checkpoint_path: 'model.ckpt-9'".utf8)
    let named = CheckpointDirectory("r", fileSystem: SimulatedDisk(files: listed))
    #expect(try named.candidates().first == "r/model.ckpt-9")
    #expect(try latestCheckpoint(in: "/nonexistent") == nil)
  }
}

@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
struct GoldenCheckpointStateTests {
  @Test func statesAreTensorFlows() throws {
    let folder = "golden/checkpoint/state_files/"
    for (name, want) in try JSON.shared(folder + "expected.json")["files"].object {
      let text = try SharedData.bytes(folder + name)
      guard try want.object["error"]?.isNull ?? true else {
        #expect(throws: FormatError.self) { try CheckpointState(text: text) }
        continue
      }
      let state = try CheckpointState(text: text)
      try #expect(state.modelCheckpointPath == want["model_checkpoint_path"].string)
      try #expect(state.allModelCheckpointPaths == want["all"].array.map { try $0.string })
      try #expect(state.allModelCheckpointTimestamps == want["timestamps"].array.map { try $0.double })
      try #expect(state.lastPreservedTimestamp == want["last_preserved"].double)
      // Written again, it is what TensorFlow writes, but for quotes, comments and line ends in hand-written ones.
      if !name.hasPrefix("one_line"), !text.isEmpty {
        #expect(state.text == String(decoding: text, as: UTF8.self))
      }
    }
  }

  @Test func theLatestIsFound() throws {
    let folder = try SharedData.url("golden/checkpoint/several_steps").path
    #expect(try latestCheckpoint(in: folder) == folder + "/model.ckpt-50")
    let expected = try JSON.shared("golden/checkpoint/several_steps/expected.json")
    for (step, values) in try expected["w"].object {
      let reader = try CheckpointReader(prefix: folder + "/model.ckpt-\(step)")
      try #expect(reader.tensor(named: "w").doubles() == values.array.map { try $0.double })
      try #expect(reader.tensor(named: "global_step").scalar(as: Int64.self) == Int64(step))
    }
  }
}
