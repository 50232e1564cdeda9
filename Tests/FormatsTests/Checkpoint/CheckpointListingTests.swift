import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

/// Functions on the files of checkpoints. Texts are those of TensorFlow 2.15.
@Suite struct CheckpointListingTests {
  @Test func statesAreWrittenAndRead() throws {
    try withTemporaryDirectory { directory in
      #expect(try checkpointState(in: directory) == nil)
      let paths = ["m-3", "m-9"].map { directory + "/" + $0 }
      try updateCheckpointState(
        in: directory, modelCheckpointPath: paths[1], allModelCheckpointPaths: [paths[0]],
        allModelCheckpointTimestamps: [1.5, 2.5], lastPreservedTimestamp: 7.25)
      let text = String(decoding: try bytes(ofFile: directory + "/checkpoint"), as: UTF8.self)
      #expect(
        text == """
          model_checkpoint_path: "\(paths[1])"
          all_model_checkpoint_paths: "\(paths[0])"
          all_model_checkpoint_paths: "\(paths[1])"
          all_model_checkpoint_timestamps: 1.5
          all_model_checkpoint_timestamps: 2.5
          last_preserved_timestamp: 7.25

          """)
      let state = try #require(try checkpointState(in: directory + "/"))
      #expect(state.modelCheckpointPath == paths[1] && state.allModelCheckpointPaths == paths)
      let message = #expect(throws: FormatError.self) {
        try updateCheckpointState(
          in: directory, modelCheckpointPath: "b", allModelCheckpointPaths: ["a"], allModelCheckpointTimestamps: [1.5])
      }?.message
      #expect(
        message == "Checkpoint timestamps, if provided, must match checkpoint paths "
          + "(got paths [\"a\", \"b\"] and timestamps [1.5])")
      let conflict = #expect(throws: FormatError.self) {
        try updateCheckpointState(in: directory, modelCheckpointPath: directory + "/checkpoint")
      }?.message
      #expect(conflict?.contains("conflicts with path used for checkpoint state.") == true)
    }
  }

  @Test func recordedPathsAreOpened() throws {
    try withTemporaryDirectory { directory in
      try TestSupport.write(Array("model_checkpoint_path: \"m-1\"\n".utf8), toFile: directory + "/latest")
      let state = try checkpointState(in: directory, latestFilename: "latest")
      #expect(state?.modelCheckpointPath == directory + "/m-1")
      try TestSupport.write(Array("nothing at all".utf8), toFile: directory + "/checkpoint")
      #expect(try checkpointState(in: directory) == nil)
      try TestSupport.write([], toFile: directory + "/checkpoint")
      let error = #expect(throws: FormatError.self) { try checkpointState(in: directory) }
      #expect(error?.message == "Invalid checkpoint state loaded from \(directory)")
    }
  }

  @Test func checkpointsAreFoundAndRemoved() throws {
    try withTemporaryDirectory { directory in
      let prefix = directory + "/m-3"
      let before = wallTime() - 2
      try CheckpointWriter().write(["a": HostTensor(Float(1))], prefix: prefix, shardCount: 2)
      try TestSupport.write([1], toFile: prefix + ".graph")
      #expect(checkpointExists(prefix) && !checkpointExists(directory + "/m-4"))
      let times = checkpointModificationTimes([prefix, directory + "/m-4"])
      #expect(times.count == 1 && times[0] > before && times[0] < wallTime() + 2)
      #expect(try latestCheckpoint(in: directory) == prefix)
      #expect(try latestCheckpoint(in: directory, latestFilename: "other") == nil)
      try removeCheckpoint(prefix, metaGraphSuffix: "graph")
      #expect(try LocalFileSystem().names(inDirectory: directory).isEmpty)
    }
  }

  @Test func partsAreWrittenAsTensorFlowWritesThem() throws {
    try withTemporaryDirectory { directory in
      let parts = try [0, 3, 5].map { row in
        let rows = row == 0 ? 3 : 2
        return PartitionedTensor.Part(
          offset: [row, 0], value: try HostTensor((0..<2 * rows).map { Float(2 * row + $0) }, shape: [rows, 2]))
      }
      let whole = PartitionedTensor(shape: [7, 2], parts: parts)
      try CheckpointWriter().write(
        ["b": HostTensor(Int64(4))], partitioned: ["s/w": whole], prefix: directory + "/m", shardCount: 2)
      let reader = try CheckpointReader(prefix: directory + "/m")
      #expect(reader.variables.map(\.name) == ["b", "s/w"] && reader.variables[1].shape == [7, 2])
      #expect(try reader.tensor(named: "s/w") == HostTensor((0..<14).map { Float($0) }, shape: [7, 2]))
      try reader.verify()
      func message(_ part: PartitionedTensor.Part) -> String? {
        #expect(throws: FormatError.self) {
          try CheckpointWriter().write(
            [:], partitioned: ["w": PartitionedTensor(shape: [7, 2], parts: [part])], prefix: directory + "/n")
        }?.message
      }
      let outside = PartitionedTensor.Part(offset: [6, 0], value: parts[0].value)
      #expect(message(outside) == "a part of w, float32[3,2] at [6, 0], does not fit into [7, 2]")
      #expect(message(PartitionedTensor.Part(offset: [0], value: parts[0].value))?.contains("does not fit") == true)
      #expect(throws: FormatError.self) {
        try CheckpointWriter().write(["w": parts[0].value], partitioned: ["w": whole], prefix: directory + "/n")
      }
    }
  }
}
