import Espalier
import Foundation
import TestSupport
import Testing

@Suite struct PredictorTests {
  @Test func manyThreadsGetTheAnswersOfOne() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory)
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
        let weights = try estimator.variableValue("weights").scalars(as: Float.self)
        let example = Structure.single(HostTensor(zeros: .float32, shape: [1, 3]))
        let predictor = try estimator.predictor(for: example, predictKeys: ["sums"])
        #expect(predictor.keys == ["sums"] && predictor.globalStep == 6)
        // Training goes on; the predictor keeps what it was made with.
        try estimator.train(inputFn: { try LinearModel.samples() }, steps: 6)
        let wrong = Lock(0)
        DispatchQueue.concurrentPerform(iterations: 200) { index in
          let rows = 1 + index % 3
          let x = (0..<rows * 3).map { Float(index + $0) }
          let expected = (0..<rows).map { row in
            (0..<3).reduce(Float(0)) { $0 + x[row * 3 + $1] * weights[$1] }
          }
          let sums = try? predictor.predict(.single(HostTensor(x, shape: [rows, 3])))["sums"]?.scalars(as: Float.self)
          let isRight =
            sums?.count == rows && zip(sums ?? [], expected).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
          if !isRight { wrong.withLock { $0 += 1 } }
        }
        #expect(wrong.withLock { $0 } == 0)
        #expect(
          errorText { _ = try predictor.predict(["x": HostTensor(zeros: .float32, shape: [1, 3])]) }
            == "The features of a batch have another structure than those of the first batch.")
      }
    }
  }

  @Test func thereHasToBeACheckpoint() throws {
    try withTemporaryDirectory { directory in
      LogLines.hidden {
        let text = errorText {
          _ = try LinearModel.estimator(directory).predictor(
            for: .single(HostTensor(zeros: .float32, shape: [1, 3])))
        }
        #expect(text == "Could not find trained model in model_dir: \(directory).")
      }
    }
  }
}
