import Espalier
import TestSupport
import Testing

@Suite struct ResumeTests {
  /// Trains in one go or in parts, each by an estimator of its own, as if the process had ended in between.
  private func train(_ directory: String, upTo ends: [Int]) throws {
    let config = try RunConfig(tfRandomSeed: 7, saveCheckpointsSteps: 4)
    for end in ends {
      let estimator = try LinearModel.estimator(directory, .init(hasNoise: true), config: config)
      try estimator.train(inputFn: { try LinearModel.samples(shuffled: true) }, maxSteps: end)
    }
  }

  @Test(arguments: [[6, 10], [1, 2, 3, 10], [5, 10], [4, 9, 10]])
  func partsEndInTheBitsOfTheWhole(_ ends: [Int]) throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        try train(directory + "/whole", upTo: [10])
        try train(directory + "/parts", upTo: ends)
      }
      for file in ["model.ckpt-10.index", "model.ckpt-10.data-00000-of-00001"] {
        #expect(try bytes(ofFile: "\(directory)/whole/\(file)") == bytes(ofFile: "\(directory)/parts/\(file)"))
      }
    }
  }

  @Test func randomNumbersAndInputMatter() throws {
    // Were noise and order without effect, the test above would prove nothing.
    try withTemporaryDirectory { directory in
      var results: [HostTensor] = []
      for (index, variant) in [(true, true), (false, true), (true, false)].enumerated() {
        results.append(
          try LogLines.hidden {
            let estimator = try LinearModel.estimator("\(directory)/\(index)", .init(hasNoise: variant.0))
            try estimator.train(inputFn: { try LinearModel.samples(shuffled: variant.1) }, steps: 10)
            return try estimator.variableValue("weights")
          })
      }
      #expect(Set(results).count == 3)
    }
  }

  @Test func inputCanBeginAnew() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let config = try RunConfig(tfRandomSeed: 1, resumesInput: false)
        let estimator = try LinearModel.estimator(directory, config: config)
        try estimator.train(inputFn: { try LinearModel.samples(passes: 1) }, steps: 3)
        try estimator.train(inputFn: { try LinearModel.samples(passes: 1) })
        #expect(try estimator.variableValue("global_step") == HostTensor(Int64(8)))
      }
    }
  }

  @Test func damagedCheckpointsArePassedOver() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden { try train(directory, upTo: [10]) }
      let data = directory + "/model.ckpt-10.data-00000-of-00001"
      var damaged = try bytes(ofFile: data)
      damaged[3] ^= 1
      try write(damaged, toFile: data)
      let lines = try LogLines.of { try train(directory, upTo: [10]) }
      #expect(lines.contains { $0.hasPrefix("Passing over a damaged checkpoint") && $0.contains("model.ckpt-10") })
      #expect(lines.contains("Restoring parameters from \(directory)/model.ckpt-8"))
      #expect(try bytes(ofFile: data) != damaged, "the lost steps are trained again")
      damaged[3] ^= 1
      #expect(try bytes(ofFile: data) == damaged)
    }
  }
}
