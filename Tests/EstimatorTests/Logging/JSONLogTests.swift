import Espalier
import EspalierFormats
import Testing

@Suite struct JSONLogTests {
  @Test(
    arguments: [
      ("loss = 2.5, step = 100 (1.234 sec)", ["loss": 2.5, "step": 100]),
      ("global_step/sec: 81.3", ["global_step/sec": 81.3]),
      (
        "Saving dict for global step 7: accuracy = 0.5, global_step = 7, loss = 1e-05",
        [
          "accuracy": 0.5, "global_step": 7, "loss": 1e-5,
        ]
      ),
      ("Starting evaluation at 2024-01-02T03:04:05", [:]),
      ("Loss for final step: 0.25.", ["step": 0.25]),
      ("Saving checkpoints for 3 into /tmp/a \"b\"/model.ckpt.", [:]),
    ] as [(String, [String: Double])])
  func numbersHaveNames(_ message: String, _ values: [String: Double]) throws {
    let line = JSONLog.line(.info, message, time: 1_700_000_000.1234)
    #expect(!line.contains("\n"))
    let json = try JSONValue(parsing: line)
    #expect(json["level"] == "info" && json["message"]?.text == message)
    #expect(json["time"]?.number == 1_700_000_000.123)
    #expect((json["values"]?.members ?? [:]).compactMapValues(\.number) == values)
  }
}
