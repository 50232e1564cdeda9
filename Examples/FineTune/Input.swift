import Espalier

private let decoder = ExampleItems.Decoder([
  "image": ExampleItems.Image(), "label": ExampleItems.Tensor("image/class/label"),
])

/// Returns an input function that reads records of images and their kinds.
///
/// - Parameter epochs: How many times all records come; 0 is without end.
func createInput(_ path: String, epochs: Int, isTraining: Bool, options: Options) -> InputFn {
  {
    var reading = ReadDataset()
    reading.readerCount = options.numReaders
    reading.epochs = epochs
    reading.shuffles = isTraining
    reading.seed = UInt64(options.seed)
    let size = options.inputSize
    return try reading([path])
      .map(threads: 2, seed: reading.seed) { record, random in
        let items = try decoder.decode(record)
        guard let pixels = items["image"], let label = items["label"] else { throw ResNetError("an item is missing") }
        var image = try HostTensor(pixels.scalars(as: UInt8.self).map { Float($0) }, shape: pixels.shape)
          .resizedBilinear(height: size + 32, width: size + 32)
        if isTraining {
          image = try image.randomlyCropped(height: size, width: size, using: &random)
            .randomlyFlippedLeftRight(using: &random)
        }
        let number = try Int32(label.doubles()[0])
        return Sample(features: .dictionary(["image": image]), labels: .single(HostTensor(number)))
      }
      .batched(options.batchSize, dropsRemainder: true)
      .prefetched(2)
  }
}
