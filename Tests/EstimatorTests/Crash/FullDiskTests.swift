import Espalier
import Foundation
import TestSupport
import Testing

/// A disk that is full when a checkpoint is saved costs that checkpoint and nothing else.
@Suite(.enabled(if: SmallDisk.isPossible, "mounting a disk in memory takes an administrator"), .serialized)
struct FullDiskTests {
  private static let diskSize = 1 << 20
  /// What is left of the disk: room for small files, but not for a checkpoint.
  private static let rest = 6 * 4096
  private static let variableCount = 16_384

  /// Fills the disk after a step.
  private final class FillingHook: SessionRunHook {
    let path: String
    let step: Int

    init(_ path: String, afterStep step: Int) {
      self.path = path
      self.step = step
    }

    func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) throws {
      guard context.globalStep == step else { return }
      try #require(FileManager.default.createFile(atPath: path, contents: nil))
      let file = try #require(FileHandle(forWritingAtPath: path))
      let page = Data(repeating: 1, count: 4096)
      while (try? file.write(contentsOf: page)) != nil {}
      try file.truncate(atOffset: try file.offset() / 4096 * 4096 - UInt64(FullDiskTests.rest))
      try file.close()
    }
  }

  private static func modelFn(
    features: Structure<Tensor>, labels: Structure<Tensor>?, mode: ModeKeys
  ) throws -> EstimatorSpec {
    let weights = getVariable("weights", shape: [variableCount]).tensor
    let loss = reduceMean(square(weights - reduceMean(features.only ?? weights)))
    let optimizer = MomentumOptimizer(learningRate: 0.1, momentum: 0.9)
    let trainOp = try optimizer.minimize(loss, globalStep: try getOrCreateGlobalStep())
    return try EstimatorSpec(mode: mode, loss: loss, trainOp: trainOp)
  }

  private func train(_ directory: String, hooks: [any SessionRunHook] = []) throws {
    let config = try RunConfig(
      modelDir: directory, tfRandomSeed: 2, saveSummarySteps: 0, saveCheckpointsSteps: 3, keepCheckpointMax: 2,
      logStepCountSteps: nil, checkpointSaveGraphDef: false, writesReport: false)
    _ = try LogLines.hidden {
      try Estimator(modelFn: Self.modelFn, config: config).train(
        inputFn: { try LinearModel.samples(shuffled: true) }, hooks: hooks, maxSteps: 9)
    }
  }

  @Test func theEarlierCheckpointStaysAndWhatIsMissingIsSaid() throws {
    try SmallDisk.with(bytes: Self.diskSize) { disk in
      let (model, filler) = (disk + "/model", disk + "/filler")
      let error = #expect(throws: FormatError.self) {
        try train(model, hooks: [FillingHook(filler, afterStep: 5)])
      }
      #expect(error?.kind == .resourceExhausted)
      let message = try #require(error?.message)
      let numbers = try #require(
        message.firstMatch(of: /takes (\d+) bytes and its index, (\d+) are left, (\d+) are missing/), "\(message)")
      let (needed, left, missing) = (Int(numbers.1) ?? 0, Int(numbers.2) ?? 0, Int(numbers.3) ?? 0)
      #expect(needed > 2 * 4 * Self.variableCount && left <= Self.rest && missing >= needed - left)
      let latest = try latestCheckpoint(in: model)
      #expect(latest == model + "/model.ckpt-3")
      try CheckpointReader(prefix: model + "/model.ckpt-3").verify()
      let names = try LocalFileSystem().names(inDirectory: model)
      #expect(!names.contains { TemporaryName.isTemporary($0) || $0.contains("ckpt-6") })
      // With room again, training goes on as if nothing had been.
      try FileManager.default.removeItem(atPath: filler)
      try train(model)
      try withTemporaryDirectory { directory in
        try train(directory + "/whole")
        for file in ["index", "data-00000-of-00001"] {
          let name = "/model.ckpt-9." + file
          #expect(try bytes(ofFile: model + name) == bytes(ofFile: directory + "/whole" + name))
        }
      }
    }
  }
}
