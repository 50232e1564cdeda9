import EspalierGraph

extension ByteImage: Batchable {
  /// Returns the values of all images, `[count, height, width, depth]`, each computed in its place in the batch.
  ///
  /// - Throws: `DatasetError` if their sizes differ.
  public static func batch(of images: [ByteImage]) throws -> HostTensor {
    try batch(of: images) { $0 }
  }

  fileprivate static func batch<Element>(
    of elements: [Element], _ image: (Element) -> ByteImage
  ) throws -> HostTensor {
    guard let first = elements.first.map(image) else { throw DatasetError("cannot batch no elements") }
    let shape = [first.height, first.width, first.depth]
    let size = shape.reduce(1, *)
    var result = HostTensor(uninitialized: .float32, shape: [elements.count] + shape)
    try result.withUnsafeMutableBytes { bytes in
      let pixels = bytes.bindMemory(to: Float.self)
      for (index, element) in elements.enumerated() {
        let image = image(element)
        guard image.height == first.height, image.width == first.width, image.depth == first.depth else {
          throw DatasetError(
            "cannot batch images of different sizes: image 0 is \(shape), image \(index) is "
              + "\([image.height, image.width, image.depth])")
        }
        image.write(to: UnsafeMutableBufferPointer(rebasing: pixels[index * size..<(index + 1) * size]))
      }
    }
    return result
  }
}

/// An image and the number of its class: several make a batch of features and labels.
public struct LabeledImage: Sendable {
  /// The image.
  public var image: ByteImage
  /// The number of its class.
  public var label: Int32

  /// Returns an image with its label.
  public init(_ image: ByteImage, label: Int32) {
    self.image = image
    self.label = label
  }
}

extension LabeledImage: Batchable {
  /// Returns the images, float32 `[count, height, width, depth]`, as features and their classes, int32 `[count]`, as
  /// labels.
  ///
  /// - Throws: `DatasetError` if the sizes of the images differ.
  public static func batch(of elements: [LabeledImage]) throws -> Sample {
    let images = try ByteImage.batch(of: elements) { $0.image }
    return Sample(features: images, labels: HostTensor(elements.map(\.label)))
  }
}
