import EspalierData
import Synchronization
import Testing

/// What options do, and how they add up. Merging is that of TensorFlow 2.15.
@Suite struct DatasetOptionTests {
  private func options(_ change: (inout DatasetOptions) -> Void) -> DatasetOptions {
    var result = DatasetOptions()
    change(&result)
    return result
  }

  private struct Failure: Error {}

  @Test func whatWasSaidLastCounts() {
    let numbers = Dataset.range(0..<3)
    #expect(numbers.options == DatasetOptions())
    let first = options { ($0.deterministic, $0.threading.privateThreadpoolSize) = (false, 2) }
    let second = options { ($0.experimentalSlack, $0.threading.maxIntraOpParallelism) = (true, 1) }
    let both = numbers.withOptions(first).map { $0 + 1 }.withOptions(second).taking(2)
    #expect(both.options.deterministic == false && both.options.threading.privateThreadpoolSize == 2)
    #expect(both.options.experimentalSlack == true && both.options.threading.maxIntraOpParallelism == 1)
    let third = options { ($0.deterministic, $0.experimentalOptimization.mapFusion) = (true, true) }
    let last = both.withOptions(third).options
    #expect(last.deterministic == true && last.threading.privateThreadpoolSize == 2)
    #expect(last.experimentalOptimization.mapFusion == true && last.experimentalOptimization.filterFusion == nil)
    let zipped = numbers.withOptions(first).zipped(with: numbers.withOptions(third))
    #expect(zipped.options.deterministic == true && zipped.options.threading.privateThreadpoolSize == 2)
    #expect(numbers.withOptions(third).concatenated(with: numbers.withOptions(first)).options.deterministic == false)
  }

  /// The first element is computed only after another thread has computed the last: in order that would never end.
  @Test func elementsComeAsTheyAreReady() throws {
    for isSaidByOptions in [true, false] {
      let others = Atomic(0)
      let numbers = Dataset.range(0..<40).map(threads: 2, deterministic: isSaidByOptions ? nil : false) { number in
        if number == 0 { while others.load(ordering: .acquiring) < 20 {} }
        others.add(1, ordering: .releasing)
        return number
      }
      let dataset = isSaidByOptions ? numbers.withOptions(options { $0.deterministic = false }) : numbers
      let found = try dataset.collected()
      #expect(found.sorted() == Array(0..<40))
      #expect(found.first != 0)
    }
  }

  @Test func theOrderStaysUnlessToldOtherwise() throws {
    let numbers = Dataset.range(0..<500).map(threads: 4) { $0 }
    #expect(try numbers.collected() == Array(0..<500))
    let free = numbers.withOptions(options { $0.deterministic = false }).map(threads: 3, deterministic: true) { $0 }
    #expect(try free.collected().sorted() == Array(0..<500))
  }

  @Test func errorsComeAlsoWithoutOrder() {
    let numbers = Dataset.range(0..<100).map(threads: 3, deterministic: false) { number in
      if number == 50 { throw Failure() }
      return number
    }
    #expect(throws: Failure.self) { try numbers.collected() }
  }

  @Test func aPoolOfOneThreadComputesOneElementAtATime() throws {
    let running = Atomic(0)
    let most = Atomic(0)
    @Sendable func busy(_ number: Int) -> Int {
      let now = running.add(1, ordering: .acquiringAndReleasing).newValue
      most.max(now, ordering: .relaxed)
      for _ in 0..<2000 where running.load(ordering: .relaxed) < 0 { break }
      running.subtract(1, ordering: .acquiringAndReleasing)
      return number
    }
    let numbers = Dataset.range(0..<400).map(threads: 4, busy).map(threads: 4, busy)
    let pool = options { $0.threading.privateThreadpoolSize = 1 }
    #expect(try numbers.withOptions(pool).collected() == Array(0..<400))
    #expect(most.load(ordering: .relaxed) == 1)
    #expect(try numbers.withOptions(options { $0.threading.privateThreadpoolSize = 3 }).collected().count == 400)
    #expect(most.load(ordering: .relaxed) <= 3)
  }

  /// The first of two datasets waits until the second has ended.
  @Test func aSlowDatasetIsPassedOver() throws {
    let others = Atomic(0)
    let turns = Dataset.range(0..<2).parallelInterleaved(cycle: 2, ahead: 4, deterministic: false) { which in
      Dataset.range(0..<30).map { number in
        if which == 0 { while others.load(ordering: .acquiring) < 30 {} } else { others.add(1, ordering: .releasing) }
        return which * 100 + number
      }
    }
    let found = try turns.collected()
    #expect(found.sorted() == Array(0..<30) + Array(100..<130))
    #expect(found.first == 100)
    let ordered = Dataset.range(0..<2).parallelInterleaved(cycle: 2) { which in
      Dataset.range(0..<3).map { which * 100 + $0 }
    }
    #expect(try ordered.collected() == [0, 100, 1, 101, 2, 102])
  }
}
