/// An option of a command, `--train-steps 2000`, and the property of `Options` that it sets.
public struct Flag<Options: Sendable>: Sendable {
  /// The name without its dashes.
  public let name: String
  /// What it means, in a few words.
  public let help: String
  /// A shorter name, `-bs` or `--bs`, or nil.
  public private(set) var shortName: String?
  /// What stands for its value in help; nil for a switch that needs none.
  let placeholder: String?
  let set: @Sendable (inout Options, String) throws(UsageError) -> Void
  let text: @Sendable (Options) -> String

  /// Returns an option with a text for a value.
  public init(_ name: String, _ property: WritableKeyPath<Options, String> & Sendable, _ help: String) {
    self.init(name, help, placeholder: "text", set: { $0[keyPath: property] = $1 }, text: { $0[keyPath: property] })
  }

  /// Returns an option whose value is one of `choices`.
  public init(
    _ name: String, _ property: WritableKeyPath<Options, String> & Sendable, choices: [String], _ help: String
  ) {
    let placeholder = choices.joined(separator: "|")
    self.init(
      name, help, placeholder: placeholder,
      set: { (options, value) throws(UsageError) in
        guard choices.contains(value) else {
          throw UsageError("--\(name) must be one of \(choices.joined(separator: ", ")), not '\(value)'")
        }
        options[keyPath: property] = value
      }, text: { $0[keyPath: property] })
  }

  /// Returns an option whose value is a whole number.
  public init(_ name: String, _ property: WritableKeyPath<Options, Int> & Sendable, _ help: String) {
    self.init(
      name, help, placeholder: "n",
      set: { (options, value) throws(UsageError) in
        guard let number = Int(value) else { throw UsageError("--\(name) must be a whole number, not '\(value)'") }
        options[keyPath: property] = number
      }, text: { String($0[keyPath: property]) })
  }

  /// Returns an option whose value is a number.
  public init(_ name: String, _ property: WritableKeyPath<Options, Double> & Sendable, _ help: String) {
    self.init(
      name, help, placeholder: "x",
      set: { (options, value) throws(UsageError) in
        guard let number = Double(value), number.isFinite else {
          throw UsageError("--\(name) must be a number, not '\(value)'")
        }
        options[keyPath: property] = number
      }, text: { String($0[keyPath: property]) })
  }

  /// Returns a switch: `--name`, `--name true`, `--name=false` or `--no-name`.
  public init(_ name: String, _ property: WritableKeyPath<Options, Bool> & Sendable, _ help: String) {
    self.init(
      name, help, placeholder: nil,
      set: { (options, value) throws(UsageError) in
        guard let truth = Self.truth(value) else {
          throw UsageError("--\(name) must be true or false, not '\(value)'")
        }
        options[keyPath: property] = truth
      }, text: { String($0[keyPath: property]) })
  }

  /// Returns an option whose value is a whole number, or is left open.
  public init(_ name: String, _ property: WritableKeyPath<Options, Int?> & Sendable, _ help: String) {
    self.init(
      name, help, placeholder: "n",
      set: { (options, value) throws(UsageError) in
        guard let number = Int(value) else { throw UsageError("--\(name) must be a whole number, not '\(value)'") }
        options[keyPath: property] = number
      }, text: { $0[keyPath: property].map(String.init) ?? "" })
  }

  /// Returns an option whose value is a number, or is left open.
  public init(_ name: String, _ property: WritableKeyPath<Options, Double?> & Sendable, _ help: String) {
    self.init(
      name, help, placeholder: "x",
      set: { (options, value) throws(UsageError) in
        guard let number = Double(value), number.isFinite else {
          throw UsageError("--\(name) must be a number, not '\(value)'")
        }
        options[keyPath: property] = number
      }, text: { $0[keyPath: property].map { String($0) } ?? "" })
  }

  /// Returns the option with a shorter name besides.
  public func short(_ shortName: String) -> Flag {
    var flag = self
    flag.shortName = shortName
    return flag
  }

  /// Returns whether the option is called this, with dashes for underscores.
  func isCalled(_ word: String) -> Bool { name == word || shortName?.replacing("_", with: "-") == word }

  private init(
    _ name: String, _ help: String, placeholder: String?,
    set: @escaping @Sendable (inout Options, String) throws(UsageError) -> Void,
    text: @escaping @Sendable (Options) -> String
  ) {
    self.name = name
    self.help = help
    self.placeholder = placeholder
    self.set = set
    self.text = text
  }

  var isSwitch: Bool { placeholder == nil }

  static func truth(_ value: String) -> Bool? {
    switch value.lowercased() {
    case "true", "yes", "1": true
    case "false", "no", "0": false
    default: nil
    }
  }
}

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
}
