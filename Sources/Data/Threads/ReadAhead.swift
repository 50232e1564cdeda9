/// Threads that compute elements ahead of their reader and hand them over in order.
///
/// They start with the first element that is asked for, stop at the first error, which the reader gets in its place, and
/// are joined when the iterator goes away.
final class ReadAhead<Input: Sendable, Element: Sendable>: ElementIterator {
  private let shared: Shared
  private let threadCount: Int
  private var threads: [WorkerThread] = []

  init(
    _ base: any ElementIterator<Input>, threads: Int, capacity: Int,
    _ transform: @escaping @Sendable (Input, Int) throws -> Element
  ) {
    threadCount = threads
    shared = Shared(Source(base), transform, capacity: max(capacity, threads))
  }

  deinit {
    shared.stop()
    for thread in threads { thread.join() }
  }

  func next() throws -> Element? {
    try startThreads()
    return try shared.take()
  }

  func skip(_ count: Int) throws -> Int {
    // Nothing is computed yet: the source can go past elements without the transformation.
    if threads.isEmpty { return try shared.skipSource(count) }
    for skipped in 0..<count where try shared.take() == nil { return skipped }
    return count
  }

  private func startThreads() throws {
    guard threads.isEmpty else { return }
    for _ in 0..<threadCount {
      threads.append(try WorkerThread.start { [shared] in shared.work() })
    }
  }

  /// The iterator that the threads read from, one at a time.
  ///
  /// `@unchecked Sendable`: it is used only inside the monitor.
  private final class Source: @unchecked Sendable {
    let base: any ElementIterator<Input>
    init(_ base: any ElementIterator<Input>) { self.base = base }
  }

  private final class Shared: Sendable {
    private struct State {
      let source: Source
      /// Computed elements by number; those that the reader has taken are gone.
      var results: [Int: Result<Element, any Error>] = [:]
      var nextToRead = 0
      var nextToTake = 0
      var offset = 0
      var isReading = false
      var hasEnded = false
      var isStopped = false
    }

    private let state: Monitor<State>
    private let capacity: Int
    private let transform: @Sendable (Input, Int) throws -> Element

    init(_ source: Source, _ transform: @escaping @Sendable (Input, Int) throws -> Element, capacity: Int) {
      state = Monitor(State(source: source))
      self.capacity = capacity
      self.transform = transform
    }

    func stop() {
      state.when { $0.isStopped = true }
    }

    func skipSource(_ count: Int) throws -> Int {
      let source = state.when { $0.source }
      let skipped = try source.base.skip(count)
      state.when { $0.offset += skipped }
      return skipped
    }

    /// Returns the next element in order, when it is computed; nil after the last.
    func take() throws -> Element? {
      let outcome: Result<Element, any Error>? = state.when { state -> Result<Element, any Error>?? in
        if let result = state.results.removeValue(forKey: state.nextToTake) {
          state.nextToTake += 1
          return .some(result)
        }
        let isFinished = state.hasEnded && state.nextToTake == state.nextToRead
        return isFinished ? .some(nil) : nil
      }
      return try outcome?.get()
    }

    /// What each thread does until the end, an error, or the reader's departure.
    func work() {
      while let (number, index, input) = read() {
        let result = input.flatMap { input in Result { try transform(input, index) } }
        state.when { state in
          state.results[number] = result
          if case .failure = result { state.hasEnded = true }
        }
      }
    }

    /// Returns the number of the next element and what it is computed from, or nil if there is no more to do.
    private func read() -> (number: Int, index: Int, input: Result<Input, any Error>)? {
      let source: Source? = state.when { state -> Source?? in
        if state.isStopped || state.hasEnded { return .some(nil) }
        let isFull = state.nextToRead - state.nextToTake >= self.capacity
        if isFull || state.isReading { return nil }
        state.isReading = true
        return state.source
      }
      guard let source else { return nil }
      // Outside the lock, so that the reader can take elements while a slow source is read.
      let input = Result { try source.base.next() }
      return state.when { state in
        state.isReading = false
        guard let present = input.presence() else {
          state.hasEnded = true
          return .some(nil)
        }
        defer { state.nextToRead += 1 }
        return (state.nextToRead, state.nextToRead + state.offset, present)
      }
    }
  }
}

extension Result {
  /// The same result without the optional, or nil for a success without a value.
  fileprivate func presence<Wrapped>() -> Result<Wrapped, Failure>? where Success == Wrapped? {
    switch self {
    case .success(let value): value.map { .success($0) }
    case .failure(let error): .failure(error)
    }
  }
}
