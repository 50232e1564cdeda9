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
    self.init(name, property, help, placeholder: "text", parse: { $0 }, text: { $0 })
  }

  /// Returns an option whose value is a list of texts with commas between.
  public init(_ name: String, _ property: WritableKeyPath<Options, [String]> & Sendable, _ help: String) {
    self.init(
      name, property, help, placeholder: "text,…", parse: { $0.split(separator: ",").map(String.init) },
      text: { $0.joined(separator: ",") })
  }

  /// Returns an option whose value is one of `choices`.
  public init(
    _ name: String, _ property: WritableKeyPath<Options, String> & Sendable, choices: [String], _ help: String
  ) {
    self.init(
      name, property, help, placeholder: choices.joined(separator: "|"),
      parse: { text throws(UsageError) in try Self.choice(text, of: choices, name) { $0 } }, text: { $0 })
  }

  /// Returns an option whose value is a case of an enumeration, by its raw value.
  public init<Choice: CaseIterable & RawRepresentable<String> & Sendable>(
    _ name: String, _ property: WritableKeyPath<Options, Choice> & Sendable, _ help: String
  ) {
    let choices = Choice.allCases.map(\.rawValue)
    self.init(
      name, property, help, placeholder: choices.joined(separator: "|"),
      parse: { text throws(UsageError) in try Self.choice(text, of: choices, name, Choice.init) }, text: \.rawValue)
  }

  /// Returns an option whose value is a case of an enumeration, by its raw value, or is left open.
  public init<Choice: CaseIterable & RawRepresentable<String> & Sendable>(
    _ name: String, _ property: WritableKeyPath<Options, Choice?> & Sendable, _ help: String
  ) {
    let choices = Choice.allCases.map(\.rawValue)
    self.init(
      name, property, help, placeholder: choices.joined(separator: "|"),
      parse: { text throws(UsageError) in try Self.choice(text, of: choices, name, Choice.init) },
      text: { $0?.rawValue ?? "" })
  }

  /// Returns an option whose value is a whole number, `least` or more.
  public init(
    _ name: String, _ property: WritableKeyPath<Options, Int> & Sendable, atLeast least: Int = .min, _ help: String
  ) {
    self.init(
      name, property, help, placeholder: "n",
      parse: { text throws(UsageError) in try Self.wholeNumber(text, atLeast: least, name) }, text: { String($0) })
  }

  /// Returns an option whose value is a whole number, `least` or more, or is left open.
  public init(
    _ name: String, _ property: WritableKeyPath<Options, Int?> & Sendable, atLeast least: Int = .min, _ help: String
  ) {
    self.init(
      name, property, help, placeholder: "n",
      parse: { text throws(UsageError) in try Self.wholeNumber(text, atLeast: least, name) },
      text: { $0.map(String.init) ?? "" })
  }

  /// Returns an option whose value is a list of whole numbers, each `least` or more, with commas between.
  public init(
    _ name: String, _ property: WritableKeyPath<Options, [Int]> & Sendable, atLeast least: Int = .min, _ help: String
  ) {
    self.init(
      name, property, help, placeholder: "n,…",
      parse: { text throws(UsageError) in
        var numbers: [Int] = []
        for word in text.split(separator: ",") { numbers.append(try Self.wholeNumber(word, atLeast: least, name)) }
        return numbers
      }, text: { $0.map(String.init).joined(separator: ",") })
  }

  /// Returns an option whose value is a number.
  public init(_ name: String, _ property: WritableKeyPath<Options, Double> & Sendable, _ help: String) {
    self.init(
      name, property, help, placeholder: "x", parse: { text throws(UsageError) in try Self.number(text, name) },
      text: { String($0) })
  }

  /// Returns an option whose value is a number, or is left open.
  public init(_ name: String, _ property: WritableKeyPath<Options, Double?> & Sendable, _ help: String) {
    self.init(
      name, property, help, placeholder: "x", parse: { text throws(UsageError) in try Self.number(text, name) },
      text: { $0.map { String($0) } ?? "" })
  }

  /// Returns a switch: `--name`, `--name true`, `--name=false` or `--no-name`.
  public init(_ name: String, _ property: WritableKeyPath<Options, Bool> & Sendable, _ help: String) {
    self.init(
      name, property, help, placeholder: nil,
      parse: { text throws(UsageError) in
        guard let truth = Self.truth(text) else { throw UsageError("--\(name) must be true or false, not '\(text)'") }
        return truth
      }, text: { String($0) })
  }

  private init<Value: Sendable>(
    _ name: String, _ property: WritableKeyPath<Options, Value> & Sendable, _ help: String, placeholder: String?,
    parse: @escaping @Sendable (String) throws(UsageError) -> Value, text: @escaping @Sendable (Value) -> String
  ) {
    self.name = name
    self.help = help
    self.placeholder = placeholder
    set = { (options, value) throws(UsageError) in options[keyPath: property] = try parse(value) }
    self.text = { text($0[keyPath: property]) }
  }

  /// Returns the option with a shorter name besides.
  public func short(_ shortName: String) -> Flag {
    var flag = self
    flag.shortName = shortName
    return flag
  }

  /// Returns whether the option is called this, with dashes for underscores.
  func isCalled(_ word: String) -> Bool { name == word || shortName?.replacing("_", with: "-") == word }

  var isSwitch: Bool { placeholder == nil }
}

extension Flag {
  static func truth(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "1": true
    case "false", "no", "0": false
    default: nil
    }
  }

  private static func choice<Value>(
    _ text: String, of choices: [String], _ name: String, _ value: (String) -> Value?
  ) throws(UsageError) -> Value {
    guard choices.contains(text), let value = value(text) else {
      throw UsageError("--\(name) must be one of \(choices.joined(separator: ", ")), not '\(text)'")
    }
    return value
  }

  private static func wholeNumber(
    _ text: some StringProtocol, atLeast least: Int, _ name: String
  ) throws(UsageError) -> Int {
    guard let number = Int(text) else { throw UsageError("--\(name) must be a whole number, not '\(text)'") }
    if number >= least { return number }
    switch least {
    case 0: throw UsageError("--\(name) must not be negative, but is \(number)")
    case 1: throw UsageError("--\(name) must be a positive integer, not \(number)")
    default: throw UsageError("--\(name) must be at least \(least), not \(number)")
    }
  }

  private static func number(_ text: String, _ name: String) throws(UsageError) -> Double {
    guard let number = Double(text), number.isFinite else {
      throw UsageError("--\(name) must be a number, not '\(text)'")
    }
    return number
  }
}
