/// The compression of GIF: codes of growing size stand for strings that were seen before.
///
/// Source: CompuServe, "Graphics Interchange Format 89a", appendix F.
struct LZW {
  private static let most = 4096
  private let clear: Int
  private let minimum: Int
  private var prefixes = [UInt16](repeating: 0, count: most)
  private var suffixes = [UInt8](repeating: 0, count: most)
  private var lengths = [Int](repeating: 1, count: most)
  private var next: Int
  private var size: Int
  private var previous: Int?
  private(set) var output: [UInt8] = []

  /// - Parameter minimum: The bits of an index of a colour, 2 to 8.
  init(minimum: Int) {
    self.minimum = minimum
    clear = 1 << minimum
    next = clear + 2
    size = minimum + 1
    for index in 0..<clear { suffixes[index] = UInt8(index) }
  }

  /// Returns the first `count` bytes that `input` stands for; nil if it is damaged or ends before.
  ///
  /// What is taken of memory follows what is really there.
  static func decompress(_ input: [UInt8], minimum: Int, count: Int) -> [UInt8]? {
    var decoder = LZW(minimum: minimum)
    var bits = 0
    var available = 0
    for byte in input {
      bits |= Int(byte) << available
      available += 8
      while available >= decoder.size {
        let code = bits & (1 << decoder.size - 1)
        bits >>= decoder.size
        available -= decoder.size
        guard decoder.read(code) else { return nil }
        if decoder.output.count >= count { return Array(decoder.output.prefix(count)) }
      }
    }
    return nil
  }

  /// Returns false for a code that cannot be, or that ends the data.
  private mutating func read(_ code: Int) -> Bool {
    if code == clear {
      next = clear + 2
      size = minimum + 1
      previous = nil
      return true
    }
    guard code != clear + 1, code < next || code == next && previous != nil else { return false }
    if let previous, next < Self.most {
      prefixes[next] = UInt16(previous)
      lengths[next] = lengths[previous] + 1
      // A code that is just being made ends as it begins.
      suffixes[next] = first(of: code == next ? previous : code)
      next += 1
      if next == 1 << size, size < 12 { size += 1 }
    }
    append(code)
    previous = code
    return true
  }

  private func first(of code: Int) -> UInt8 {
    var code = code
    while code > clear { code = Int(prefixes[code]) }
    return suffixes[code]
  }

  private mutating func append(_ code: Int) {
    let start = output.count
    let length = lengths[code]
    output.append(contentsOf: repeatElement(0, count: length))
    var rest = code
    for place in (start..<start + length).reversed() {
      output[place] = suffixes[rest]
      rest = Int(prefixes[rest])
    }
  }
}
