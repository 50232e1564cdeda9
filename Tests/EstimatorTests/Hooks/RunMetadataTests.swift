import Espalier
import TestSupport
import Testing

@Suite struct RunMetadataTests {
  @Test func aRunTellsWhatItDid() throws {
    let graph = Graph()
    let (x, y) = withGraph(graph) {
      let x = placeholder(shape: [2, 2], name: "x")
      return (x, matMul(x, x, name: "product"))
    }
    let session = Session(graph: graph)
    let value = try HostTensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    var metadata = RunMetadata()
    let quiet = try session.run([y], feeding: [x: value], options: RunOptions(), metadata: &metadata)
    #expect(metadata.timeline == nil && metadata.serialized().isEmpty)
    let traced = try session.run(
      [y], feeding: [x: value], options: RunOptions(traceLevel: .fullTrace), metadata: &metadata)
    #expect(traced == quiet)
    let timeline = try #require(metadata.timeline)
    #expect(timeline.count > 0)
    let text = String(decoding: metadata.serialized(), as: UTF8.self)
    #expect(text.contains("/job:localhost/replica:0/task:0/device:CPU:0") && text.contains("product = MatMul("))
    try withTemporaryDirectory { directory in
      let log = try EventLog.shared(directory)
      try log.write(metadata, tag: "step7", step: 7)
      try log.flush()
      let found = try eventFile(in: directory).filter { event in
        if case .runMetadata(tag: "step7", metadata.serialized()) = event.content { return event.step == 7 }
        return false
      }
      #expect(found.count == 1)
    }
  }

  @Test func oneFileIsSharedUntilItIsCleared() throws {
    try withTemporaryDirectory { directory in
      let first = try EventLog.shared(directory)
      #expect(try EventLog.shared(directory) === first)
      try first.write(scalars: [("a", 1)], step: 3)
      try EventLog.clear()
      let second = try EventLog.shared(directory)
      #expect(second !== first)
      let names = try LocalFileSystem().names(inDirectory: directory).filter { $0.contains("tfevents") }
      #expect(names.count == 2)
    }
  }
}
