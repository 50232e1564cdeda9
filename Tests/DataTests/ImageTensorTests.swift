import EspalierData
import EspalierGraph
import Testing

@Suite struct ImageTensorTests {
  private func image(_ height: Int, _ width: Int) throws -> HostTensor {
    try HostTensor((0..<height * width * 2).map(Float.init), shape: [height, width, 2])
  }

  @Test func planesBecomeChannels() throws {
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]
    let image = try HostTensor(imagePlanes: bytes, height: 2, width: 3, depth: 2)
    #expect(try image.scalars(as: Float.self) == [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60])
    #expect(throws: DatasetError.self) { try HostTensor(imagePlanes: bytes, height: 3, width: 3, depth: 2) }
  }

  @Test func paddingPutsTheOddRowAtTheEnd() throws {
    let padded = try image(3, 3).resizedWithCropOrPad(height: 6, width: 3).scalars(as: Float.self)
    #expect(padded[..<6].allSatisfy { $0 == 0 })
    #expect(Array(padded[6..<24]) == (0..<18).map(Float.init))
    #expect(padded[24...].allSatisfy { $0 == 0 })
  }

  @Test func cuttingIsCentral() throws {
    let cut = try image(6, 6).resizedWithCropOrPad(height: 3, width: 4)
    #expect(cut.shape == [3, 4, 2])
    #expect(try cut.scalars(as: Float.self).first == Float((1 * 6 + 1) * 2))
  }

  @Test func cropsReachEveryPlace() throws {
    let source = try image(5, 4)
    var random = ElementRandom(seed: 1, element: 0)
    var corners: Set<Float> = []
    for _ in 0..<300 {
      let crop = try source.randomlyCropped(height: 3, width: 3, using: &random).scalars(as: Float.self)
      corners.insert(crop[0])
      #expect(crop[3 * 2] == crop[0] + 8)
    }
    #expect(corners.count == 3 * 2)
    #expect(throws: DatasetError.self) { try source.randomlyCropped(height: 6, width: 1, using: &random) }
  }

  @Test func flipsMirrorColumnsHalfOfTheTime() throws {
    let source = try image(2, 3)
    var random = ElementRandom(seed: 1, element: 0)
    var flips = 0
    for _ in 0..<400 {
      let result = try source.randomlyFlippedLeftRight(using: &random)
      if result != source {
        flips += 1
        #expect(try result.scalars(as: Float.self) == [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7])
      }
    }
    #expect((150...250).contains(flips))
  }
}
