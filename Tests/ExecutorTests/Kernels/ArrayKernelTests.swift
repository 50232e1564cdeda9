import EspalierExecutor
import EspalierGraph
import Testing

/// What the op table cannot say of moving and picking elements: strings, and values that are refused.
@Suite struct ArrayKernelTests {
  /// Returns the values of what `build` makes in a graph of its own.
  private func values(_ build: () throws -> [Tensor]) throws -> [HostTensor] {
    let graph = Graph()
    let tensors = try withGraph(graph, build)
    return try Session(graph: graph).run(tensors)
  }

  /// Returns the message of the error that running what `build` makes throws.
  private func message(_ build: () -> Tensor) throws -> String {
    let error = #expect(throws: ExecutionError.self) { _ = try values { [build()] } }
    return try #require(error).message
  }

  private func strings(_ words: [String], shape: [Int]) throws -> Tensor {
    constant(try HostTensor(strings: words.map { Array($0.utf8) }, shape: shape))
  }

  @Test func stringsAreMovedAndPicked() throws {
    let results = try values {
      let words = try strings(["a", "bc", "", "def", "g", "h"], shape: [2, 3])
      return [
        transpose(words), concat([words, words], axis: 1)[1], gather(words, indices: constant([1, 1] as [Int32])),
        reverse(words, axes: [1]),
      ]
    }
    let texts = try results.map { try $0.strings().map { String(decoding: $0, as: UTF8.self) } }
    #expect(texts[0] == ["a", "def", "bc", "g", "", "h"])
    #expect(texts[1] == ["def", "g", "h", "def", "g", "h"])
    #expect(texts[2] == ["def", "g", "h", "def", "g", "h"])
    #expect(texts[3] == ["", "bc", "a", "h", "g", "def"])
  }

  @Test(arguments: [DataType.uint8, .int16, .float16, .int32, .int64, .complex128])
  func elementsOfEverySizeAreMoved(_ type: DataType) throws {
    let size = try #require(type.size)
    let bytes = (0..<UInt8(24 * size / 4)).map { $0 &* 7 }
    let tensor = try bytes.withUnsafeBytes { try HostTensor(bytes: $0, dataType: type, shape: [3, 2]) }
    let result = try values {
      let x = constant(tensor)
      let turned = transpose(x)
      return [transpose(concat([turned[.all, .range(0, 1)], turned[.all, .range(1, nil)]], axis: 1))]
    }
    #expect(result[0] == tensor)
  }

  @Test func indicesOutOfRangeAreRefused() throws {
    let x = { constant([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]) }
    #expect(
      try message { gather(x(), indices: constant([0, 1, 2, 3] as [Int32], shape: [2, 2])) }
        == "indices[1,1] = 3 is not in [0, 3)")
    #expect(
      try message { gatherNd(x(), indices: constant([2, 1, 0, -1] as [Int64], shape: [2, 2])) }
        == "indices[1] = [0, -1] does not index into param shape [3, 2]")
    #expect(
      try message { unsortedSegmentSum(x(), ids: constant([0, 4, 1] as [Int32]), count: 2) }
        .contains("segment_ids[1] = 4 is out of range [0, 2)"))
  }

  @Test func bytesAreDecoded() throws {
    let bytes: [UInt8] = [1, 2, 255, 254]
    let results = try values {
      let word = constant(try HostTensor(strings: [bytes, bytes.reversed()], shape: [2]))
      return [
        decodeRaw(word, outType: .uint8), decodeRaw(word, outType: .int16),
        decodeRaw(word, outType: .int16, littleEndian: false),
      ]
    }
    #expect(try results[0].scalars(as: UInt8.self) == [1, 2, 255, 254, 254, 255, 2, 1])
    #expect(results[1].shape == [2, 2])
    #expect(try results[1].scalars(as: Int16.self) == [513, -257, -2, 258])
    #expect(try results[2].scalars(as: Int16.self) == [258, -2, -257, 513])
    let uneven = try message { decodeRaw(constant(HostTensor("abc")), outType: .int32) }
    #expect(uneven.contains("length 3 that is not a multiple of 4"))
  }

  @Test func numbersThatAreNotFiniteAreRefused() throws {
    let good = try values { [checkNumerics(constant([1, 2] as [Float]), message: "fine")] }
    #expect(try good[0].scalars(as: Float.self) == [1, 2])
    #expect(
      try message { checkNumerics(constant([1, .nan] as [Float]), message: "loss") }
        == "loss : Tensor had NaN values")
    #expect(
      try message { checkNumerics(constant([1, -.infinity] as [Double]), message: "loss") }
        == "loss : Tensor had Inf values")
  }
}
