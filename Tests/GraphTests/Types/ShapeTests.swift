import EspalierGraph
import Testing

@Suite struct ShapeTests {
  @Test func broadcastsAsNumPyDoes() {
    #expect(Shape([2, 1, 3]).broadcast(with: [4, 1]) == [2, 4, 3])
    #expect(Shape([nil, 3]).broadcast(with: [3]) == [nil, 3])
    #expect(Shape([nil, 3]).broadcast(with: [5, 1]) == [5, 3])
    #expect(Shape([2]).broadcast(with: [3]) == nil)
    #expect(Shape([]).broadcast(with: [0, 7]) == [0, 7])
    #expect(Shape.unknown.broadcast(with: [3]) == .unknown)
  }

  @Test func mergesWhatBothKnow() {
    #expect(Shape([nil, 3]).merged(with: [2, nil]) == [2, 3])
    #expect(Shape([2, 3]).merged(with: [2, 4]) == nil)
    #expect(Shape.unknown.merged(with: [1]) == [1])
  }

  @Test func countsFromTheEnd() {
    #expect(Shape([2, 3, 5])[-1] == 5)
    #expect(Shape([2, 3, 5])[3] == nil)
  }
}

@Suite struct HostTensorTests {
  @Test func copiesOnWrite() throws {
    let a = HostTensor([1, 2, 3] as [Float])
    var b = a
    try b.withMutableSpan(of: Float.self) { $0[1] = 7 }
    #expect(try a.scalars(as: Float.self) == [1, 2, 3])
    #expect(try b.scalars(as: Float.self) == [1, 7, 3])
  }

  @Test func refusesWhatDoesNotFit() {
    #expect(throws: TensorError.self) { try HostTensor([1, 2, 3] as [Float], shape: [2, 2]) }
    #expect(throws: TensorError.self) { try HostTensor(1 as Float).scalar(as: Int32.self) }
    #expect(throws: TensorError.self) { try HostTensor("a").doubles() }
  }

  @Test func halfPrecisionRoundsToEven() {
    let values: [Float] = [0, -0.0, 1, -2, 65504, 65520, 1e-8, 0x1p-24, 0x1.8p-25, 0.1, .infinity]
    let bits: [UInt16] = [0, 0x8000, 0x3C00, 0xC000, 0x7BFF, 0x7C00, 0, 1, 1, 0x2E66, 0x7C00]
    #expect(values.map { Half($0).bitPattern } == bits)
    for pattern in 0...UInt16.max where !Half(bitPattern: pattern).float.isNaN {
      #expect(Half(Half(bitPattern: pattern).float).bitPattern == pattern)
    }
    #expect(Half(.nan).float.isNaN)
    #expect(BFloat16(1.00390625).bitPattern == 0x3F80)
    #expect(BFloat16(.nan).float.isNaN)
  }
}
