import EspalierGraph

/// What the header of a NumPy file says of its array.
struct NumpyHeader {
  let dataType: DataType
  let isFortranOrder: Bool
  let shape: [Int]

  /// Reads the header, a Python dictionary as text: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
  struct Reader {
    private var input: ByteReader
    private var description: String?
    private var order: Bool?
    private var shape: [Int]?

    init(_ input: ByteReader) {
      self.input = input
    }

    mutating func header() throws(FormatError) -> NumpyHeader {
      let start = input
      try expect("{")
      while skipBlanks() != UInt8(ascii: "}") {
        try readItem()
        guard skipBlanks() == UInt8(ascii: ",") else { break }
        try input.skip(1)
      }
      try expect("}")
      guard skipBlanks() == nil else { throw input.error("something follows the dictionary of the header") }
      guard let description, let order, let shape else {
        throw start.error("the header lacks descr, fortran_order or shape")
      }
      guard let type = NumpyType.dataType(description) else {
        throw start.error("elements of type \(description.debugDescription) are not read here", kind: .unimplemented)
      }
      return NumpyHeader(dataType: type, isFortranOrder: order, shape: shape)
    }

    private mutating func readItem() throws(FormatError) {
      let start = input.offset
      let key = try text()
      try expect(":")
      switch key {
      case "descr":
        guard skipBlanks() != UInt8(ascii: "[") else {
          throw input.error("records are not read here", kind: .unimplemented)
        }
        description = try text()
      case "fortran_order": order = try boolean()
      case "shape": shape = try tuple()
      default: throw input.error("the header has an unknown key \(key.debugDescription)", at: start)
      }
    }

    private mutating func text() throws(FormatError) -> String {
      guard let quote = skipBlanks(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
        throw input.error("expected a text in the header")
      }
      try input.skip(1)
      return String(decoding: try input.array(upTo: quote), as: UTF8.self)
    }

    private mutating func boolean() throws(FormatError) -> Bool {
      _ = skipBlanks()
      let word = try word { $0 >= 65 && $0 <= 122 }
      guard word == "True" || word == "False" else { throw input.error("expected True or False, found \(word)") }
      return word == "True"
    }

    private mutating func tuple() throws(FormatError) -> [Int] {
      try expect("(")
      var values: [Int] = []
      while let next = skipBlanks(), next != UInt8(ascii: ")") {
        let digits = try word { $0 >= 48 && $0 <= 57 }
        // Python 2 wrote 3L for a long integer.
        if input.peek() == UInt8(ascii: "L") { try input.skip(1) }
        guard let value = Int(digits) else { throw input.error("expected an extent in the header") }
        values.append(value)
        guard skipBlanks() == UInt8(ascii: ",") else { break }
        try input.skip(1)
      }
      try expect(")")
      return values
    }

    private mutating func word(_ belongs: (UInt8) -> Bool) throws(FormatError) -> String {
      var bytes: [UInt8] = []
      while let next = input.peek(), belongs(next) { bytes.append(try input.byte()) }
      return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(FormatError) {
      guard let next = skipBlanks(), next == UInt8(ascii: character) else {
        throw input.error("expected \(character) in the header")
      }
      try input.skip(1)
    }

    /// Passes blanks; returns what follows.
    private mutating func skipBlanks() -> UInt8? {
      while let next = input.peek(), [9, 10, 13, 32].contains(next), (try? input.skip(1)) != nil {}
      return input.peek()
    }
  }
}
