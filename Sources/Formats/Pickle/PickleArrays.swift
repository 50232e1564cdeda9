import EspalierGraph

/// The calls that make NumPy arrays.
extension PickleReader {
  // What a pickle names once it can use many times, so that every copy has a limit.
  private static let typeNameLimit = 8
  private static let rankLimit = 32

  /// Does what calling a global with arguments would do.
  mutating func reduce() throws(FormatError) {
    let arguments = try popTuple("arguments")
    guard case .global(let function) = try pop() else { throw input.error("what is called is no function") }
    switch function {
    case .encode: stack.append(.bytes(try encoded(arguments)))
    case .reconstruct:
      guard case .global(.ndarray)? = arguments.first else { throw input.error("only arrays are made here") }
      push(PickleArray())
    case .dtype:
      guard let name = arguments.first?.stringBytes, name.count <= Self.typeNameLimit else {
        throw input.error("an element type without a proper name")
      }
      stack.append(.type(pickle.types.count))
      pickle.types.append(String(decoding: name, as: UTF8.self))
    case .fromBuffer:
      guard arguments.count == 4, case .bytes(let bytes) = arguments[0], let order = arguments[3].stringBytes else {
        throw input.error("an array with wrong arguments")
      }
      push(try array(bytes, type: arguments[1], shape: arguments[2], isColumnMajor: order == Array("F".utf8)))
    case .ndarray: throw input.error("an array cannot be made in this way", kind: .unimplemented)
    }
  }

  /// Gives an object its state.
  mutating func build() throws(FormatError) {
    let state = try popTuple("state")
    switch try pop() {
    case .array(let number):
      guard state.count == 5, case .bytes(let bytes) = state[4], let order = state[3].integer else {
        throw input.error("an array with a wrong state")
      }
      let array = try array(bytes, type: state[2], shape: state[1], isColumnMajor: order != 0)
      pickle.arrays[number] = array
      stack.append(.array(number))
    case .type(let number):
      guard state.count >= 5, let mark = state[1].stringBytes, mark.count == 1, case .none = state[3],
        pickle.types[number].utf8.count <= Self.typeNameLimit
      else {
        throw input.error("only element types that are numbers are read here", kind: .unimplemented)
      }
      pickle.types[number] = String(decoding: mark, as: UTF8.self) + pickle.types[number]
      stack.append(.type(number))
    default: throw input.error("an object that cannot have a state")
    }
  }

  private mutating func array(
    _ bytes: [UInt8], type: PickleValue, shape: PickleValue, isColumnMajor: Bool
  ) throws(FormatError) -> PickleArray {
    guard case .type(let number) = type, case .tuple(let extents) = shape else {
      throw input.error("an array without element type or shape")
    }
    let name = pickle.types[number]
    guard let dataType = NumpyType.dataType(name), let size = dataType.size else {
      throw input.error("elements of type \(name.debugDescription) are not read here", kind: .unimplemented)
    }
    guard pickle.tuples[extents].count <= Self.rankLimit else {
      throw input.error("an array of \(pickle.tuples[extents].count) dimensions")
    }
    let shape = pickle.tuples[extents].compactMap(\.integer)
    guard shape.count == pickle.tuples[extents].count, Extents.byteCount(shape, size: size) == bytes.count else {
      throw input.error("\(bytes.count) bytes are no array of \(dataType)\(shape)")
    }
    guard isColumnMajor else { return PickleArray(shape: shape, dataType: dataType, bytes: bytes) }
    try spend(bytes.count)
    let reordered = RowMajor.reordered(fromColumnMajor: bytes, shape: shape, size: size)
    return PickleArray(shape: shape, dataType: dataType, bytes: reordered)
  }

  /// Returns the bytes that Python 3 writes as a text in Latin-1 where the protocol has no bytes.
  private mutating func encoded(_ arguments: [PickleValue]) throws(FormatError) -> [UInt8] {
    guard arguments.count == 2, case .text(let text) = arguments[0], let encoding = arguments[1].stringBytes,
      ["latin1", "latin-1"].contains(String(decoding: encoding, as: UTF8.self))
    else { throw input.error("only texts in Latin-1 are encoded here", kind: .unimplemented) }
    try spend(text.utf8.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { throw input.error("a text that is not Latin-1") }
      bytes.append(byte)
    }
    return bytes
  }

  private mutating func push(_ array: PickleArray) {
    stack.append(.array(pickle.arrays.count))
    pickle.arrays.append(array)
  }

  private mutating func popTuple(_ what: String) throws(FormatError) -> [PickleValue] {
    guard case .tuple(let number) = try pop() else { throw input.error("\(what) that are no tuple") }
    return pickle.tuples[number]
  }
}
