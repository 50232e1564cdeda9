import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct ExampleTests {
  static let example = Example(features: [
    "image": .bytes([[1, 2, 3], []]), "label": .int64([3, -1, .min]), "weight": .float([0.5, -.infinity]),
    "": .unset, "üñ": .int64([]),
  ])

  @Test func writtenExamplesAreReadBack() throws {
    #expect(try Example(serialized: Self.example.serialized()) == Self.example)
    #expect(try Example(serialized: []) == Example())
    let sequence = SequenceExample(
      context: ["id": .bytes([[1]])], featureLists: ["a": [.int64([1, 2]), .int64([])], "b": []])
    #expect(try SequenceExample(serialized: sequence.serialized()) == sequence)
  }

  @Test func equalExamplesGiveEqualBytes() {
    var other = Example()
    for key in ["weight", "label", "üñ", "", "image"] { other.features[key] = Self.example.features[key] }
    #expect(other.serialized() == Self.example.serialized())
  }

  /// Cut anywhere or with any byte changed, the bytes are an example or an error, never a trap.
  @Test func damagedExamplesThrow() {
    let whole = Self.example.serialized()
    var cutThatThrow = 0
    for count in 1..<whole.count {
      do { _ = try Example(serialized: Array(whole.prefix(count))) } catch { cutThatThrow += 1 }
    }
    #expect(cutThatThrow == whole.count - 1)
    for position in whole.indices {
      for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
        var damaged = whole
        damaged[position] = value
        _ = try? Example(serialized: damaged)
      }
    }
  }

  /// Every length in an example replaced by numbers that do not fit.
  @Test(arguments: Hostile.numbers.filter { $0 > 128 })
  func lyingLengthsThrow(_ length: UInt64) {
    let nested: [[UInt8]] = [
      [0x0A], [0x0A, 0x7F, 0x0A], [0x0A, 0x7F, 0x0A, 0x7F, 0x12], [0x0A, 0x7F, 0x0A, 0x7F, 0x0A],
    ]
    for prefix in nested {
      var bytes = prefix
      bytes.append(varint: length)
      bytes += [1, 2, 3]
      #expect(throws: FormatError.self) { try Example(serialized: bytes) }
    }
  }

  @Test func fixedAndVariableLengthsAreParsed() throws {
    let batch = [
      Example(features: ["a": .int64([1, 2]), "b": .bytes([[9]])]), Example(features: ["a": .int64([3, 4])]),
    ]
    let parsed = try parseExamples(
      batch.map { $0.serialized() },
      [
        "a": .fixedLength(shape: [2], .int64), "b": .variableLength(.string),
        "c": .fixedLength(shape: [], .float32, defaultValue: HostTensor(Float(7))),
      ])
    #expect(try parsed["a"] == .dense(HostTensor([1, 2, 3, 4] as [Int64], shape: [2, 2])))
    let bytes = SparseValues(
      indices: [[0, 0]], values: try HostTensor(strings: [[9]], shape: [1]), denseShape: [2, 1])
    #expect(parsed["b"] == .sparse(bytes))
    #expect(parsed["c"] == .dense(HostTensor([7, 7] as [Float])))
  }

  @Test func badSpecsThrow() {
    let serialized = [Self.example.serialized()]
    let specs: [FeatureSpec] = [
      .fixedLength(shape: [.max, 2], .int64), .fixedLength(shape: [-1], .int64), .variableLength(.int32),
      .fixedLength(shape: [3], .int64, defaultValue: HostTensor([1, 2] as [Int64])),
      .fixedLengthSequence(shape: [0], .int64), .fixedLengthSequence(shape: [2], .int64),
      .fixedLength(shape: [2], .int64, defaultValue: HostTensor(Float(1))),
    ]
    for spec in specs {
      #expect(throws: FormatError.self) { try parseExamples(serialized + [[]], ["label": spec]) }
    }
  }
}
