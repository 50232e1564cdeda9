import Espalier

/// What the program's exit status says, as in BSD's sysexits.
enum ExitStatus {
  static let badData: Int32 = 65
  static let missingInput: Int32 = 66
  static let failure: Int32 = 70
  static let inputOutput: Int32 = 74

  /// Returns the status of a program that ends with this error.
  static func of(_ error: any Error) -> Int32 {
    switch error {
    case is UsageError: UsageError.status
    case is DataError: missingInput
    case let error as FormatError: of(error)
    case let error as EstimatorError: error.exitCode
    default: failure
    }
  }

  private static func of(_ error: FormatError) -> Int32 {
    switch error.kind {
    case .notFound: missingInput
    case .system, .unavailable: inputOutput
    default: badData
    }
  }
}
