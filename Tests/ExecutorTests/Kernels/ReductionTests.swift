import EspalierExecutor
import EspalierGraph
import Testing

@Suite struct ReductionTests {
  /// Every subset of the axes of a tensor with five different extents, against plain loops in double precision.
  @Test(arguments: 0..<16) func anyAxes(mask: Int) throws {
    let extents = [3, 4, 2, 5]
    let axes = extents.indices.filter { mask >> $0 & 1 == 1 }
    let graph = Graph()
    let (x, fetches) = withGraph(graph) {
      let x = placeholder(.float32, shape: Shape(extents), name: "x")
      let sums = [reduceSum(x, axes: axes), reduceMean(x, axes: axes, keepDims: true), reduceMax(x, axes: axes)]
      return (x, sums + [reduceMin(x, axes: axes)])
    }
    let value = ramp(extents)
    let results = try Session(graph: graph).run(fetches, feeding: [x: value])
    let groups = Self.groups(try value.doubles(), extents, Set(axes))
    let sums: [Double] = groups.map { $0.reduce(0, +) }
    let means: [Double] = zip(sums, groups).map { $0 / Double($1.count) }
    let expected: [[Double]] = [sums, means, groups.map { $0.max() ?? 0 }, groups.map { $0.min() ?? 0 }]
    for (result, wanted) in zip(results, expected) {
      let errors: [Double] = zip(try result.doubles(), wanted).map { abs($0 - $1) / max(1, abs($1)) }
      #expect(errors.allSatisfy { $0 < 1e-5 } && errors.count == wanted.count)
    }
    #expect(results[1].shape == extents.indices.map { axes.contains($0) ? 1 : extents[$0] })
  }

  /// Returns the elements that are taken together, in the order of the results.
  private static func groups(_ values: [Double], _ extents: [Int], _ axes: Set<Int>) -> [[Double]] {
    var result: [Int: [Double]] = [:]
    for (index, value) in values.enumerated() {
      var rest = index
      var key = 0
      var stride = 1
      for axis in extents.indices.reversed() {
        if !axes.contains(axis) {
          key += rest % extents[axis] * stride
          stride *= extents[axis]
        }
        rest /= extents[axis]
      }
      result[key, default: []].append(value)
    }
    return result.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test func meansOfIntegersAreCutOff() throws {
    let graph = Graph()
    let y = withGraph(graph) { reduceMean(constant([1, 2, 4, -1, -2, -5] as [Int32], shape: [2, 3]), axes: [1]) }
    var plain = SessionConfiguration()
    plain.disabledPasses = optionalPasses
    for configuration in [plain, SessionConfiguration()] {
      #expect(try Session(graph: graph, configuration: configuration).run(y).scalars(as: Int32.self) == [2, -2])
    }
  }

  @Test func nothingReducedIsNeutral() throws {
    let graph = Graph()
    let (x, fetches) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 2], name: "x")
      return (
        x, [reduceSum(x, axes: [0]), reduceProd(x, axes: [0]), reduceMax(x, axes: [0]), reduceMean(x, axes: [0])]
      )
    }
    let values = try Session(graph: graph).run(fetches, feeding: [x: HostTensor(zeros: .float32, shape: [0, 2])])
    let numbers = try values.map { try $0.scalars(as: Float.self) }
    #expect(numbers[0] == [0, 0] && numbers[1] == [1, 1])
    #expect(numbers[2] == [-.infinity, -.infinity] && numbers[3].allSatisfy(\.isNaN))
  }
}
