import EspalierFormats
import Testing

@Suite struct JSONTests {
  @Test(
    arguments: [
      ("null", JSONValue.null), (" true ", .bool(true)), ("-1.5e3", .number(-1500)), ("0", 0),
      ("\"a\\n\\u00e9\\ud83c\\udf33\\/\"", "a\né🌳/"), ("[]", []), ("[1, [2]]", [1, [2]]),
      ("{\"a\": {\"b\": [null]}}", ["a": ["b": [.null]]]), ("{}", .object([:])),
    ] as [(String, JSONValue)])
  func textsAreRead(_ text: String, _ expected: JSONValue) throws {
    let value = try JSONValue(parsing: text)
    #expect(value == expected)
    #expect(try JSONValue(parsing: "\(value)") == expected)
  }

  @Test(arguments: [
    "", "nul", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{1:2}", "\"", "\"\\u12\"", "\"\\ud800\"", "\"\\x\"", "1 2",
    "\"\u{1}\"", "inf", "NaN", "+1", ".5", String(repeating: "[", count: 100_000),
  ])
  func nonsenseIsRefusedWithItsPlace(_ text: String) {
    do {
      let value = try JSONValue(parsing: text, file: "config")
      Issue.record("\(text.prefix(20)) was read as \(value)")
    } catch {
      #expect(error.file == "config" && error.offset != nil)
    }
  }

  @Test func everyPrefixThrows() throws {
    let text = #"{"a": [1, 2.5, "x\u0041"], "b": {"c": true}}"#
    for length in 0..<text.utf8.count {
      #expect(throws: FormatError.self) { _ = try JSONValue(parsing: String(text.prefix(length))) }
    }
  }

  @Test func valuesAreWrittenInOneLine() {
    let value: JSONValue = ["b": [1, .number(0.1), .number(.nan)], "a": "\"\u{1}\t"]
    #expect(value.description == #"{"a":"\"\u0001\t","b":[1,0.1,"nan"]}"#)
  }
}
