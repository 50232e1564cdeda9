import Espalier
import TestSupport
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

@Suite struct LockTests {
  /// Starts a second training in the directory of the first while that is under way.
  private final class Intruder: SessionRunHook {
    let intrude: () throws -> Void
    var error: (any Error)?
    init(_ intrude: @escaping () throws -> Void) { self.intrude = intrude }
    func afterCreateSession(_ session: Session) {
      do { try intrude() } catch { self.error = error }
    }
  }

  @Test func onlyOneTrainsInADirectory() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let input: InputFn = { try LinearModel.samples() }
        let intruder = Intruder {
          try LinearModel.estimator(directory).train(inputFn: input, steps: 1)
        }
        try LinearModel.estimator(directory).train(inputFn: input, hooks: [intruder], steps: 1)
        let error = try #require(intruder.error as? EstimatorError)
        #expect(error.exitCode == 73)
        #expect("\(error)".contains("\(directory) is being trained in by process \(getpid());"))
        // Afterwards the directory is free again.
        try LinearModel.estimator(directory).train(inputFn: input, steps: 1)
      }
    }
  }

  @Test func evaluationIsNotKeptOut() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        let evaluator = Intruder {
          _ = try LinearModel.estimator(directory).evaluate(inputFn: input)
        }
        try LinearModel.estimator(directory).train(inputFn: input, hooks: [evaluator], steps: 1)
        #expect(evaluator.error == nil)
      }
    }
  }
}
