import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct DistortedBoundingBoxTests {
  private struct Trial {
    let session: Session
    let outputs: [Tensor]
    let boxes: Tensor

    init(_ rule: DistortedBoundingBox = DistortedBoundingBox(), usesImage: Bool = false, seed: Int? = 3) throws {
      let graph = Graph()
      (outputs, boxes) = withGraph(graph) {
        let boxes = placeholder(.float32, shape: [1, nil, 4])
        let part = sampleDistortedBoundingBox(
          imageSize: constant([200, 300, 3] as [Int32]), boundingBoxes: boxes, rule: rule,
          usesImageIfNoBoundingBoxes: usesImage, seed: seed)
        return ([part.begin, part.size, part.boxes], boxes)
      }
      try graph.check()
      session = Session(graph: graph)
    }

    func draw(_ box: [Float]) throws -> [[Double]] {
      let value = try HostTensor(box, shape: [1, box.count / 4, 4])
      return try session.run(outputs, feeding: [boxes: value]).map { try $0.doubles() }
    }
  }

  @Test func partsKeepToTheRule() throws {
    let rule = DistortedBoundingBox(minObjectCovered: 0.5, aspectRatioRange: 0.5...2, areaRange: 0.1...0.4)
    let trial = try Trial(rule)
    #expect(trial.outputs.map(\.shape) == [[3], [3], [1, 1, 4]])
    let box: [Float] = [0.25, 0.25, 0.5, 0.75]
    var parts: Set<[Double]> = []
    for _ in 0..<200 {
      let drawn = try trial.draw(box)
      let (top, left, height, width) = (drawn[0][0], drawn[0][1], drawn[1][0], drawn[1][1])
      #expect(drawn[0][2] == 0 && drawn[1][2] == -1)
      #expect(top >= 0 && left >= 0 && top + height <= 200 && left + width <= 300)
      #expect((0.095...0.405).contains(height * width / 60_000))
      #expect((0.49...2.02).contains(width / height))
      let rows = min(top + height, 100) - max(top, 50)
      let columns = min(left + width, 225) - max(left, 75)
      #expect(rows > 0 && columns > 0 && rows * columns >= 0.5 * 50 * 150)
      let edges = [top / 200, left / 300, (top + height) / 200, (left + width) / 300]
      #expect(zip(drawn[2], edges).allSatisfy { abs($0 - $1) < 1e-6 })
      parts.insert([top, left, height, width])
    }
    #expect(parts.count > 190, "each run draws anew")
  }

  @Test func seedsDrawTheSame() throws {
    let box: [Float] = [0, 0, 1, 1]
    let (first, second) = (try Trial(), try Trial())
    for _ in 0..<5 { #expect(try first.draw(box) == second.draw(box)) }
    #expect(try Trial(seed: 4).draw(box) != Trial().draw(box))
  }

  @Test func withoutAFitAllOfTheImageIsTaken() throws {
    // No part of a tenth of the image holds all of a box of half of it.
    let rule = DistortedBoundingBox(minObjectCovered: 1, areaRange: 0.05...0.1, maxAttempts: 5)
    let drawn = try Trial(rule).draw([0, 0, 0.7, 0.7])
    #expect(drawn == [[0, 0, 0], [200, 300, -1], [0, 0, 1, 1]])
  }

  @Test func boxesAreChecked() throws {
    #expect(try Trial(usesImage: true).draw([])[1][0] > 0)
    func message(_ box: [Float]) throws -> String? {
      let trial = try Trial()
      return #expect(throws: ExecutionError.self) { _ = try trial.draw(box) }?.message
    }
    #expect(try message([])?.hasPrefix("No bounding boxes provided as input.") == true)
    #expect(try message([0, 0, 1, 1.5])?.hasPrefix("All bounding box coordinates must be in [0.0, 1.0]") == true)
    #expect(try message([0.5, 0, 0.25, 1])?.contains("in order") == true)
    let graph = Graph()
    withGraph(graph) {
      _ = sampleDistortedBoundingBox(imageSize: constant([1, 2] as [Int32]), boundingBoxes: zeros([1, 1, 4]))
    }
    #expect(graph.diagnostics.count == 1)
  }
}
