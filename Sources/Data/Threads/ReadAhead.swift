/// Threads that compute elements ahead of their reader and hand them over in order, or as they are ready.
///
/// They start with the first element that is asked for, stop at the first error, which the reader gets in its place, and
/// are joined when the iterator goes away.
final class ReadAhead<Input: Sendable, Element: Sendable>: ElementIterator {
  private let shared: Shared
  private let threadCount: Int
  private var threads: [WorkerThread] = []
  /// What was taken over from the threads, and how much of it the reader has had.
  private var taken = Chunk<Element>()
  private var position = 0

  /// - Parameters:
  ///   - capacity: The number of elements that are computed and not yet taken, at most.
  ///   - isOrdered: Whether they are handed over in the order of the source.
  ///   - bell: What rings whenever there is something for the reader.
  init(
    _ base: any ElementIterator<Input>, threads: Int, capacity: Int, isOrdered: Bool = true, bell: Bell? = nil,
    _ transform: @escaping @Sendable (Input, Int) throws -> Element
  ) {
    threadCount = threads
    shared = Shared(Source(base), transform, capacity: max(capacity, threads), threads: threads, isOrdered, bell)
  }

  deinit {
    shared.stop()
    for thread in threads { thread.join() }
  }

  func next() throws -> Element? {
    try startThreads()
    while position == taken.elements.count {
      if let failure = taken.failure { throw failure }
      guard let more = shared.take() else { return nil }
      taken = more
      position = 0
    }
    defer { position += 1 }
    return taken.elements[position]
  }

  var isReady: Bool {
    if threads.isEmpty { try? startThreads() }
    return position < taken.elements.count || taken.failure != nil || shared.hasNext
  }

  func skip(_ count: Int) throws -> Int {
    // Nothing is computed yet: the source can go past elements without the transformation.
    if threads.isEmpty { return try shared.skipSource(count) }
    for skipped in 0..<count where try next() == nil { return skipped }
    return count
  }

  private func startThreads() throws {
    guard threads.isEmpty else { return }
    for _ in 0..<threadCount {
      threads.append(try WorkerThread.start { [shared] in shared.work() })
    }
  }
}

/// Elements that follow each other, and what went wrong after the last of them.
private struct Chunk<Element: Sendable>: Sendable {
  var elements: [Element] = []
  var failure: (any Error)?
}

extension ReadAhead {
  /// The iterator that the threads read from, one at a time.
  ///
  /// `@unchecked Sendable`: it is used only by the thread that has set `isReading`.
  private final class Source: @unchecked Sendable {
    let base: any ElementIterator<Input>
    init(_ base: any ElementIterator<Input>) { self.base = base }
  }

  private final class Shared: Sendable {
    private struct State {
      let source: Source
      /// Computed chunks by number, that of the source or of their being ready; those that the reader has taken are gone.
      var results: [Int: Chunk<Element>] = [:]
      var nextToRead = 0
      /// The chunks that the reader has taken, which is the number of the next.
      var takenCount = 0
      var publishedCount = 0
      /// The elements that were skipped or read, and those read that the reader has not taken.
      var offset = 0
      var ahead = 0
      var isReading = false
      var hasEnded = false
      var isStopped = false

      var isFinished: Bool { hasEnded && takenCount == nextToRead }
    }

    /// What a thread has read, and the place of its first element in the source.
    private struct Work {
      let number: Int
      let index: Int
      let input: Chunk<Input>
    }

    /// Chunks grow while they take less than this: long enough that handing over costs little, short enough that the
    /// reader does not wait.
    private static var patience: Duration { .microseconds(100) }

    private let state: Monitor<State>
    private let capacity: Int
    private let longestChunk: Int
    private let isOrdered: Bool
    private let bell: Bell?
    private let transform: @Sendable (Input, Int) throws -> Element

    init(
      _ source: Source, _ transform: @escaping @Sendable (Input, Int) throws -> Element, capacity: Int, threads: Int,
      _ isOrdered: Bool, _ bell: Bell?
    ) {
      state = Monitor(State(source: source))
      self.capacity = capacity
      self.isOrdered = isOrdered
      self.bell = bell
      longestChunk = max(1, capacity / (2 * threads))
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

    /// Returns the next chunk when it is computed; nil after the last.
    func take() -> Chunk<Element>? {
      state.when { state -> Chunk<Element>?? in
        if let result = state.results.removeValue(forKey: state.takenCount) {
          state.takenCount += 1
          state.ahead -= result.elements.count
          return .some(result)
        }
        return state.isFinished ? .some(nil) : nil
      }
    }

    /// Whether `take` would not wait.
    var hasNext: Bool {
      state.when { $0.isFinished || $0.results[$0.takenCount] != nil }
    }

    /// What each thread does until the end, an error, or the reader's departure.
    func work() {
      let clock = ContinuousClock()
      var size = 1
      while let source = waitForTurn() {
        let begin = clock.now
        let work = read(from: source, upTo: size)
        defer { bell?.ring() }
        guard let work else { return }
        publish(transformed(work), as: work.number, of: work.input.elements.count)
        size = clock.now - begin < Self.patience ? min(2 * size, longestChunk) : max(1, size / 2)
      }
    }

    /// Returns the source when it may be read from, or nil if there is no more to do.
    private func waitForTurn() -> Source? {
      state.when { state -> Source?? in
        if state.isStopped || state.hasEnded { return .some(nil) }
        if state.ahead >= self.capacity || state.isReading { return nil }
        state.isReading = true
        return state.source
      }
    }

    /// Returns up to `size` elements of the source, whose turn this thread has, or nil at the end.
    private func read(from source: Source, upTo size: Int) -> Work? {
      // Outside the lock, so that the reader can take elements while a slow source is read.
      var input = Chunk<Input>()
      input.elements.reserveCapacity(size)
      var hasEnded = false
      do {
        while input.elements.count < size, !hasEnded {
          if let element = try source.base.next() { input.elements.append(element) } else { hasEnded = true }
        }
      } catch {
        input.failure = error
      }
      return state.when { state -> Work?? in
        state.isReading = false
        if hasEnded || input.failure != nil { state.hasEnded = true }
        if input.elements.isEmpty, input.failure == nil { return .some(nil) }
        defer {
          state.nextToRead += 1
          state.offset += input.elements.count
          state.ahead += input.elements.count
        }
        return Work(number: state.nextToRead, index: state.offset, input: input)
      }
    }

    private func transformed(_ work: Work) -> Chunk<Element> {
      var result = Chunk<Element>(elements: [], failure: nil)
      result.elements.reserveCapacity(work.input.elements.count)
      do {
        for (place, element) in work.input.elements.enumerated() {
          result.elements.append(try transform(element, work.index + place))
        }
        result.failure = work.input.failure
      } catch {
        result.failure = error
      }
      return result
    }

    private func publish(_ result: Chunk<Element>, as number: Int, of count: Int) {
      state.when { [isOrdered] state in
        state.results[isOrdered ? number : state.publishedCount] = result
        state.publishedCount += 1
        // The reader never takes what was read and failed.
        state.ahead -= count - result.elements.count
        if result.failure != nil { state.hasEnded = true }
      }
    }
  }
}
