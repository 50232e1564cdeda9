import EspalierExecutor
import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

/// Summaries that graphs compute are the messages that event files hold.
@Suite struct SummaryTests {
  @Test(.enabled(if: SharedData.isPresent, "there is no reference data on this machine"))
  func histogramsAreTensorFlows() throws {
    let inputs = try JSON.shared("golden/events/histograms.tfevents.json")["inputs"].object
    #expect(inputs.count > 8)
    for (name, numbers) in inputs {
      let values = try numbers.array.map { try $0.double }
      let bytes = try run { histogramSummary("tag", constant(values)) }
      #expect(try Summary(serialized: bytes).values.map(\.content) == [.histogram(Histogram(of: values))], "\(name)")
    }
  }

  @Test func mergedSummariesHoldAllValues() throws {
    let bytes = try run {
      nameScope("losses") {
        scalarSummary("total", constant(2.5 as Float))
        scalarSummary("total", constant(-1 as Double))
      }
      return try #require(mergeAllSummaries(in: BuildContext.current.requiredGraph))
    }
    #expect(
      try Summary(serialized: bytes).values == [
        .scalar("losses/total", 2.5), .scalar("losses/total_1", -1),
      ])
  }

  @Test(arguments: [
    (Float.nan, "Nan in summary histogram for: w"), (.infinity, "Infinity in summary histogram for: w"),
  ])
  func valuesThatAreNotFiniteAreRefused(value: Float, message: String) {
    let error = #expect(throws: ExecutionError.self) { try run { histogramSummary("w", constant([1, value])) } }
    #expect(error?.message == message)
  }

  /// Returns the only string of a tensor.
  private func run(_ build: () throws -> Tensor) throws -> [UInt8] {
    let graph = Graph()
    let tensor = try withGraph(graph, build)
    return try Session(graph: graph).run(tensor).strings()[0]
  }
}
