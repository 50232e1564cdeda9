import EspalierGraph

/// Reads the part of Python's pickle format that NumPy arrays, lists, dictionaries and texts need.
///
/// A pickle is a program for a stack machine that could call any function of Python. This one knows the five names of
/// `PickleGlobal` and refuses all others.
///
/// Source: CPython, `Lib/pickletools.py`; protocols 0 to 5.
package struct PickleReader {
  var input: ByteReader
  var pickle = Pickle()
  var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// The bytes that may still be made of what is in the pickle: texts encoded again and again, arrays reordered.
  private var budget: Int

  private init(_ input: ByteReader) {
    self.input = input
    budget = input.remaining * 16 + 1 << 24
  }

  /// Returns the objects that `bytes` stand for.
  ///
  /// - Throws: `FormatError` of kind `dataLoss` if they are damaged, of kind `unimplemented` if they need what is not
  ///   known here.
  package static func read(_ bytes: [UInt8], file: String) throws(FormatError) -> Pickle {
    var reader = PickleReader(ByteReader(bytes, file: file))
    while true {
      let offset = reader.input.offset
      let code = try reader.input.byte()
      if code == UInt8(ascii: ".") { break }
      try reader.execute(code, offset)
    }
    reader.pickle.root = try reader.pop()
    return reader.pickle
  }

  private mutating func execute(_ code: UInt8, _ offset: Int) throws(FormatError) {
    if try executeStructure(code) { return }
    if try pushText(code) { return }
    if try pushNumber(code) { return }
    if try executeMemo(code) { return }
    switch Character(UnicodeScalar(code)) {
    case "\u{80}":
      let version = try input.byte()
      guard version <= 5 else { throw input.error("protocol \(version) is not read here", kind: .unimplemented) }
    case "\u{95}": try input.skip(8)
    case "c": try pushGlobal(module: line(), name: line())
    case "\u{93}":
      let name = try popText()
      try pushGlobal(module: popText(), name: name)
    case "R": try reduce()
    case "b": try build()
    default:
      throw input.error("the opcode 0x\(String(code, radix: 16)) is not read here", kind: .unimplemented, at: offset)
    }
  }

  private mutating func pushGlobal(module: String, name: String) throws(FormatError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      let full = "\(module).\(name)".debugDescription
      throw input.error("the pickle names \(full), which is refused", kind: .unimplemented)
    }
    stack.append(.global(global))
  }

  /// Executes what makes and fills lists, tuples and dictionaries.
  private mutating func executeStructure(_ code: UInt8) throws(FormatError) -> Bool {
    switch Character(UnicodeScalar(code)) {
    case "(": marks.append(stack.count)
    case "0": _ = try pop()
    case "1": _ = try popMark()
    case "2":
      let top = try pop()
      stack += [top, top]
    case "]": pushList([])
    case "l": pushList(try popMark())
    case ")": pushTuple([])
    case "t": pushTuple(try popMark())
    case "\u{85}": pushTuple(try pop(1))
    case "\u{86}": pushTuple(try pop(2))
    case "\u{87}": pushTuple(try pop(3))
    case "}": pushDictionary([])
    case "d": pushDictionary(try pairs(popMark()))
    case "a": try append(pop(1))
    case "e": try append(popMark())
    case "s": try setItems(pop(2))
    case "u": try setItems(popMark())
    default: return false
    }
    return true
  }

  private mutating func executeMemo(_ code: UInt8) throws(FormatError) -> Bool {
    switch Character(UnicodeScalar(code)) {
    case "p": memo[try decimal()] = try top()
    case "q": memo[Int(try input.byte())] = try top()
    case "r": memo[Int(try input.littleEndian(UInt32.self))] = try top()
    case "\u{94}": memo[memo.count] = try top()
    case "g": try recall(decimal())
    case "h": try recall(Int(input.byte()))
    case "j": try recall(Int(input.littleEndian(UInt32.self)))
    default: return false
    }
    return true
  }

  private mutating func recall(_ number: Int) throws(FormatError) {
    guard let value = memo[number] else { throw input.error("nothing was remembered as number \(number)") }
    stack.append(value)
  }

  private mutating func append(_ values: [PickleValue]) throws(FormatError) {
    guard case .list(let number) = try top() else { throw input.error("something is appended to what is no list") }
    pickle.lists[number] += values
  }

  private mutating func setItems(_ values: [PickleValue]) throws(FormatError) {
    let pairs = try pairs(values)
    guard case .dictionary(let number) = try top() else {
      throw input.error("a key is set in what is no dictionary")
    }
    pickle.dictionaries[number] += pairs
  }

  private func pairs(_ values: [PickleValue]) throws(FormatError) -> [(key: PickleValue, value: PickleValue)] {
    guard values.count % 2 == 0 else { throw input.error("a key without a value") }
    return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
  }

  private mutating func pushList(_ values: [PickleValue]) {
    stack.append(.list(pickle.lists.count))
    pickle.lists.append(values)
  }

  private mutating func pushTuple(_ values: [PickleValue]) {
    stack.append(.tuple(pickle.tuples.count))
    pickle.tuples.append(values)
  }

  private mutating func pushDictionary(_ pairs: [(key: PickleValue, value: PickleValue)]) {
    stack.append(.dictionary(pickle.dictionaries.count))
    pickle.dictionaries.append(pairs)
  }

  /// Returns the values since the last mark, and takes them and it off the stack.
  private mutating func popMark() throws(FormatError) -> [PickleValue] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw input.error("there is no mark on the stack") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  mutating func pop() throws(FormatError) -> PickleValue {
    guard let value = stack.popLast() else { throw input.error("the stack is empty") }
    return value
  }

  private mutating func pop(_ count: Int) throws(FormatError) -> [PickleValue] {
    guard stack.count >= count else { throw input.error("the stack has \(stack.count) of \(count) values") }
    defer { stack.removeLast(count) }
    return stack.suffix(count)
  }

  private func top() throws(FormatError) -> PickleValue {
    guard let value = stack.last else { throw input.error("the stack is empty") }
    return value
  }

  private mutating func popText() throws(FormatError) -> String {
    guard case .text(let text) = try pop() else { throw input.error("expected a text on the stack") }
    return text
  }

  /// Takes note that `count` bytes are made.
  ///
  /// - Throws: `FormatError` if the pickle makes far more than it has.
  mutating func spend(_ count: Int) throws(FormatError) {
    budget -= count
    guard budget >= 0 else {
      throw input.error("the pickle stands for far more bytes than it has", kind: .resourceExhausted)
    }
  }
}
