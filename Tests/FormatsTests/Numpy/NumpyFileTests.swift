import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct NumpyFileTests {
  @Test func writtenArraysAreReadBack() throws {
    for type in DataType.allCases where type != .string && type != .bfloat16 {
      for shape in [[], [0], [7], [2, 3, 4]] {
        var tensor = HostTensor(zeros: type, shape: shape)
        tensor.withUnsafeMutableBytes { bytes in
          for index in bytes.indices { bytes[index] = type == .bool ? UInt8(index % 2) : UInt8(index * 7 % 120) }
        }
        let bytes = try NumpyFile.serialized(tensor)
        #expect(try NumpyFile.parse(bytes) == tensor, "\(type) \(shape)")
        #expect((bytes.count - tensor.byteCount) % 64 == 0)
      }
    }
    for tensor in [HostTensor("text"), HostTensor(BFloat16(1))] {
      #expect(throws: FormatError.self) { try NumpyFile.serialized(tensor) }
    }
  }

  /// What `numpy.save` writes for `numpy.array([[1, 2]], dtype='<i2')`.
  @Test func bytesAreNumpys() throws {
    let text = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2), }"
    let header = text + String(repeating: " ", count: 118 - text.count - 1) + "\n"
    let expected = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + [1, 0, 2, 0]
    #expect(try NumpyFile.serialized(HostTensor([1, 2] as [Int16], shape: [1, 2])) == expected)
  }

  @Test func fortranOrderAndOtherVersionsAreRead() throws {
    let data: [UInt8] = [1, 4, 2, 5, 3, 6]
    for version in 1...3 as ClosedRange<UInt8> {
      let bytes = Self.file("{'shape': (2L, 3L), 'fortran_order': True, \"descr\": '|u1'}", data, version: version)
      #expect(try NumpyFile.parse(bytes) == HostTensor([1, 2, 3, 4, 5, 6] as [UInt8], shape: [2, 3]))
    }
    let cube = Self.file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 1, 3), }", data, version: 1)
    #expect(try NumpyFile.parse(cube) == HostTensor([1, 2, 3, 4, 5, 6] as [UInt8], shape: [2, 1, 3]))
  }

  @Test(arguments: [
    "", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 1, 'shape': ()}",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", "{'descr': '<f4', 'fortran_order': False, 'shape': (1",
    "{'descr': '<f4', 'fortran_order': False, 'shape': ()} ",
  ])
  func malformedHeadersThrow(_ header: String) {
    let data: [UInt8] = header.contains("shape': ()} ") ? [] : [0, 0, 0, 0]
    #expect(throws: FormatError.self) { try NumpyFile.parse(Self.file(header, data, version: 1)) }
  }

  @Test func truncationAnywhereThrows() throws {
    let whole = try NumpyFile.serialized(HostTensor([1, 2, 3] as [Float]))
    for count in 0..<whole.count {
      #expect(throws: FormatError.self) { try NumpyFile.parse(Array(whole.prefix(count))) }
    }
    #expect(throws: FormatError.self) { try NumpyFile.parse(whole + [0]) }
    var version = whole
    version[6] = 4
    #expect(throws: FormatError.self) { try NumpyFile.parse(version) }
  }

  @Test(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
  func imagesOfPretrainedNetsAreRead() throws {
    let images = try NumpyFile.read(SharedData.url("pretrained/resnet20/images_uint8.npy").path)
    #expect(images.type.description == "uint8[8,32,32,3]")
    let path = try SharedData.url("pretrained/resnet20/stage3_output.npy").path
    let output = try NumpyFile.read(path)
    #expect(output.dataType == .float32)
    #expect(try NumpyFile.serialized(output) == bytes(ofFile: path))
  }

  private static func file(_ header: String, _ data: [UInt8], version: UInt8) -> [UInt8] {
    var bytes = [0x93] + Array("NUMPY".utf8) + [version, 0]
    if version == 1 {
      bytes.append(littleEndian: UInt16(header.utf8.count))
    } else {
      bytes.append(littleEndian: UInt32(header.utf8.count))
    }
    return bytes + header.utf8 + data
  }
}
