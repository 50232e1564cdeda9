import Espalier
import Testing

@Suite struct ProgressTests {
  @Test func theLineSaysHowFarTrainingIs() {
    var state = Progress.State()
    state.step = 1200
    state.lastStep = 2000
    state.values = [("loss", 0.69314), ("accuracy", 0.8126)]
    state.examplesPerSecond = 1543.2
    state.stepsPerSecond = 10
    let line = Progress.line(state, width: 100)
    #expect(line.hasPrefix("step 1200/2000 ━━━━━━━━━━━━━━━━━━────────────"))
    #expect(line.hasSuffix(" 60%  loss 0.693  accuracy 0.813  1543 ex/s  ETA 1:20"))
  }

  @Test func narrowTerminalsGetALineThatFits() {
    var state = Progress.State()
    state.step = 5
    state.lastStep = 10
    state.values = [("loss", 123.456)]
    for width in 2...100 { #expect(Progress.line(state, width: width).count < width) }
    state.lastStep = nil
    #expect(Progress.line(state, width: 80) == "step 5  loss 123")
  }
}
