import Foundation

/// Drawings of cats and dogs in folders, `training_set/cats/cat.1.bmp` and so on: a stand-in for photographs.
public struct Drawings {
  /// The folder.
  public let path: String

  /// Returns a description of a folder.
  public init(path: String) {
    self.path = path
  }

  /// Draws an image of each kind for each number; the same number always gives the same image.
  public func draw(trainNumbers: [Int], testNumbers: [Int], size: Int) throws {
    let painter = AnimalPainter(size: size)
    // Under another name until all are there, so that an interrupted run leaves nothing that looks finished.
    let partial = path + ".partial"
    for (part, numbers) in [("training_set", trainNumbers), ("test_set", testNumbers)] {
      for (kind, isDog) in [("cat", false), ("dog", true)] {
        let folder = "\(partial)/\(part)/\(kind)s"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for number in numbers {
          let pixels = painter.face(isDog: isDog, number: number)
          try Data(bitmap(pixels, height: size, width: size))
            .write(to: URL(fileURLWithPath: "\(folder)/\(kind).\(number).bmp"))
        }
      }
    }
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: partial, toPath: path)
  }
}

/// Returns the Windows bitmap, 24 bits per pixel, of an image whose pixels are red, green and blue, row by row.
func bitmap(_ pixels: [UInt8], height: Int, width: Int) -> [UInt8] {
  let headerSize = 54
  let padding = (4 - width * 3 % 4) % 4
  let dataSize = (width * 3 + padding) * height
  var bytes: [UInt8] = [0x42, 0x4D]
  for (number, count) in [
    (headerSize + dataSize, 4), (0, 4), (headerSize, 4), (40, 4), (width, 4), (height, 4), (1, 2), (24, 2), (0, 4),
    (dataSize, 4), (2835, 4), (2835, 4), (0, 4), (0, 4),
  ] {
    for byte in 0..<count { bytes.append(UInt8(number >> (8 * byte) & 255)) }
  }
  for row in (0..<height).reversed() {
    for column in 0..<width {
      let place = (row * width + column) * 3
      bytes += [pixels[place + 2], pixels[place + 1], pixels[place]]
    }
    bytes += [UInt8](repeating: 0, count: padding)
  }
  return bytes
}
