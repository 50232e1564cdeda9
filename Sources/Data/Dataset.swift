import EspalierGraph

/// A sequence of elements that can be gone through again and again: a description, computed only when it is iterated.
///
/// Pipelines are chains: `Dataset.tfRecords(files).repeated().map(parse).shuffled(buffer: 1000, seed: 7).batched(128)`.
/// With seeds given, the same elements come in the same order every time, whatever the number of threads.
///
/// Source: `tf.data.Dataset`.
public struct Dataset<Element: Sendable>: Sendable {
  /// Makes an iterator for a pass over the dataset: shuffles draw differently in each pass.
  let start: @Sendable (_ pass: Pass) throws -> any ElementIterator<Element>
  /// How the pipeline is computed, as far as it was said; what `withOptions` said last counts.
  ///
  /// Source: `tf.data.Dataset.options`.
  public let options: DatasetOptions

  init(
    _ options: DatasetOptions = DatasetOptions(),
    start: @escaping @Sendable (_ pass: Pass) throws -> any ElementIterator<Element>
  ) {
    self.options = options
    self.start = start
  }

  /// Returns the same elements, computed as options say: they hold for the whole pipeline, also for what comes after.
  ///
  /// Source: `tf.data.Dataset.with_options`.
  public func withOptions(_ options: DatasetOptions) -> Dataset {
    Dataset(self.options.merged(with: options), start: start)
  }

  /// Returns an iterator that stands before the first element.
  ///
  /// - Parameter pass: The number of the pass; reshuffling shuffles give each pass an order of its own.
  /// - Throws: What its sources throw, for instance for a file that is not there.
  public func makeIterator(pass: Int = 0) throws -> DatasetIterator<Element> {
    DatasetIterator(try start(Pass(number: pass, options: options)))
  }

  /// Returns all elements.
  ///
  /// - Throws: The first error on the way.
  public func collected() throws -> [Element] {
    let iterator = try makeIterator()
    var result: [Element] = []
    while let element = try iterator.next() { result.append(element) }
    return result
  }
}

/// A place in a dataset.
///
/// Not Sendable: one thread at a time reads it.
public final class DatasetIterator<Element: Sendable> {
  private let base: any ElementIterator<Element>
  /// The number of elements that were read or skipped: enough to come back to this place by `skip`.
  public private(set) var position = 0

  init(_ base: any ElementIterator<Element>) {
    self.base = base
  }

  /// Returns the next element, or nil at the end.
  ///
  /// - Throws: The first error of the pipeline, which names the file and record it comes from.
  public func next() throws -> Element? {
    guard let element = try base.next() else { return nil }
    position += 1
    return element
  }

  /// Returns how many elements it went past without computing them: `count`, or fewer at the end.
  ///
  /// Random choices are made as if they had been computed, so that a resumed run sees what it would have seen.
  @discardableResult
  public func skip(_ count: Int) throws -> Int {
    let skipped = try base.skip(count)
    position += skipped
    return skipped
  }
}

/// What a stage of a pipeline does while it is iterated. Used by one thread at a time.
protocol ElementIterator<Element>: AnyObject {
  associatedtype Element: Sendable

  func next() throws -> Element?

  /// Goes past up to `count` elements as cheaply as it can, and returns how many there were.
  func skip(_ count: Int) throws -> Int

  /// Whether the next element, or the end, is there without waiting for other threads.
  var isReady: Bool { get }
}

extension ElementIterator {
  var isReady: Bool { true }

  func skip(_ count: Int) throws -> Int {
    for skipped in 0..<count where try next() == nil { return skipped }
    return count
  }
}

/// A pipeline that cannot yield an element, for a reason of its own; errors of files and of users' closures pass through.
public struct DatasetError: Error, CustomStringConvertible {
  /// What is wrong, in one line.
  public let description: String

  package init(_ description: String) {
    self.description = description
  }
}
