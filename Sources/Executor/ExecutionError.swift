import EspalierGraph

/// What goes wrong when a graph runs: a bad feed, an uninitialised variable, or a value that an operation refuses.
public struct ExecutionError: Error, Sendable {
  /// The kind of error, as TensorFlow divides them.
  ///
  /// Source: `tf.errors`.
  public enum Kind: String, Hashable, Sendable {
    case invalidArgument = "InvalidArgumentError"
    case failedPrecondition = "FailedPreconditionError"
    case notFound = "NotFoundError"
    case outOfRange = "OutOfRangeError"
    case resourceExhausted = "ResourceExhaustedError"
    case unimplemented = "UnimplementedError"
    case cancelled = "CancelledError"
    case aborted = "AbortedError"
    case unavailable = "UnavailableError"
    case unknown = "UnknownError"
  }

  /// What is wrong, in TensorFlow's words where it has words for it.
  public let message: String
  /// The kind of error.
  public let kind: Kind
  /// The TensorFlow name of the operation that failed, or nil outside an operation.
  public package(set) var operation: String?
  /// The path of the node that failed.
  public package(set) var node: String?
  /// Where the user's program made that node.
  public package(set) var site: SourceSite?

  /// Returns an error; the executor adds the place.
  public init(_ message: String, kind: Kind = .invalidArgument) {
    self.message = message
    self.kind = kind
  }

  /// Returns the same error with its place, unless it has one.
  package func located(operation: String, node: String, site: SourceSite?) -> ExecutionError {
    guard self.node == nil else { return self }
    var result = self
    result.operation = operation
    result.node = node
    result.site = site
    return result
  }
}

extension ExecutionError: CustomStringConvertible {
  /// The message, then the node and where the user's program made it.
  public var description: String {
    guard let node, let operation else { return message }
    let place = site.map { "\n  in: \(node) at \($0)" } ?? ""
    return "\(message)\n\t [[{{node \(node)}} = \(operation)]]\(place)"
  }
}
