import EspalierFormats
import EspalierGraph
import Testing

/// Loses power at every operation of a run that saves, in every way that a disk may keep or lose what was not
/// synchronised, and looks for a checkpoint to continue from.
@Suite struct CrashTests {
  private static let steps = [10, 20, 30, 40]

  private static func tensors(_ step: Int) -> [String: HostTensor] {
    ["global_step": HostTensor(Int64(step)), "w": HostTensor((0..<20).map { Float(step * 100 + $0) })]
  }

  /// Saves all steps; returns the last one whose saving finished.
  private static func run(on disk: SimulatedDisk) -> Int {
    var saver = CheckpointSaver(
      directory: "run", retention: CheckpointRetention(maxToKeep: 2, start: 0), fileSystem: disk)
    var finished = 0
    for step in steps {
      guard (try? saver.save(tensors(step), step: step, metaGraph: [1, 2, 3], time: Double(step))) != nil else { break }
      finished = step
    }
    return finished
  }

  /// The same without care: in place, nothing synchronised.
  private static func runCarelessly(on disk: SimulatedDisk) -> Int {
    var finished = 0
    for step in steps {
      let whole = SimulatedDisk()
      let prefix = "run/model.ckpt-\(step)"
      guard (try? CheckpointWriter(fileSystem: whole).write(tensors(step), prefix: prefix)) != nil else { break }
      do {
        for (name, bytes) in whole.files.sorted(by: { $0.key < $1.key }) {
          let file = try disk.createFile(name, exclusively: false)
          try file.write(bytes)
          try file.close()
        }
      } catch { break }
      finished = step
    }
    return finished
  }

  /// Returns how many of all survivors have no checkpoint that is as new as the last one saved.
  private static func losses(of run: (SimulatedDisk) -> Int) throws -> (survivors: Int, lost: [String]) {
    let calm = SimulatedDisk()
    #expect(run(calm) == 40)
    var survivors = 0
    var lost: [String] = []
    for point in 0...calm.operations {
      let disk = SimulatedDisk(fault: .powerLoss(at: point))
      let finished = run(disk)
      for contents in SimulatedDisk.Contents.allCases {
        for (name, reached) in reaches(disk.pendingNames) {
          survivors += 1
          let survivor = disk.survivor(names: reached, contents: contents)
          let (reader, damaged) = try CheckpointDirectory("run", fileSystem: survivor).latestReadable()
          let step = try reader?.tensor(named: "global_step").scalar(as: Int64.self)
          let intact = try reader.map { try $0.tensor(named: "w") == tensors(Int(step ?? 0))["w"] } ?? true
          if !intact || !damaged.isEmpty || Int(step ?? 0) < finished {
            lost.append("power lost at \(point), names: \(name), contents: \(contents)")
          }
        }
      }
    }
    return (survivors, lost)
  }

  /// Ways in which changes of names reach the disk: up to any one, any single one, or every second one.
  private static func reaches(_ count: Int) -> [(String, (Int) -> Bool)] {
    var result: [(String, (Int) -> Bool)] = (0...count).map { limit in ("first \(limit)", { $0 < limit }) }
    result += (0..<count).map { only in ("only \(only)", { $0 == only }) }
    result.append(("every second", { $0 % 2 == 1 }))
    return result
  }

  @Test func aSoundCheckpointSurvivesEveryCrash() throws {
    let (survivors, lost) = try Self.losses(of: Self.run)
    #expect(survivors > 1000)
    #expect(lost.isEmpty, "\(lost.count) of \(survivors), first \(lost.first ?? "")")
  }

  @Test func theSimulationTellsCarelessSaving() throws {
    let (_, lost) = try Self.losses(of: Self.runCarelessly)
    #expect(!lost.isEmpty)
  }

  /// An error at any one operation is thrown, and leaves the earlier checkpoints and no temporary file.
  @Test func everyFailureIsThrownAndHarmless() throws {
    let calm = SimulatedDisk()
    _ = Self.run(on: calm)
    for point in 0..<calm.operations {
      let disk = SimulatedDisk(fault: .failure(at: point))
      let finished = Self.run(on: disk)
      #expect(finished < 40, "the failure of operation \(point) was not thrown")
      let reader = try CheckpointDirectory("run", fileSystem: disk).latestReadable().reader
      let step = try reader?.tensor(named: "global_step").scalar(as: Int64.self) ?? 0
      #expect(step >= finished)
      #expect(!disk.files.keys.contains { TemporaryName.isTemporary($0) })
    }
  }

  /// Saving the same step again, with the same or other contents, loses no other checkpoint.
  @Test(arguments: [0, 5]) func savingAStepAgainIsSafe(_ change: Int) throws {
    let before = SimulatedDisk()
    _ = Self.run(on: before)
    let again: (SimulatedDisk) -> Void = { disk in
      let writer = CheckpointWriter(fileSystem: disk)
      var tensors = Self.tensors(40)
      tensors["w"] = HostTensor((0..<20).map { Float(40 * 100 + $0 + change) })
      try? writer.write(tensors, prefix: "run/model.ckpt-40")
    }
    let calm = SimulatedDisk(files: before.files)
    again(calm)
    for point in 0...calm.operations {
      let disk = SimulatedDisk(files: before.files, fault: .powerLoss(at: point))
      again(disk)
      for contents in SimulatedDisk.Contents.allCases {
        for (_, reached) in Self.reaches(disk.pendingNames) {
          let survivor = disk.survivor(names: reached, contents: contents)
          let reader = try CheckpointDirectory("run", fileSystem: survivor).latestReadable().reader
          let step = try reader?.tensor(named: "global_step").scalar(as: Int64.self) ?? 0
          #expect(change == 0 ? step == 40 : step >= 30)
        }
      }
    }
  }

  @Test func oldCheckpointsAndStaleFilesGo() throws {
    let disk = SimulatedDisk(files: ["run/model.ckpt-5.index.tempstate123": [1]])
    var saver = CheckpointSaver(
      directory: "run/", retention: CheckpointRetention(maxToKeep: 2, start: 0), fileSystem: disk)
    try saver.recover()
    for step in Self.steps { try saver.save(Self.tensors(step), step: step, metaGraph: [1], time: Double(step)) }
    let names = [30, 40].flatMap { step in
      ["data-00000-of-00001", "index", "meta"].map { "run/model.ckpt-\(step).\($0)" }
    }
    #expect(disk.files.keys.sorted() == ["run/checkpoint"] + names)
    // A later run goes on with the same list.
    var later = CheckpointSaver(directory: "run", retention: CheckpointRetention(maxToKeep: 2), fileSystem: disk)
    try later.recover()
    try later.save(Self.tensors(50), step: 50)
    let state = try #require(try later.directory.state())
    #expect(state.modelCheckpointPath == "model.ckpt-50")
    #expect(state.allModelCheckpointPaths == ["model.ckpt-40", "model.ckpt-50"])
    #expect(try later.directory.candidates() == ["run/model.ckpt-50", "run/model.ckpt-40"])
  }
}
