import Espalier
import TestSupport
import Testing

@Suite struct CheckpointInputPipelineTests {
  /// Writes down the first number of each batch.
  private final class FirstNumberHook: SessionRunHook {
    var numbers: [Double] = []
    private var features: Tensor?

    func begin(_ graph: Graph) { features = graph.tensor(named: "IteratorGetNext/features:0") }
    func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? { features.map { SessionRunArgs([$0]) } }
    func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
      numbers.append(try features.flatMap { values[$0] }?.doubles().first ?? .nan)
    }
  }

  private let ofAll = try? LinearModel.samples(passes: 1).collected().map { try $0.features.leaves[0].doubles()[0] }

  /// Trains in a process of its own, as it were; returns the first number of each batch.
  private func train(_ directory: String, steps: Int, saves: Bool = true, resumes: Bool = false) throws -> [Double] {
    let config = try RunConfig(
      modelDir: directory, tfRandomSeed: 1, saveCheckpointsSteps: 2, resumesInput: resumes)
    let estimator = try LinearModel.estimator(directory, config: config)
    let numbers = FirstNumberHook()
    let hooks: [any SessionRunHook] = saves ? [try CheckpointInputPipelineHook(estimator)] : []
    try estimator.train(inputFn: { try LinearModel.samples() }, hooks: hooks + [numbers], steps: steps)
    return numbers.numbers
  }

  @Test func theInputGoesOnWhereItWas() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let all = try #require(ofAll)
        #expect(try train(directory, steps: 3) == Array(all[0..<3]))
        #expect(try train(directory, steps: 2) == Array(all[3..<5]))
        // Without the hook it begins again, since the configuration says so.
        #expect(try train(directory, steps: 1, saves: false) == [all[0]])
      }
      let files = try LocalFileSystem().names(inDirectory: directory)
      #expect(files.contains("checkpoint_input") && files.contains("input.ckpt-5.index"))
      #expect(try latestCheckpoint(in: directory) == directory + "/model.ckpt-6")
      try LocalFileSystem().remove(directory + "/checkpoint")
      #expect(try latestCheckpoint(in: directory) == directory + "/model.ckpt-6")
      #expect(try CheckpointReader(prefix: directory + "/input.ckpt-5").variables.count == 3)
    }
  }

  @Test func theCheckpointOfTheModelsStepIsTaken() throws {
    try withTemporaryDirectory { directory in
      let all = try #require(ofAll)
      try LogLines.hidden {
        _ = try train(directory, steps: 4)
        // As if the process had ended between the two saves.
        for suffix in ["index", "data-00000-of-00001"] {
          try LocalFileSystem().remove("\(directory)/model.ckpt-4.\(suffix)")
        }
      }
      var numbers: [Double] = []
      #expect(try LogLines.of { numbers = try train(directory, steps: 1) }.contains { $0.hasSuffix("/input.ckpt-2") })
      #expect(numbers == [all[2]])
      for name in try LocalFileSystem().names(inDirectory: directory) where name.hasPrefix("input.ckpt-3") {
        try LocalFileSystem().remove(directory + "/" + name)
      }
      let lines = try LogLines.of { numbers = try train(directory, steps: 1) }
      #expect(lines.contains { $0.hasPrefix("There is no input checkpoint of step 3: the input goes on from ") })
    }
  }

  @Test func estimatorsWithoutCheckpointsAreRefused() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let estimator = try LinearModel.estimator(directory, config: try RunConfig(saveCheckpointsSecs: 0))
        #expect(
          errorText { _ = try CheckpointInputPipelineHook(estimator) }
            == "The input is saved as often as the model, but the estimator saves no checkpoints.")
        let saving = try LinearModel.estimator(directory + "/a")
        let hook = try CheckpointInputPipelineHook(saving)
        let other = try LinearModel.estimator(directory + "/b")
        #expect(
          errorText { try other.train(inputFn: { try LinearModel.samples() }, hooks: [hook], steps: 1) }
            == "CheckpointInputPipelineHook is for trainings of the estimator that it was made with.")
      }
    }
  }
}
