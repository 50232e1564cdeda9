import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

@Suite struct PickleTests {
  static func small() -> [UInt8] {
    var writer = PickleWriter()
    writer.dictionary { dictionary in
      dictionary.string("labels")
      dictionary.list([6, 300, 70_000, -1]) { $0.int($1) }
      dictionary.string("data")
      dictionary.matrix([1, 2, 3, 4, 5, 6], rows: 2, columns: 3)
    }
    return writer.finished()
  }

  @Test func writtenPicklesAreReadBack() throws {
    let pickle = try PickleReader.read(Self.small(), file: "pickle")
    #expect(pickle.elements("labels")?.map(\.integer) == [6, 300, 70_000, -1])
    #expect(pickle.array("data")?.shape == [2, 3])
    #expect(pickle.array("data")?.dataType == .uint8)
    #expect(pickle.array("data")?.bytes == [1, 2, 3, 4, 5, 6])
    #expect(pickle["nothing"] == nil)
  }

  @Test func literalsAreRead() throws {
    let cases: [(String, Int)] = [
      ("I42\n.", 42), ("I01\n.", 1), ("L-7L\n.", -7), ("\u{8A}\u{02}\u{00}\u{80}.", -32768), ("\u{8A}\u{00}.", 0),
      ("N0K\u{05}.", 5), ("K\u{07}2.", 7), ("(K\u{01}K\u{02}1K\u{09}.", 9),
    ]
    for (text, value) in cases {
      let bytes = text.unicodeScalars.map { UInt8($0.value) }
      #expect(try PickleReader.read(bytes, file: "pickle").root.integer == value, "\(text.debugDescription)")
    }
    for text in ["S'a\\n\\x62\\''\n.", "V\\u0061\\U0000000ab'\n.", "X\u{04}\0\0\0a\nb'.", "\u{8C}\u{04}a\nb'."] {
      let bytes = text.unicodeScalars.map { UInt8($0.value) }
      #expect(try PickleReader.read(bytes, file: "pickle").root.stringBytes == Array("a\nb'".utf8))
    }
  }

  @Test func truncationAnywhereThrows() {
    let whole = Self.small()
    for count in 0..<whole.count {
      #expect(throws: FormatError.self) { try PickleReader.read(Array(whole.prefix(count)), file: "pickle") }
    }
  }

  @Test func changedBytesNeverTrap() {
    let whole = Self.small()
    for position in whole.indices {
      for value in [UInt8](0...255) {
        var changed = whole
        changed[position] = value
        _ = try? PickleReader.read(changed, file: "pickle")
      }
    }
  }

  /// Programs that no reader of data should run, and broken ones.
  @Test(arguments: [
    "cos\nsystem\n(S'true'\ntR.", "c__builtin__\neval\n.", "(lp0\nia\nb\n.", "a.", "s.", "u.", "t.", "R.", "b.", "}a.",
    "](K\u{01}s.", "}K\u{01}K\u{02}K\u{03}u.", "h\u{01}.", "g0\n.", "Ix\n.", "I99999999999999999999\n.", "S'a\n.",
    "S\n.",
    "S'\\q'\n.", "V\\uD800\n.", "V\\u12\n.", "Fx\n.", "\u{80}\u{06}.", "\u{93}.", "cnumpy\nndarray\n)R.",
    "cnumpy\ndtype\n)R.", "K\u{01})R.", "K\u{01})b.", "P1\n.", "\u{82}\u{01}.", "T\u{FF}\u{FF}\u{FF}\u{FF}.",
    "\u{8E}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}.", "\u{8A}\u{09}123456789.", "(01.", "",
  ])
  func refusedPicklesThrow(_ text: String) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(throws: FormatError.self) { try PickleReader.read(bytes, file: "pickle") }
  }

  /// Neither depth nor repetition makes a small pickle large: objects nested 200,000 deep, and one text encoded again
  /// and again.
  @Test func smallPicklesStaySmall() throws {
    let deep = [UInt8](repeating: 0x29, count: 1) + [UInt8](repeating: 0x85, count: 200_000) + Array(".".utf8)
    #expect(try PickleReader.read(deep, file: "pickle").tuples.count == 200_001)
    var bomb = Array("c_codecs\nencode\nq\u{00}X".utf8) + [0, 0, 16, 0]
    bomb += [UInt8](repeating: 97, count: 1 << 20) + Array("q\u{01}X\u{06}\0\0\0latin1q\u{02}".utf8)
    for _ in 0..<2000 { bomb += Array("h\u{00}h\u{01}h\u{02}\u{86}R".unicodeScalars.map { UInt8($0.value) }) }
    #expect { try PickleReader.read(bomb + Array(".".utf8), file: "pickle") } throws: {
      ($0 as? FormatError)?.kind == .resourceExhausted
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
  func picklesOfPythonAreRead() throws {
    let folder = "golden/pickle/"
    let expected = try JSON.shared(folder + "expected.json")
    for (name, want) in try expected["files"].object {
      let bytes = try SharedData.bytes(folder + name)
      guard try want["readable"].bool else {
        #expect(throws: FormatError.self, "\(name)") { try PickleReader.read(bytes, file: name) }
        continue
      }
      let pickle = try PickleReader.read(bytes, file: name)
      let labels = pickle.elements("labels")?.map(\.integer)
      let names = pickle.elements("filenames")?.map { $0.stringBytes }
      try #expect(labels == expected["labels"].array.map { try $0.int }, "\(name)")
      try #expect(names == expected["filenames"].array.map { Array(try $0.string.utf8) }, "\(name)")
      try #expect(pickle["batch_label"]?.stringBytes == Array(expected["batch_label"].string.utf8), "\(name)")
      let data = try #require(pickle.array("data"))
      #expect(data.shape == [3, 12])
      let want = try expected["data"].array.flatMap { try $0.array.map { UInt8(try $0.int) } }
      #expect(data.bytes == want, "\(name)")
    }
  }

  /// The writer makes the bytes of Python 2's cPickle.
  @Test(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
  func bytesArePythons() throws {
    let original = try SharedData.bytes("golden/pickle/python2_style.pkl")
    let pickle = try PickleReader.read(original, file: "pickle")
    let data = try #require(pickle.array("data"))
    let labels = (pickle.elements("labels") ?? []).compactMap { $0.integer }
    let names = (pickle.elements("filenames") ?? []).compactMap { $0.stringBytes }
    var writer = PickleWriter()
    writer.dictionary { dictionary in
      dictionary.string("batch_label")
      dictionary.string("training batch 1 of 5")
      dictionary.string("labels")
      dictionary.list(labels) { $0.int($1) }
      dictionary.string("data")
      dictionary.matrix(data.bytes, rows: 3, columns: 12)
      dictionary.string("filenames")
      dictionary.list(names) { $0.string(String(decoding: $1, as: UTF8.self)) }
    }
    #expect(writer.finished() == original)
  }
}
