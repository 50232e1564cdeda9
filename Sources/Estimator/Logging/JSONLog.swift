import EspalierFormats

/// Lines of the log as JSON.
package enum JSONLog {
  /// Returns a line without its end: level, message, time, and the numbers that the message names.
  package static func line(_ level: Logging.Level, _ message: String, time: Double) -> String {
    var fields: [String: JSONValue] = [
      "level": .string("\(level)"), "message": .string(message), "time": .number((time * 1000).rounded() / 1000),
    ]
    let values = values(in: message)
    if !values.isEmpty { fields["values"] = .object(values) }
    return JSONValue.object(fields).description
  }

  /// Returns the numbers of a message by name: those of `loss = 2.31`, and of `global_step/sec: 81.3`.
  private static func values(in message: String) -> [String: JSONValue] {
    var result: [String: JSONValue] = [:]
    for match in message.matches(
      of: /([A-Za-z_][\w\/.-]*)(?: = |: )(-?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)(?![\w:\/])/)
    {
      // A sentence may end after a number.
      guard let number = Double(match.output.2) else { continue }
      result[String(match.output.1)] = .number(number)
    }
    return result
  }
}
