import Espalier

/// Files of every kind, for TensorFlow to read. `judge.py` knows what is in them.
enum Files {
  static func write(to directory: String) throws {
    try writeRecords(directory)
    try writeCheckpoints(directory)
    try writeEvents(directory)
  }

  private static func writeRecords(_ directory: String) throws {
    for (name, compression) in [("plain", .none), ("gzip", .gzip), ("zlib", .zlib)] as [(String, RecordCompression)] {
      let writer = try TFRecordWriter(path: "\(directory)/\(name).tfrecord", compression: compression)
      for number in 0..<5 {
        let example = Example(features: [
          "number": .int64([Int64(number), -1]), "half": .float([Float(number) / 2]),
          "bytes": .bytes([[0, 255, UInt8(number)], []]),
        ])
        try writer.write(example.serialized())
      }
      try writer.close()
    }
    let sequence = SequenceExample(
      context: ["length": .int64([2])], featureLists: ["steps": [.float([1, 2]), .float([3])]])
    let writer = try TFRecordWriter(path: directory + "/sequence.tfrecord")
    try writer.write(sequence.serialized())
    try writer.close()
  }

  private static func writeCheckpoints(_ directory: String) throws {
    let types: [DataType] = [
      .float32, .float64, .float16, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64,
    ]
    var tensors: [String: HostTensor] = ["text": try HostTensor(strings: [[104, 105], [], [0, 255]], shape: [3])]
    let graph = Graph()
    let values = withGraph(graph) {
      types.map { cast(constant([1, 2, 3] as [Float]), to: $0) } + [constant([true, false])]
    }
    let session = Session(graph: graph)
    for (type, value) in zip(types + [.bool], try session.run(values)) { tensors["types/\(type)"] = value }
    try CheckpointWriter().write(tensors, prefix: directory + "/single")
    try CheckpointWriter().write(tensors, prefix: directory + "/sharded", shardCount: 3)
  }

  private static func writeEvents(_ directory: String) throws {
    let events = try EventFileWriter(directory: directory + "/events")
    let pixels = try HostTensor((0..<4 * 4 * 3).map { UInt8($0 * 5) }, shape: [1, 4, 4, 3])
    for step in 1...3 {
      try events.add(Summary([.scalar("scalar", Float(step) / 4)]), step: step)
    }
    try events.add(Summary([.histogram("histogram", HostTensor([1, 2, 2, 8] as [Float]))]), step: 4)
    try events.add(Summary(try Summary.Value.images("image", pixels, maxOutputs: 1)), step: 5)
    try events.add(Summary([.text("text", "**bold**")]), step: 6)
    try events.add(.runMetadata(tag: "step_7", try tracedRun().serialized()), step: 7)
    try events.close()
  }

  /// Returns what a run tells of itself.
  private static func tracedRun() throws -> RunMetadata {
    let graph = Graph()
    let (x, product) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 2], name: "x")
      return (x, matMul(x, x))
    }
    let feeding = [x: try HostTensor([Float](repeating: 1, count: 4), shape: [2, 2])]
    var metadata = RunMetadata()
    _ = try Session(graph: graph).run(
      [product], feeding: feeding, options: RunOptions(traceLevel: .fullTrace), metadata: &metadata)
    return metadata
  }
}
