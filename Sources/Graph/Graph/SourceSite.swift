/// A place in the user's program: the file and line that made a node.
public struct SourceSite: Sendable {
  private enum Place: Sendable {
    case line(file: StaticString, line: Int)
    case calls(CallStack)
  }

  private let place: Place

  /// Returns the place that `#fileID` and `#line` name.
  public init(file: StaticString, line: Int) {
    place = .line(file: file, line: line)
  }

  private init(calls: CallStack) {
    place = .calls(calls)
  }

  /// The file, `Cifar10/Model.swift`, and the line; nil where debug information is missing.
  public var location: (file: String, line: Int)? {
    switch place {
    case .line(let file, let line): ("\(file)", line)
    case .calls(let stack): stack.userLocation
    }
  }

  /// Returns where the innermost caller outside this package stands.
  ///
  /// For operators, which cannot take `#line`: the addresses are kept (1.6 µs) and looked up only when someone reads
  /// the location.
  package static func ofCaller() -> SourceSite {
    SourceSite(calls: CallStack())
  }
}

extension SourceSite: CustomStringConvertible {
  public var description: String {
    location.map { "\($0.file):\($0.line)" } ?? "an unknown place"
  }
}
