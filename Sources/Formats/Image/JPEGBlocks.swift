/// Finds out whether a JPEG file holds as many blocks of pixels as its header claims, keeping none of them.
///
/// A decoder takes memory for the whole image from its header alone, which a damaged file can make as large as it likes.
/// The codes of the first scan of each colour tell how many blocks there really are.
///
/// Source: ITU-T T.81, annexes B, F and G.
struct JPEGBlocks {
  private let bytes: [UInt8]
  private let file: String
  private var position = 2
  private var frame: JPEGFrame?
  private var tables: [UInt8: JPEGCodes] = [:]
  private var restartInterval = 0
  private var counted: Set<UInt8> = []
  /// How many groups of blocks of the first scan are there.
  private var units = 0

  private init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// - Throws: `FormatError` if the file ends before all blocks.
  static func verify(_ bytes: [UInt8], file: String) throws(FormatError) {
    var blocks = JPEGBlocks(bytes, file: file)
    while blocks.counted.count < blocks.frame?.components.count ?? 1 { try blocks.readSegment() }
  }

  /// Returns how many lines a decoder gives of a file that ends early and is not progressive, and their number if it did
  /// not.
  ///
  /// - Parameter interpolates: Whether colours between those of the file are, for which the line below is needed.
  static func lines(_ bytes: [UInt8], interpolates: Bool, file: String) throws(FormatError) -> (there: Int, all: Int) {
    var blocks = JPEGBlocks(bytes, file: file)
    do throws(FormatError) { while blocks.counted.isEmpty { try blocks.readSegment() } } catch {
      guard blocks.frame != nil else { throw error }
    }
    guard let frame = blocks.frame else { return (0, 0) }
    let horizontal = frame.components.map(\.horizontal).max() ?? 1
    let vertical = frame.components.map(\.vertical).max() ?? 1
    let rows = blocks.units / max(1, (frame.width + 8 * horizontal - 1) / (8 * horizontal))
    let complete = 8 * vertical * rows
    guard complete < frame.height else { return (frame.height, frame.height) }
    let waiting = interpolates && horizontal == 2 && vertical == 2 ? vertical : 0
    return (frame.isProgressive ? 0 : max(0, complete - waiting), frame.height)
  }

  private mutating func readSegment() throws(FormatError) {
    let marker = try nextMarker()
    if marker == 0xD9 { throw error("the image ends before all its colours") }
    guard position + 2 <= bytes.count else { throw error("the file ends in a marker") }
    let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
    guard length >= 2, position + length <= bytes.count else {
      throw error("a segment of \(length) bytes is not there")
    }
    let segment = bytes[(position + 2)..<(position + length)]
    position += length
    switch marker {
    case 0xC0...0xC2: frame = try JPEGFrame(segment, isProgressive: marker == 0xC2, file: file)
    case 0xC4:
      guard let read = JPEGCodes.tables(segment) else { throw error("a table of codes is cut off") }
      tables.merge(read) { _, new in new }
    // Lossless, hierarchical and arithmetic coding.
    case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: throw error("so large an image of this kind is not read here")
    case 0xDD where segment.count == 2:
      restartInterval = Int(segment[segment.startIndex]) << 8 | Int(segment[segment.startIndex + 1])
    case 0xDA: try readScan(segment)
    default: break
    }
  }

  /// Moves behind the next marker that is not one of those within a scan.
  private mutating func nextMarker() throws(FormatError) -> UInt8 {
    while position + 1 < bytes.count {
      let marker = bytes[position + 1]
      let isMarker = bytes[position] == 0xFF && ![0x00, 0x01, 0xFF].contains(marker) && !(0xD0...0xD8).contains(marker)
      if isMarker {
        position += 2
        return marker
      }
      position += 1
    }
    throw error("the file ends before all its blocks")
  }

  private mutating func readScan(_ segment: ArraySlice<UInt8>) throws(FormatError) {
    let header = Array(segment)
    guard let frame, let count = header.first.map(Int.init), count > 0, header.count >= 4 + 2 * count else {
      throw error("a scan has no header")
    }
    let (first, last, refinement) = (header[1 + 2 * count], header[2 + 2 * count], header[3 + 2 * count] >> 4)
    // Later scans make the same blocks finer.
    guard first == 0, refinement == 0 else { return }
    var parts: [(component: JPEGFrame.Component, dc: JPEGCodes, ac: JPEGCodes?)] = []
    for index in 0..<count {
      let (id, codes) = (header[1 + 2 * index], header[2 + 2 * index])
      guard let component = frame.components.first(where: { $0.id == id }), let dc = tables[codes >> 4],
        last == 0 || tables[0x10 | codes & 15] != nil
      else { throw error("a scan names colours or codes that are not there") }
      parts.append((component, dc, last == 0 ? nil : tables[0x10 | codes & 15]))
    }
    var bits = JPEGBits(bytes, at: position)
    for unit in 0..<frame.units(of: parts.map(\.component)) {
      units = unit
      if restartInterval > 0, unit > 0, unit % restartInterval == 0, !bits.restart() { throw shortage(unit) }
      for part in parts {
        for _ in 0..<(count == 1 ? 1 : part.component.blocks) {
          guard bits.skipBlock(dc: part.dc, ac: part.ac) else { throw shortage(unit) }
        }
      }
    }
    units = frame.units(of: parts.map(\.component))
    position = bits.position
    counted.formUnion(parts.map(\.component.id))
  }

  private func shortage(_ unit: Int) -> FormatError { error("the file ends after \(unit) of its blocks") }

  private func error(_ message: String) -> FormatError {
    FormatError(.dataLoss, file: file, offset: position, "JPEG: \(message)")
  }
}
