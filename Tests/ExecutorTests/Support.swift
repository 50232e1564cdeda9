import EspalierExecutor
import EspalierGraph
import Testing

/// Returns a tensor of numbers that rise, and now and then fall.
func ramp(_ shape: [Int], from first: Float = -1) -> HostTensor {
  let count = shape.reduce(1, *)
  let values = (0..<count).map { first + Float($0 % 17) * 0.25 - Float($0 / 5) * 0.125 }
  return (try? HostTensor(values, shape: shape)) ?? HostTensor(values)
}

/// All passes that can be left out.
let optionalPasses: Set<String> = Set(Pipeline.all.filter { !$0.isRequired }.map(\.name))

/// Expects that the values do not depend on passes that only make programs faster.
func expectSameWithoutPasses(
  _ graph: Graph, _ fetches: [Tensor], _ feeding: [Tensor: HostTensor], tolerance: Double = 0,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var plain = SessionConfiguration()
  plain.disabledPasses = optionalPasses
  let expected = try Session(graph: graph, configuration: plain).run(fetches, feeding: feeding)
  let actual = try Session(graph: graph).run(fetches, feeding: feeding)
  for (a, b) in zip(actual, expected) {
    try expectClose(a, b, tolerance, sourceLocation: sourceLocation)
  }
}

/// Expects equal types and shapes, and numbers that differ by less than `tolerance` of the largest.
func expectClose(
  _ a: HostTensor, _ b: HostTensor, _ tolerance: Double, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(a.type == b.type, sourceLocation: sourceLocation)
  let (left, right) = (try a.doubles(), try b.doubles())
  let scale = right.filter(\.isFinite).map(abs).max() ?? 0
  for (x, y) in zip(left, right) where !(x.isNaN && y.isNaN) && x != y {
    guard abs(x - y) <= tolerance * max(scale, 1) else {
      Issue.record("\(x) is not \(y)", sourceLocation: sourceLocation)
      return
    }
  }
}

/// A source of random numbers that gives the same ones for the same seed.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
