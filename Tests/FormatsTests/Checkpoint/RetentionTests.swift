import EspalierFormats
import Testing

@Suite struct RetentionTests {
  @Test func theOldestGo() {
    var retention = CheckpointRetention(maxToKeep: 2, start: 0)
    #expect(retention.add("a", at: 1) == [])
    #expect(retention.add("b", at: 2) == [])
    #expect(retention.add("b", at: 3) == [])
    #expect(retention.add("c", at: 4) == ["a"])
    #expect(retention.recent.map(\.prefix) == ["b", "c"])
  }

  @Test func zeroKeepsAll() {
    var retention = CheckpointRetention(maxToKeep: 0, start: 0)
    for step in 0..<10 { #expect(retention.add("\(step)", at: Double(step)) == []) }
  }

  /// One an hour stays for good, decided when its turn to go comes, as in TensorFlow.
  @Test func oneInEveryIntervalStays() {
    var retention = CheckpointRetention(maxToKeep: 1, keepEveryNHours: 1, start: 0)
    let expired = (1...6).map { retention.add("\($0)", at: Double($0) * 1500) }
    // 3 was saved at 4500 s, after the first hour; 5 at 7500 s, after the second.
    #expect(expired == [[], ["1"], ["2"], [], ["4"], []])
  }
}
