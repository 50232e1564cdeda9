import EspalierFormats

/// When a training will save, evaluate and export, known before its first step.
public struct TrainingSchedule: Hashable, Sendable {
  /// What happens after a step.
  public struct Moment: Hashable, Sendable {
    /// The global step.
    public let step: Int
    /// Whether a checkpoint is saved.
    public let saves: Bool
    /// The evaluations that follow, by the directories of their events.
    public let evaluations: [Evaluation]
    /// The names of exporters that are asked then for the last time.
    public let finalExports: [String]
  }

  /// An evaluation that follows a checkpoint.
  public struct Evaluation: Hashable, Sendable {
    /// `eval`, or `eval_name`.
    public let directory: String
    /// The seconds that must have passed since the one before; 0 for an evaluation that takes place in any case.
    public let throttleSecs: Double
  }

  /// The first global step.
  public let firstStep: Int
  /// The last global step, or nil if the input decides.
  public let lastStep: Int?
  /// The seconds between two checkpoints where steps do not decide.
  public let secondsBetweenCheckpoints: Double?
  /// What happens when, as far as steps decide, in order.
  public let moments: [Moment]
}

extension Estimator {
  /// Returns when `trainAndEvaluate` will save, evaluate and export.
  ///
  /// - Throws: `FormatError` if the model directory cannot be read.
  public func schedule(_ trainSpec: TrainSpec, _ evalSpecs: [EvalSpec]) throws -> TrainingSchedule {
    let latest = try latestCheckpoint().map { try CheckpointReader(prefix: $0) }
    let first = try latest.map(Self.savedStep) ?? 0
    let last = trainSpec.maxSteps
    let every = config.saveCheckpointsSteps ?? 0
    var steps: [Int] = config.savesCheckpoints ? [first] : []
    if every > 0, let last { steps += stride(from: first + every, to: last, by: every) }
    if let last, last > first, config.savesCheckpoints { steps.append(last) }
    if let last, last <= first { steps = [] }
    // When each evaluation took place last, where steps decide.
    var evaluated = [Int?](repeating: nil, count: evalSpecs.count)
    let moments = steps.enumerated().map { index, step in
      let isLast = step == last
      var evaluations: [TrainingSchedule.Evaluation] = []
      for (number, spec) in evalSpecs.enumerated() where index > 0 {
        if let every = spec.everyNSteps, let before = evaluated[number], step < before + every, !isLast { continue }
        evaluated[number] = step
        evaluations.append(
          TrainingSchedule.Evaluation(
            directory: FilePath.name(of: evalDir(name: spec.name)),
            throttleSecs: isLast || index == 1 || spec.everyNSteps != nil ? 0 : spec.throttleSecs))
      }
      return TrainingSchedule.Moment(
        step: step, saves: true, evaluations: evaluations,
        finalExports: isLast ? evalSpecs.flatMap(\.exporters).map(\.name) : [])
    }
    return TrainingSchedule(
      firstStep: first, lastStep: last,
      secondsBetweenCheckpoints: every > 0 || !config.savesCheckpoints ? nil : config.saveCheckpointsSecs,
      moments: moments)
  }

  /// Returns a table of when `trainAndEvaluate` will save, evaluate and export.
  ///
  /// - Throws: `FormatError` if the model directory cannot be read.
  public func explainSchedule(_ trainSpec: TrainSpec, _ evalSpecs: [EvalSpec]) throws -> String {
    "\(try schedule(trainSpec, evalSpecs))"
  }
}

extension TrainingSchedule: CustomStringConvertible {
  private static let shown = 12

  /// A line for each moment; of many, the first and the last ones.
  public var description: String {
    if let lastStep, lastStep <= firstStep {
      return "Training has reached step \(firstStep) already; there is nothing to do until step \(lastStep).\n"
    }
    let end = lastStep.map { "step \($0)" } ?? "the end of the input"
    var lines = ["Training goes from step \(firstStep) to \(end)."]
    if let secondsBetweenCheckpoints {
      lines.append(
        "A checkpoint is saved every \(Text.general(secondsBetweenCheckpoints)) seconds, and evaluated.")
    }
    let width = max(4, moments.last.map { "\($0.step)".count } ?? 0)
    lines.append(String(repeating: " ", count: width - 2) + "step  then")
    let rows = moments.map { moment in
      let number = "\(moment.step)"
      return String(repeating: " ", count: width + 2 - number.count) + number + "  " + words(moment)
    }
    if rows.count > Self.shown {
      let half = Self.shown / 2
      lines += rows.prefix(half)
      lines.append(String(repeating: " ", count: width) + "…   \(rows.count - Self.shown) more like these")
      lines += rows.suffix(half)
    } else {
      lines += rows
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func words(_ moment: Moment) -> String {
    var parts = moment.saves ? ["checkpoint"] : []
    for evaluation in moment.evaluations {
      let condition =
        evaluation.throttleSecs > 0
        ? " if \(Text.general(evaluation.throttleSecs)) s have passed since the last" : ""
      parts.append("evaluation \(evaluation.directory)\(condition)")
    }
    if !moment.finalExports.isEmpty { parts.append("final export " + moment.finalExports.joined(separator: ", ")) }
    return parts.joined(separator: ", ")
  }
}
