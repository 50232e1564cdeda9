/// A command line that cannot be understood. Programs print it and exit with `status`.
public struct UsageError: Error, Hashable, CustomStringConvertible {
  /// The exit status for misuse, `EX_USAGE` of sysexits.
  public static let status: Int32 = 64

  /// What is wrong, in one line.
  public let description: String

  /// Returns an error with this text.
  public init(_ description: String) {
    self.description = description
  }

  /// Throws an error with this text unless `condition` holds.
  public static func check(_ condition: Bool, _ description: @autoclosure () -> String) throws(UsageError) {
    if !condition { throw UsageError(description()) }
  }
}
