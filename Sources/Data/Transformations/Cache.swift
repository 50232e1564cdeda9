import EspalierFormats

extension Dataset {
  /// Returns the same elements, which are computed in the first pass and kept in memory for all others.
  ///
  /// Stages before it no longer differ from pass to pass: shuffle after it.
  ///
  /// Source: `tf.data.Dataset.cache`.
  public func cached() -> Dataset {
    let cache = Cache<Element>()
    return Dataset(options) { [start] pass in
      if let elements = cache.elements { return try Dataset.elements(elements).start(pass) }
      return FillingIterator(try start(pass.numbered(0))) { cache.fill($0) }
    }
  }
}

extension Dataset where Element == [UInt8] {
  /// Returns the same records, which are computed in the first pass and kept in a file for all others, those of later
  /// processes included.
  ///
  /// - Parameter path: A TFRecord file, which gets its name when the first pass is over.
  ///
  /// Source: `tf.data.Dataset.cache`.
  public func cached(in path: String) -> Dataset {
    Dataset(options) { [start] pass in
      if LocalFileSystem().exists(path) { return try Dataset.tfRecords([path]).start(pass) }
      return FillingIterator(try start(pass.numbered(0))) { records in
        let temporary = TemporaryName.of(path)
        try LocalFileSystem().createDirectory(FilePath.directory(of: path))
        let writer = try TFRecordWriter(path: temporary)
        for record in records { try writer.write(record) }
        try writer.synchronize()
        try writer.close()
        try LocalFileSystem().rename(temporary, to: path)
      }
    }
  }
}

/// The elements of a whole pass, when there was one.
private final class Cache<Element: Sendable>: Sendable {
  private let state = Monitor<[Element]?>(nil)

  // There is nothing to wait for: no elements are an answer too.
  var elements: [Element]? { state.when { elements -> [Element]?? in .some(elements) } }

  func fill(_ elements: [Element]) { state.when { $0 = elements } }
}

/// Hands elements on, and all of them to somebody else at the end.
private final class FillingIterator<Element: Sendable>: ElementIterator {
  private let base: any ElementIterator<Element>
  private let finish: ([Element]) throws -> Void
  private var elements: [Element] = []
  private var hasEnded = false

  init(_ base: any ElementIterator<Element>, finish: @escaping ([Element]) throws -> Void) {
    self.base = base
    self.finish = finish
  }

  func next() throws -> Element? {
    guard !hasEnded else { return nil }
    if let element = try base.next() {
      elements.append(element)
      return element
    }
    hasEnded = true
    try finish(elements)
    elements = []
    return nil
  }
}
