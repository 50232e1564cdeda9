import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

/// Event files that TensorFlow wrote.
@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
struct GoldenEventTests {
  static let folder = "golden/events/"
  static let names = ["scalars", "histograms", "images", "graph_and_more", "estimator_train", "estimator_eval"]

  @Test(arguments: names)
  func eventsHaveTheirContents(_ name: String) throws {
    let reader = try EventFileReader(path: SharedData.url(Self.folder + name + ".tfevents").path)
    let events = try EventFileTests.all(reader)
    let expected = try JSON.shared(Self.folder + name + ".tfevents.json")["events"].array
    #expect(events.count == expected.count)
    #expect(reader.truncation == nil)
    for (event, want) in zip(events, expected) {
      try #expect(event.step == want["step"].int)
      if try !want["wall_time"].isNull { try #expect(event.wallTime == want["wall_time"].double) }
      try Self.expect(event.content, want)
    }
  }

  /// Read and written again, each event is byte for byte what TensorFlow wrote; but for the first, where TensorFlow
  /// also says which part of it wrote the file.
  @Test(arguments: names)
  func writtenEventsAreTensorFlows(_ name: String) throws {
    let records = try TFRecordReader(path: SharedData.url(Self.folder + name + ".tfevents").path)
    for record in try TFRecordTests.all(records).dropFirst() {
      #expect(try Event(serialized: record).serialized() == record)
    }
  }

  @Test func histogramsAreTensorFlows() throws {
    let json = try JSON.shared(Self.folder + "histograms.tfevents.json")
    let events = try EventFileTests.all(
      EventFileReader(path: SharedData.url(Self.folder + "histograms.tfevents").path))
    let values = events.flatMap { event -> [Summary.Value] in
      guard case .summary(let summary) = event.content else { return [] }
      return summary.values
    }
    #expect(values.count > 8)
    for value in values {
      let inputs = try json["inputs"][value.tag].array.map { try $0.double }
      #expect(value.content == .histogram(Histogram(of: inputs)), "\(value.tag)")
    }
  }

  @Test func imagesAreTensorFlows() throws {
    let json = try JSON.shared(Self.folder + "images.tfevents.json")
    for event in try json["events"].array.dropFirst() {
      for value in try event["values"].array {
        let tag = try value["tag"].string
        let name = try #require(tag.split(separator: "/").first)
        let input = try json["inputs"][String(name)]
        let shape = try input["shape"].array.map { try $0.int }
        let numbers = try input["values"].array.map { try $0.double }
        let tensor =
          try input["dtype"].string == "uint8"
          ? HostTensor(numbers.map { UInt8($0) }, shape: shape) : HostTensor(numbers.map { Float($0) }, shape: shape)
        let ours = try #require(try Summary.Value.images(String(name), tensor).first { $0.tag == tag })
        guard case .image(let image) = ours.content else {
          Issue.record("no image")
          continue
        }
        let row = image.width * image.colorspace + 1
        let pixels = try SummaryTests.lines(image.encoded).enumerated().filter { $0.offset % row != 0 }.map(\.element)
        try #expect(pixels == value["image"]["pixels_hex"].hex, "\(tag)")
      }
    }
  }

  @Test func truncatedFilesAreReadUpToTheCut() throws {
    for (name, want) in try JSON.shared(Self.folder + "truncated.json")["files"].object {
      let reader = try EventFileReader(path: SharedData.url(Self.folder + name).path)
      try #expect(EventFileTests.all(reader).count == want["whole_events"].int)
      #expect(reader.truncation != nil)
    }
  }

  private static func expect(_ content: Event.Content, _ want: JSON) throws {
    switch content {
    case .fileVersion(let version): try #expect(version == want["file_version"].string)
    case .graph(let bytes):
      try #expect(bytes.count == want["graph_def"]["bytes"].int)
      try #expect(SHA256(bytes).hex == want["graph_def"]["sha256"].string)
    case .metaGraph(let bytes): try #expect(bytes.count == want["meta_graph_def"]["bytes"].int)
    case .sessionLog(let log):
      try #expect("\(log.status)".uppercased() == want["session_log"]["status"].string)
      try #expect(log.checkpointPath == want["session_log"]["checkpoint_path"].string)
      try #expect(log.message == want["session_log"]["msg"].string)
    case .logMessage(let level, let text):
      try #expect(level == want["log_message"]["level"].int)
      try #expect(text == want["log_message"]["message"].string)
    case .summary(let summary):
      let values = try want["values"].array
      #expect(summary.values.count == values.count)
      for (value, want) in zip(summary.values, values) {
        try #expect(value.tag == want["tag"].string)
        try expect(value, want)
      }
    case .runMetadata, .none: Issue.record("unexpected \(content)")
    }
  }

  private static func expect(_ value: Summary.Value, _ want: JSON) throws {
    switch value.content {
    case .scalar(let number):
      let want = try Float(want["simple_value"].double)
      #expect(number == want || number.isNaN && want.isNaN)
    case .histogram(let histogram):
      let want = try want["histo"]
      try #expect(histogram.count == want["num"].double)
      try #expect(histogram.sum == want["sum"].double)
      try #expect(histogram.bucketLimits == want["bucket_limit"].array.map { try $0.double })
      try #expect(histogram.buckets == want["bucket"].array.map { try $0.double })
    case .image(let image):
      try #expect(image.height == want["image"]["height"].int)
      try #expect(image.width == want["image"]["width"].int)
      try #expect(image.encoded.count == want["image"]["encoded_bytes"].int)
    case .tensor(let tensor):
      let want = try want["tensor"]
      try #expect(tensor.shape == want["shape"].array.map { try $0.int })
      if tensor.dataType == .string {
        try #expect(tensor.strings() == want["hex"].array.map { try $0.hex })
      } else {
        try #expect(tensor.doubles() == want["values"].array.map { try $0.double })
      }
    case .audio, .none: Issue.record("unexpected \(value)")
    }
  }
}
