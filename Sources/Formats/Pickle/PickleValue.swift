import EspalierGraph

/// A value of a pickle.
///
/// Lists, dictionaries, tuples and arrays are numbers of entries of the `Pickle` that they belong to, so that no value
/// is nested in another, however deep the objects were.
package enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  /// A `str` of Python 2, or `bytes`.
  case bytes([UInt8])
  case text(String)
  case list(Int)
  case dictionary(Int)
  case tuple(Int)
  case array(Int)
  case type(Int)
  case global(PickleGlobal)

  /// The bytes, also of a text.
  package var stringBytes: [UInt8]? {
    switch self {
    case .bytes(let bytes): bytes
    case .text(let text): Array(text.utf8)
    default: nil
    }
  }

  /// The integer, also of a truth value.
  package var integer: Int? {
    switch self {
    case .int(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}

/// The functions and classes that a pickle may name. Nothing is looked up or called: each stands for what its reader
/// does.
package enum PickleGlobal: CaseIterable {
  case reconstruct, ndarray, dtype, encode, fromBuffer

  init?(module: String, name: String) {
    switch (module, name) {
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"): self = .reconstruct
    case ("numpy", "ndarray"): self = .ndarray
    case ("numpy", "dtype"): self = .dtype
    case ("_codecs", "encode"): self = .encode
    case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"): self = .fromBuffer
    default: return nil
    }
  }
}

/// A NumPy array of a pickle.
package struct PickleArray {
  package internal(set) var shape: [Int] = []
  package internal(set) var dataType: DataType?
  /// The elements in row-major order.
  package internal(set) var bytes: [UInt8] = []
}

/// The objects of a pickle.
package struct Pickle {
  /// What the whole pickle is.
  package internal(set) var root = PickleValue.none
  package internal(set) var lists: [[PickleValue]] = []
  package internal(set) var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  package internal(set) var tuples: [[PickleValue]] = []
  package internal(set) var arrays: [PickleArray] = []
  /// Element types, as NumPy writes them with byte order.
  package internal(set) var types: [String] = []

  /// Returns the value under a key of the dictionary that the pickle is; nil if it is none or has no such key. A key
  /// may be a text or bytes.
  package subscript(_ key: String) -> PickleValue? {
    guard case .dictionary(let number) = root else { return nil }
    let bytes = Array(key.utf8)
    return dictionaries[number].last { $0.key.stringBytes == bytes }?.value
  }

  /// Returns the list or tuple under a key, or nil.
  package func elements(_ key: String) -> [PickleValue]? {
    switch self[key] {
    case .list(let number): lists[number]
    case .tuple(let number): tuples[number]
    default: nil
    }
  }

  /// Returns the array under a key, or nil.
  package func array(_ key: String) -> PickleArray? {
    guard case .array(let number) = self[key] else { return nil }
    return arrays[number]
  }
}
