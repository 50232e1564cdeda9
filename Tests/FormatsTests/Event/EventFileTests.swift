import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct EventFileTests {
  static func events() throws -> [Event] {
    let values: [Summary.Value] = [
      .scalar("loss", 0), .scalar("NaN", .nan), try .histogram("weights", HostTensor([1, 2, 2.5, -3] as [Float])),
      .text("note", "# grüße"), Summary.Value(tag: "bare", content: .none),
      Summary.Value(
        tag: "sound",
        content: .audio(
          Summary.Audio(sampleRate: 8000, channels: 1, frames: 2, encoded: [1, 2], contentType: "audio/wav")),
        metadata: Summary.Metadata(
          pluginName: "audio", pluginContent: [1], displayName: "d", description: "e", dataClass: 3)),
    ]
    let images = try Summary.Value.images("image", HostTensor(zeros: .uint8, shape: [2, 3, 4, 3]))
    return [
      Event(wallTime: 1.5, content: .graph([1, 2, 3])), Event(wallTime: 2, step: -1, content: .metaGraph([])),
      Event(wallTime: 2.5, step: 1, content: .sessionLog(Event.SessionLog(.start))),
      Event(
        wallTime: 3, step: 1 << 40,
        content: .sessionLog(Event.SessionLog(.checkpoint, checkpointPath: "run/model.ckpt", message: "saved"))),
      Event(wallTime: 4, step: 2, content: .summary(Summary(values + images))),
      Event(wallTime: 5, step: 3, content: .logMessage(level: 20, "hello")),
      Event(wallTime: 5, step: 3, content: .runMetadata(tag: "step3", [7])), Event(wallTime: 0, content: .none),
    ]
  }

  @Test func writtenEventsAreReadBack() throws {
    try withTemporaryDirectory { directory in
      let writer = try EventFileWriter(directory: directory + "/run", suffix: ".v2")
      let name = FilePath.name(of: writer.path)
      #expect(name.hasPrefix("events.out.tfevents.") && name.hasSuffix(".v2"))
      for event in try Self.events() { try writer.add(event) }
      try writer.close()
      let read = try Self.all(EventFileReader(path: writer.path))
      #expect(read.first?.content == .fileVersion("brain.Event:2"))
      // A NaN is not equal to itself, its bytes are.
      #expect(try read.dropFirst().map { $0.serialized() } == Self.events().map { $0.serialized() })
    }
  }

  @Test func writersOfOneSecondHaveFilesOfTheirOwn() throws {
    try withTemporaryDirectory { directory in
      let writers = try (0..<3).map { _ in try EventFileWriter(directory: directory) }
      #expect(Set(writers.map(\.path)).count == 3)
      for writer in writers { try writer.close() }
    }
  }

  @Test func eventsAreVisibleWhenTheQueueIsFull() throws {
    try withTemporaryDirectory { directory in
      let writer = try EventFileWriter(directory: directory, maxQueue: 3)
      for step in 1...4 { try writer.add(Summary([.scalar("a", 1)]), step: step) }
      #expect(try Self.all(EventFileReader(path: writer.path)).map(\.step) == [0, 1, 2, 3])
      try writer.flush()
      #expect(try Self.all(EventFileReader(path: writer.path)).count == 5)
      let eager = try EventFileWriter(directory: directory, flushSeconds: 0)
      try eager.add(.none, step: 7)
      #expect(try Self.all(EventFileReader(path: eager.path)).map(\.step) == [0, 7])
    }
  }

  /// Whole events before the cut are read; the cut is reported and is no error.
  @Test func truncationAnywhereIsReported() throws {
    let events = try Self.events().map { $0.serialized() }
    let whole = try TFRecordTests.file(events)
    let ends = events.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count + 16) }
    for count in 0...whole.count {
      let reader = try EventFileReader(MemorySource(Array(whole.prefix(count)), file: "memory"))
      let complete = ends.lastIndex { $0 <= count } ?? 0
      #expect(try Self.all(reader).count == complete)
      #expect((reader.truncation == nil) == ends.contains(count))
      #expect(try reader.next() == nil)
    }
  }

  @Test func damageIsAnError() throws {
    var whole = try TFRecordTests.file(Self.events().map { $0.serialized() })
    whole[20] ^= 1
    let reader = try EventFileReader(MemorySource(whole, file: "memory"))
    #expect(throws: FormatError.self) { try Self.all(reader) }
    let garbage = try TFRecordTests.file([[], [0x1A, 0x05, 1]])
    #expect { try Self.all(EventFileReader(MemorySource(garbage, file: "memory"))) } throws: { error in
      (error as? FormatError)?.offset == 16 + 12 + 1
    }
  }

  /// Events with any byte changed are events or errors, never traps.
  @Test func changedBytesNeverTrap() throws {
    for event in try Self.events().map({ $0.serialized() }) {
      for position in event.indices {
        for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
          var changed = event
          changed[position] = value
          _ = try? Event(serialized: changed)
        }
      }
    }
  }

  static func all(_ reader: EventFileReader) throws -> [Event] {
    var events: [Event] = []
    while let event = try reader.next() { events.append(event) }
    return events
  }
}
