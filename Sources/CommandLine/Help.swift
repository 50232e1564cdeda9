extension Command {
  /// Returns the help text, at most 80 columns wide, with the defaults that `columns` say.
  ///
  /// - Parameters:
  ///   - defaults: The defaults by title, `("default", Options())`; with several, a column for each.
  ///   - notes: What else there is to say, after the options.
  public func help(defaults: [(title: String, options: Options)], notes: String = "") -> String {
    var text = wrapped(summary, indent: 0) + "\n\nusage: \(usage)\n\noptions:\n"
    for flag in flags {
      let values = defaults.map { flag.text($0.options) }
      let isSame = Set(values).count == 1
      let shown =
        isSame
        ? "default: \(quoted(values[0]))"
        : zip(defaults, values).map { "\($0.title): \(quoted($1))" }.joined(separator: ", ")
      let short = flag.shortName.map { ", --\($0)" } ?? ""
      text += "  --\(flag.name)\(short)" + (flag.placeholder.map { " <\($0)>" } ?? "") + "\n"
      text += wrapped(flag.help + " (\(shown))", indent: 6) + "\n"
    }
    text += "  --help\n      Shows this text.\n"
    return notes.isEmpty ? text : text + "\n" + notes + "\n"
  }

  private var usage: String {
    ([name] + words.map { $0.hasSuffix("?") ? "[\($0.dropLast())]" : "<\($0)>" } + (flags.isEmpty ? [] : ["[options]"]))
      .joined(separator: " ")
  }

  private func quoted(_ value: String) -> String { value.isEmpty ? "none" : value }
}
