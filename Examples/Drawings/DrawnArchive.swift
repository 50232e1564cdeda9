import Espalier

/// Draws a stand-in for the archive of CIFAR-10 in its format: five training batches and a test batch.
///
/// - Parameters:
///   - path: The archive's file.
///   - imagesPerBatch: The drawings of each batch, of all ten kinds.
public func drawCifarArchive(at path: String, imagesPerBatch: Int = 1000, seed: UInt64 = 10) throws {
  var painter = ShapePainter(seed: seed)
  let batches = try CifarArchive.batchNames.map { name in
    let labels = (0..<imagesPerBatch).map { UInt8($0 * 7 % ShapePainter.classCount) }
    return try CifarBatch(name: name, labels: labels, pixels: labels.flatMap { painter.image(ofClass: Int($0)) })
  }
  try CifarArchive.write(batches, to: path)
}
