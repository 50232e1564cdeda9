import EspalierConformance
import TestSupport
import Testing

/// Compares operations, optimizers, schedules and metrics with what TensorFlow made of the same inputs.
@Suite(.enabled(if: SharedData.isPresent, "there is no reference data on this machine"))
struct ConformanceTests {
  @Test(arguments: [
    "nn_conv", "nn_pool", "nn_norm", "nn_activation", "nn_loss", "linalg", "reduce", "array", "math", "image",
    "optimizer",
    "schedule", "metric",
  ])
  func everyCasePasses(group name: String) throws {
    let group = try #require(try GoldenGroup.all(in: SharedData.url("golden/ops")).first { $0.name == name })
    for golden in group.cases {
      do {
        let problem = try Runner.run(golden).problem
        #expect(problem == nil, "\(golden.name)")
      } catch {
        Issue.record("\(golden.name): \(error)")
      }
    }
  }

  @Test func aWrongNumberIsFound() {
    var deviation = Deviation()
    deviation.compare([1, 2.1, .nan], with: [1, 2, .nan], Tolerance(relative: 0.1, absolute: 0), "y")
    #expect(deviation.problem == nil)
    deviation.compare([1, .nan], with: [1, 2], Tolerance(relative: 0.1, absolute: 0), "y")
    #expect(deviation.problem == "y[1] is nan, not 2.0")
  }
}
