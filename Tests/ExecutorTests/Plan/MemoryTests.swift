import EspalierExecutor
import EspalierGraph
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

@Suite struct MemoryTests {
  private let graph = Graph()

  @Test func chainsOfLargeTensorsReuseMemory() throws {
    // Matrix products cannot work in place, and each needs the one before: two tensors are alive at a time.
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [256, 256], name: "x")
      return (x, (0..<10).reduce(x) { y, _ in matMul(y, y) })
    }
    let plan = try Session(graph: graph).plan([y], feeding: [x: ramp([256, 256])])
    let one = 256 * 256 * 4
    #expect(plan.arenaBytes >= 2 * one)
    #expect(plan.arenaBytes < 4 * one)
  }

  @Test func pointwiseWorkIsDoneInPlace() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [64, 1024], name: "x")
      let product = reduceSum(x, axes: [1], keepDims: true)
      return (x, (0..<6).reduce(x * product) { y, _ in tanh(y - reduceMax(y)) })
    }
    let plan = try Session(graph: graph).plan([y], feeding: [x: ramp([64, 1024])])
    #expect(plan.arenaBytes < 2 * 64 * 1024 * 4)
    try expectSameWithoutPasses(graph, [y], [x: ramp([64, 1024])], tolerance: 1e-5)
  }

  @Test func inputsThatAreStillNeededAreNotOverwritten() throws {
    let (x, y, z) = withGraph(graph) {
      let x = placeholder(.float32, shape: [64, 32], name: "x")
      let a = tanh(x)
      let total = reduceSum(a)
      let b = a * total
      return (x, b, matMul(a, b, transposeB: true))
    }
    try expectSameWithoutPasses(graph, [y, z], [x: ramp([64, 32])], tolerance: 1e-5)
  }

  @Test func tooLargeRunsAreRefusedBeforeTheyBegin() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 1000], name: "x")
      return (x, matMul(x, constant(HostTensor(zeros: .float32, shape: [1000, 1000])), name: "wide"))
    }
    var configuration = SessionConfiguration()
    configuration.memoryLimit = 8 << 20
    let session = Session(graph: graph, configuration: configuration)
    let error = #expect(throws: ExecutionError.self) {
      try session.run(y, feeding: [x: HostTensor(zeros: .float32, shape: [2000, 1000])])
    }
    #expect(error?.kind == .resourceExhausted)
    #expect(error?.message.contains("wide") == true)
    #expect(try session.run(y, feeding: [x: HostTensor(zeros: .float32, shape: [2, 1000])]).shape == [2, 1000])
  }

  #if os(Linux)
    /// In a process of its own, where no other test allocates meanwhile.
    @Test func predictedPeakIsWhatTheProcessGrowsBy() async {
      await #expect(processExitsWith: .success) {
        let graph = Graph()
        let (x, y) = withGraph(graph) {
          let x = placeholder(.float32, shape: [2048, 2048], name: "x")
          let turned = (0..<4).map { transpose(x * Double($0 + 2)) }
          return (x, reduceSum(tanh(turned.dropFirst().reduce(turned[0]) { $0 * $1 })))
        }
        let feeding = [x: HostTensor(zeros: .float32, shape: [2048, 2048])]
        var configuration = SessionConfiguration()
        // It would find that nothing need be turned.
        configuration.disabledPasses = ["layout"]
        let session = Session(graph: graph, configuration: configuration)
        let plan = try session.plan([y], feeding: feeding)
        let before = MemoryTests.residentBytes()
        _ = try session.run(y, feeding: feeding)
        // What is fed stays, for as long as is measured.
        let growth = withExtendedLifetime(feeding) { MemoryTests.residentBytes() - before }
        #expect(abs(Double(growth) - Double(plan.peakBytes)) < 0.05 * Double(plan.peakBytes))
      }
    }

    /// The bytes of physical memory that the process has now.
    fileprivate static func residentBytes() -> Int {
      guard let file = fopen("/proc/self/statm", "r") else { return 0 }
      defer { fclose(file) }
      var (size, resident) = (0, 0)
      _ = withUnsafeMutablePointer(to: &size) { size in
        withUnsafeMutablePointer(to: &resident) { resident in
          withVaList([size, resident]) { vfscanf(file, "%ld %ld", $0) }
        }
      }
      return resident * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
  #endif
}
