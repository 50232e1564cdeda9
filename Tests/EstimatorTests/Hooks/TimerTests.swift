import Espalier
import Testing

@Suite struct TimerTests {
  @Test func exactlyOneIntervalIsGiven() {
    #expect(errorText { _ = try SecondOrStepTimer() } == "Either every_secs or every_steps should be provided.")
    #expect(
      errorText { _ = try SecondOrStepTimer(everySecs: 1, everySteps: 1) }
        == "Can not provide both every_secs and every_steps.")
  }

  @Test func stepsAreCountedFromTheLastTime() throws {
    var timer = try SecondOrStepTimer(everySteps: 5)
    let due = (0..<12).filter { step in
      guard timer.shouldTrigger(forStep: step) else { return false }
      timer.updateLastTriggeredStep(step)
      return true
    }
    #expect(due == [0, 5, 10])
    #expect(timer.lastTriggeredStep == 10)
    timer.reset()
    #expect(timer.shouldTrigger(forStep: 11))
  }

  @Test func secondsAreMeasuredFromTheLastTime() throws {
    final class Watch { var now = 100.0 }
    let watch = Watch()
    var timer = try SecondOrStepTimer(everySecs: 10, everySteps: nil, now: { watch.now })
    let before = timer.updateLastTriggeredStep(1)
    #expect(before == nil)
    watch.now = 109.9
    #expect(!timer.shouldTrigger(forStep: 2))
    watch.now = 110
    #expect(timer.shouldTrigger(forStep: 2))
    #expect(!timer.shouldTrigger(forStep: 1), "never twice in one step")
    let elapsed = timer.updateLastTriggeredStep(3)
    #expect(elapsed?.secs == 10 && elapsed?.steps == 2)
  }
}
