import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

/// Examples that TensorFlow wrote, and what it makes of them.
@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
struct GoldenExampleTests {
  @Test func examplesHaveTheirFeatures() throws {
    let records = try GoldenTFRecordTests.records(of: "examples.tfrecord", compression: "NONE")
    let expected = try JSON.shared("golden/tfrecord/examples.json")["examples"].array
    #expect(records.count == expected.count)
    for (record, entry) in zip(records, expected) {
      let example = try Example(serialized: record)
      try Self.expect(example.features, entry["features"])
      // Nothing is lost or added when it is written again: only the order of the names may differ.
      #expect(example.serialized().count == record.count)
      #expect(example.serialized().sorted() == record.sorted())
    }
  }

  @Test func legalVariantsAreRead() throws {
    for entry in try JSON.shared("golden/tfrecord/wire_variants.json")["examples"].array {
      try Self.expect(Example(serialized: entry["hex"].hex).features, entry["features"])
    }
  }

  @Test func sequenceExamplesHaveTheirFeatures() throws {
    let records = try GoldenTFRecordTests.records(of: "sequence_examples.tfrecord", compression: "NONE")
    let expected = try JSON.shared("golden/tfrecord/sequence_examples.json")["examples"].array
    for (record, entry) in zip(records, expected) {
      let example = try SequenceExample(serialized: record)
      try Self.expect(example.context, entry["context"])
      let lists = try entry["feature_lists"].object
      #expect(example.featureLists.keys.sorted() == lists.keys.sorted())
      for (name, list) in lists {
        let features = try #require(example.featureLists[name])
        try #expect(features.count == list.array.count)
        for (feature, want) in zip(features, try list.array) {
          try Self.expect(["": feature], JSON(["": want.value]))
        }
      }
      #expect(example.serialized().sorted() == record.sorted())
    }
  }

  @Test func parsedBatchesAreTensorFlows() throws {
    for entry in try JSON.shared("golden/tfrecord/parse_example.json")["cases"].array {
      let what = try entry["what"].string
      let records = try entry["records_hex"].array.map { try $0.hex }
      let specs = try entry["spec"].object.mapValues(Self.spec)
      let result = Result { try parseExamples(records, specs) }
      if let message = try entry.object["message"]?.string {
        guard case .failure(let error as FormatError) = result else {
          Issue.record("\(what): no error")
          continue
        }
        #expect(error.kind == .invalidArgument)
        // TensorFlow quotes the garbage raw, here it is escaped.
        let stable = message.prefix { $0 != "'" || message.contains("don't") }
        #expect(error.message.hasPrefix(stable), "\(what)")
      } else {
        let parsed = try result.get()
        for (key, want) in try entry["result"].object {
          let found = try #require(parsed[key])
          #expect(try Self.matches(found, want), "\(what): \(key): \(found)")
        }
      }
    }
  }

  private static func expect(_ features: [String: Feature], _ expected: JSON) throws {
    try #expect(features.keys.sorted() == expected.object.keys.sorted())
    for (name, want) in try expected.object {
      switch features[name] {
      case .bytes(let values): try #expect(values == want["hex"].array.map { try $0.hex })
      case .int64(let values): try #expect(values == want["value"].array.map { Int64(try $0.int) })
      case .float(let values):
        let bits = try want["bits"].array.map { UInt32(try $0.string, radix: 16) }
        #expect(values.map { $0.bitPattern } == bits)
      case .unset: #expect(try want["kind"].isNull)
      case nil: Issue.record("no feature \(name)")
      }
    }
  }

  private static func spec(_ entry: JSON) throws -> FeatureSpec {
    let types: [String: DataType] = ["int64": .int64, "float32": .float32, "string": .string]
    let type = try #require(types[entry["dtype"].string])
    let shape = try entry.object["shape"]?.array.map { try $0.int } ?? []
    let defaultValue = try entry.object["default"].map { try tensor($0, type) }
    return switch try entry["kind"].string {
    case "FixedLen": .fixedLength(shape: shape, type, defaultValue: defaultValue)
    case "VarLen": .variableLength(type)
    case "FixedLenSequence": .fixedLengthSequence(shape: shape, type, defaultValue: defaultValue)
    default:
      .sparse(
        indexKey: try entry["index_key"].string, valueKey: try entry["value_key"].string, type,
        size: try entry["size"].int)
    }
  }

  private static func tensor(_ value: JSON, _ type: DataType) throws -> HostTensor {
    switch type {
    case .int64: HostTensor(Int64(try value.int))
    case .float32: HostTensor(Float(try value.double))
    default: HostTensor(try value.string)
    }
  }

  private static func matches(_ found: ParsedFeature, _ want: JSON) throws -> Bool {
    switch found {
    case .dense(let tensor):
      return try tensor.shape == want["shape"].array.map { try $0.int } && sameValues(tensor, want)
    case .sparse(let values):
      let indices = try want["indices"].array.map { try $0.array.map { try $0.int } }
      let shape = try want["dense_shape"].array.map { try $0.int }
      return try values.indices == indices && values.denseShape == shape && sameValues(values.values, want)
    }
  }

  private static func sameValues(_ tensor: HostTensor, _ want: JSON) throws -> Bool {
    if tensor.dataType == .string { return try tensor.strings() == want["hex"].array.map { try $0.hex } }
    return try tensor.doubles() == want["value"].array.map { try $0.double }
  }
}
