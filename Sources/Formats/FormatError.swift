/// What is wrong with a file, or with bytes that came from one.
///
/// Malformed input is always thrown as this error, never a trap: it names the file, the byte where reading went wrong,
/// and what was expected and found there.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of a failure, named as TensorFlow names its status codes.
  public enum Kind: String, Hashable, Sendable {
    /// The bytes contradict their checksum or their format, or end early.
    case dataLoss
    /// The bytes are sound but are not what the caller asked for.
    case invalidArgument
    /// A file, tensor or archive member does not exist.
    case notFound
    /// The format is legal but not read here.
    case unimplemented
    /// More than a stated limit is asked for, or the disk is full.
    case resourceExhausted
    /// A library that is needed is not installed.
    case unavailable
    /// The system refused to open, read, write, rename or remove.
    case system
  }

  /// The kind of failure.
  public let kind: Kind
  /// The file, or what the bytes are called where there is no file.
  public let file: String
  /// The offset in `file` where reading went wrong, in bytes; nil if the error is about the file as a whole.
  public let offset: Int?
  /// What was expected and what was found, in one line.
  public let message: String

  /// The status with which a program ends after this error.
  ///
  /// Source: sysexits.h.
  public var exitCode: Int32 {
    switch kind {
    case .notFound: 66
    case .dataLoss, .invalidArgument, .unimplemented, .resourceExhausted: 65
    case .unavailable: 69
    case .system: 74
    }
  }

  /// Returns an error about `file`.
  package init(_ kind: Kind, file: String, offset: Int? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.offset = offset
    self.message = message
  }

  /// Returns the same error with `context` before its message.
  package func prefixed(_ context: String) -> FormatError {
    FormatError(kind, file: file, offset: offset, "\(context): \(message)")
  }

  /// The error in one line: `data/train.tfrecord: byte 116: record 1: …`.
  public var description: String {
    guard let offset else { return "\(file): \(message)" }
    return "\(file): byte \(offset): \(message)"
  }
}
