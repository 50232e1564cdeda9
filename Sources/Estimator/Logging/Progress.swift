import EspalierExecutor
import EspalierGraph

/// Draws how far training is in the last line of a terminal:
///
///     step 1200/2000 ━━━━━━━━━━╸       60%  loss 0.6931  accuracy 0.812  1543 ex/s  ETA 0:52
package enum Progress {
  /// Whether there is a terminal to draw on, and lines of level `info` are wanted.
  static var isShown: Bool {
    Terminal.isLive && Logging.format == .text && Logging.level <= .info && !Logging.isRedirected
  }

  /// What is known at a moment.
  package struct State {
    package var step = 0
    package var lastStep: Int?
    package var firstStep = 0
    package var values: [(name: String, value: Double)] = []
    package var examplesPerSecond: Double?
    package var stepsPerSecond: Double?

    package init() {}
  }

  /// Returns the line, no longer than `width` columns.
  package static func line(_ state: State, width: Int) -> String {
    var parts: [String] = []
    for (name, value) in state.values { parts.append("\(name) \(digits(value))") }
    if let speed = state.examplesPerSecond { parts.append("\(digits(speed)) ex/s") }
    if let lastStep = state.lastStep, let speed = state.stepsPerSecond, speed > 0 {
      parts.append("ETA \(Text.duration(Double(max(0, lastStep - state.step)) / speed))")
    }
    let tail = parts.joined(separator: "  ")
    guard let lastStep = state.lastStep, lastStep > 0 else {
      return String("step \(state.step)  \(tail)".prefix(width - 1))
    }
    let head = "step \(state.step)/\(lastStep) "
    let share = min(1, Double(state.step) / Double(lastStep))
    let percent = " \(Int(share * 100))%  "
    let room = min(30, width - 1 - head.count - percent.count - tail.count)
    let bar = room >= 5 ? Self.bar(share, room) : ""
    return String((head + bar + percent + tail).prefix(width - 1))
  }

  private static func bar(_ share: Double, _ width: Int) -> String {
    let full = Int(share * Double(width))
    return String(repeating: "━", count: full) + String(repeating: "─", count: width - full)
  }

  private static func digits(_ number: Double) -> String {
    guard number.isFinite else { return "\(number)" }
    let size = abs(number)
    return Text.fixed(number, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.01 || size == 0 ? 3 : 5)
  }
}

/// Keeps the progress line up to date, several times a second.
final class ProgressHook: SessionRunHook {
  private static let interval = 0.2
  /// How much older speeds count after each line: short hiccups do not make the remaining time jump.
  private static let smoothing = 0.8

  private let loss: Tensor
  private let more: [(name: String, tensor: Tensor)]
  private let steps: Int?
  private let maxSteps: Int?
  private var state = Progress.State()
  private var lastTime = 0.0
  private var lastStep = 0
  private var examples = 0
  private var isDue = false

  init(loss: Tensor, more: [String: Tensor], steps: Int?, maxSteps: Int?) {
    self.loss = loss
    self.more = more.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.steps = steps
    self.maxSteps = maxSteps
  }

  func afterCreateSession(_ session: Session) {
    state = Progress.State()
    state.step = session.globalStep ?? 0
    state.firstStep = state.step
    state.lastStep = maxSteps ?? steps.map { state.step + $0 }
    lastStep = state.step
    lastTime = Clock.seconds()
  }

  func beforeRun(_ context: SessionRunContext) -> SessionRunArgs? {
    isDue = Clock.seconds() - lastTime >= Self.interval
    return SessionRunArgs(isDue ? [loss] + more.map(\.tensor) : [loss])
  }

  func afterRun(_ context: SessionRunContext, _ values: SessionRunValues) {
    examples += context.originalArgs.exampleCount
    guard isDue, let step = context.globalStep else { return }
    let now = Clock.seconds()
    state.step = step
    state.values = ([("loss", loss)] + more).compactMap { entry in values.number(entry.1).map { (entry.0, $0) } }
    smooth(&state.stepsPerSecond, Double(step - lastStep) / (now - lastTime))
    smooth(&state.examplesPerSecond, Double(examples) / (now - lastTime))
    (lastTime, lastStep, examples) = (now, step, 0)
    Logging.showStatus(Progress.line(state, width: Terminal.width))
  }

  func end(_ session: Session) {
    Logging.showStatus("")
  }

  deinit {
    Logging.showStatus("")
  }

  private func smooth(_ value: inout Double?, _ new: Double) {
    value = value.map { $0 * Self.smoothing + new * (1 - Self.smoothing) } ?? new
  }
}
