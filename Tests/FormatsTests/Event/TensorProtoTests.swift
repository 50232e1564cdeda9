import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct TensorProtoTests {
  @Test func writtenTensorsAreReadBack() throws {
    for type in DataType.allCases {
      for shape in [[], [0], [3], [2, 1, 3]] {
        let count = shape.reduce(1, *)
        var tensor = HostTensor(zeros: type, shape: shape)
        if type == .string {
          tensor = try HostTensor(strings: (0..<count).map { [UInt8($0), 0] }, shape: shape)
        } else {
          tensor.withUnsafeMutableBytes { bytes in
            for index in bytes.indices { bytes[index] = type == .bool ? UInt8(index % 2) : UInt8(index * 37 % 128) }
          }
        }
        var writer = WireWriter()
        TensorProto.write(tensor, to: &writer)
        var reader = WireReader(writer.bytes, file: "tensor")
        #expect(try TensorProto.read(&reader) == tensor, "\(type) \(shape)")
      }
    }
  }

  /// Fewer values than elements: the last one stands for the rest.
  @Test func lastValuesAreRepeated() throws {
    #expect(try Self.read { $0.packed(5, [1, 2] as [Float]) } == HostTensor([1, 2, 2, 2] as [Float], shape: [2, 2]))
    #expect(try Self.read { _ in } == HostTensor([0, 0, 0, 0] as [Float], shape: [2, 2]))
  }

  @Test(arguments: Hostile.numbers.filter { $0 > 128 })
  func lyingShapesThrow(_ extent: UInt64) {
    #expect(throws: FormatError.self) {
      try Self.read(shape: [extent, extent]) { $0.packed(5, [1] as [Float]) }
    }
    #expect(throws: FormatError.self) {
      try Self.read(shape: [extent]) { $0.bytes(4, [1, 2, 3, 4]) }
    }
    #expect(throws: FormatError.self) { try Self.read(type: Int64(bitPattern: extent)) { _ in } }
  }

  @Test func tooManyValuesThrow() {
    #expect(throws: FormatError.self) { try Self.read { $0.packed(5, [1, 2, 3, 4, 5] as [Float]) } }
    #expect(throws: FormatError.self) { try Self.read { $0.bytes(4, [UInt8](repeating: 0, count: 15)) } }
  }

  private static func read(
    type: Int64 = 1, shape: [UInt64] = [2, 2], _ body: (inout WireWriter) -> Void
  ) throws -> HostTensor {
    var writer = WireWriter()
    writer.int64(1, type)
    writer.message(2) { message in
      for extent in shape { message.message(2) { $0.int64(1, Int64(bitPattern: extent)) } }
    }
    body(&writer)
    var reader = WireReader(writer.bytes, file: "tensor")
    return try TensorProto.read(&reader)
  }
}
