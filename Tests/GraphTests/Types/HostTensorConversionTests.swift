import EspalierGraph
import Testing

@Suite struct HostTensorConversionTests {
  @Test(arguments: [
    HostTensor([0, 7, 255] as [UInt8]), HostTensor([0, 7, 255] as [Int32]), HostTensor([0, 7, 255] as [Double]),
    HostTensor([0, 7, 255] as [Float]), HostTensor([Half(0), Half(7), Half(255)]),
  ]) func numbersStayAsFloats(numbers: HostTensor) throws {
    let column = try numbers.reshaped([3, 1])
    #expect(try column.asFloat32() == HostTensor([0, 7, 255] as [Float], shape: [3, 1]))
  }

  @Test func stringsAreNoNumbers() {
    #expect(throws: TensorError.self) { try HostTensor("seven").asFloat32() }
  }
}
