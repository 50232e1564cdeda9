/// Writes pickles opcode for opcode as Python 2's cPickle wrote the CIFAR archives: protocol 2, memo numbers from 1.
///
/// Source: CPython 2.7, `Modules/cPickle.c`.
package struct PickleWriter {
  package private(set) var bytes: [UInt8] = [0x80, 2]
  private var remembered = 0

  package init() {}

  /// Returns the pickle; nothing can be written afterwards.
  package mutating func finished() -> [UInt8] {
    bytes.append(UInt8(ascii: "."))
    return bytes
  }

  /// Appends a dictionary whose keys and values `body` writes in turn.
  package mutating func dictionary(_ body: (inout PickleWriter) -> Void) {
    bytes.append(UInt8(ascii: "}"))
    remember()
    bytes.append(UInt8(ascii: "("))
    body(&self)
    bytes.append(UInt8(ascii: "u"))
  }

  /// Appends a `str`.
  package mutating func string(_ value: String) {
    string(Array(value.utf8))
    remember()
  }

  /// Appends an integer of up to 32 bits.
  package mutating func int(_ value: Int) {
    switch value {
    case 0..<256: bytes += [UInt8(ascii: "K"), UInt8(value)]
    case 256..<65_536:
      bytes.append(UInt8(ascii: "M"))
      bytes.append(littleEndian: UInt16(value))
    default:
      bytes.append(UInt8(ascii: "J"))
      bytes.append(littleEndian: Int32(clamping: value))
    }
  }

  /// Appends a list, its elements in runs of 1000.
  package mutating func list<Element>(_ elements: [Element], _ write: (inout PickleWriter, Element) -> Void) {
    bytes.append(UInt8(ascii: "]"))
    remember()
    for start in stride(from: 0, to: elements.count, by: 1000) {
      bytes.append(UInt8(ascii: "("))
      for element in elements[start..<min(start + 1000, elements.count)] { write(&self, element) }
      bytes.append(UInt8(ascii: "e"))
    }
  }

  /// Appends a NumPy matrix of bytes.
  package mutating func matrix(_ elements: [UInt8], rows: Int, columns: Int) {
    global("numpy.core.multiarray", "_reconstruct")
    global("numpy", "ndarray")
    int(0)
    bytes.append(0x85)
    string([UInt8(ascii: "b")])
    bytes += [0x87, UInt8(ascii: "R")]
    remember()
    bytes.append(UInt8(ascii: "("))
    int(1)
    int(rows)
    int(columns)
    bytes.append(0x86)
    elementType()
    bytes.append(0x89)
    string(elements)
    bytes += Array("tb".utf8)
  }

  /// Appends the element type `u1`, built with the state that NumPy gives it.
  private mutating func elementType() {
    global("numpy", "dtype")
    string(Array("u1".utf8))
    int(0)
    int(1)
    bytes += [0x87, UInt8(ascii: "R")]
    remember()
    bytes.append(UInt8(ascii: "("))
    int(3)
    string([UInt8(ascii: "|")])
    bytes += Array("NNN".utf8)
    int(-1)
    int(-1)
    int(0)
    bytes += Array("tb".utf8)
  }

  private mutating func string(_ value: [UInt8]) {
    if value.count < 256 {
      bytes += [UInt8(ascii: "U"), UInt8(value.count)]
    } else {
      bytes.append(UInt8(ascii: "T"))
      bytes.append(littleEndian: UInt32(value.count))
    }
    bytes += value
  }

  private mutating func global(_ module: String, _ name: String) {
    bytes += Array("c\(module)\n\(name)\n".utf8)
    remember()
  }

  private mutating func remember() {
    remembered += 1
    if remembered < 256 {
      bytes += [UInt8(ascii: "q"), UInt8(remembered)]
    } else {
      bytes.append(UInt8(ascii: "r"))
      bytes.append(littleEndian: UInt32(remembered))
    }
  }
}
