/// The extents that a JPEG's header claims.
struct JPEGFrame {
  struct Component {
    let id: UInt8
    let horizontal: Int
    let vertical: Int
    /// The blocks of this colour among those that lie together.
    var blocks: Int { horizontal * vertical }
  }

  let height: Int
  let width: Int
  let components: [Component]
  /// Whether the file shows the whole image coarsely first.
  let isProgressive: Bool

  init(_ segment: ArraySlice<UInt8>, isProgressive: Bool, file: String) throws(FormatError) {
    self.isProgressive = isProgressive
    let fields = segment.map(Int.init)
    guard fields.count >= 6, fields[5] > 0, fields.count >= 6 + 3 * fields[5] else {
      throw FormatError(.dataLoss, file: file, offset: segment.startIndex, "JPEG: the header is cut off")
    }
    height = fields[1] << 8 | fields[2]
    width = fields[3] << 8 | fields[4]
    components = (0..<fields[5]).map { index in
      let sampling = fields[7 + 3 * index]
      return Component(
        id: UInt8(fields[6 + 3 * index]), horizontal: max(sampling >> 4, 1), vertical: max(sampling & 15, 1))
    }
  }

  /// Returns how often a scan of some colours goes through its blocks.
  func units(of scanned: [Component]) -> Int {
    func quotient(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
    let horizontal = components.map(\.horizontal).max() ?? 1
    let vertical = components.map(\.vertical).max() ?? 1
    guard scanned.count == 1 else { return quotient(width, 8 * horizontal) * quotient(height, 8 * vertical) }
    return quotient(quotient(width * scanned[0].horizontal, horizontal), 8)
      * quotient(quotient(height * scanned[0].vertical, vertical), 8)
  }
}
