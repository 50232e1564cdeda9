/// Data that a program does not find, or that are not what it expects. Programs print it and exit with `status`.
public struct DataError: Error, Hashable, CustomStringConvertible {
  /// The exit status for input that is not there, `EX_NOINPUT` of sysexits.
  public static let status: Int32 = 66

  /// What is wrong, in one line.
  public let description: String

  /// Returns an error with this text.
  public init(_ description: String) {
    self.description = description
  }
}
