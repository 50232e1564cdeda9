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
    return try reading([path])
      .map(threads: 2, seed: reading.seed) { record, random in
        let items = try decoder.decode(record)
        guard let pixels = items["image"], let label = items["label"] else { throw ResNetError("an item is missing") }
        var image = try transformed(pixels, size: options.inputSize)
        if isTraining {
          image = try image.randomlyCropped(height: options.inputSize, width: options.inputSize, using: &random)
            .randomlyFlippedLeftRight(using: &random)
        }
        let number = try Int32(label.doubles()[0])
        return Sample(features: .dictionary(["image": image]), labels: .single(HostTensor(number)))
      }
      .batched(options.batchSize, dropsRemainder: true)
      .prefetched(2)
  }
}

/// Returns an image in float32, somewhat larger than the network wants it.
private func transformed(_ pixels: HostTensor, size: Int) throws -> HostTensor {
  try HostTensor(pixels.scalars(as: UInt8.self).map { Float($0) }, shape: pixels.shape)
    .resizedBilinear(height: size + 32, width: size + 32)
}

/// Returns the entrance of the exported model: a serialized `Example` with an image, `tf_example`.
func createPredictInput(_ options: Options) -> ServingInputFn {
  {
    let serialized = placeholder(.string, shape: [], name: "tf_example")
    let features = parseExample(
      reshape(serialized, to: [1]),
      features: ["image/encoded": .fixedLength(shape: [], .string, defaultValue: HostTensor(""))])
    guard let encoded = features["image/encoded"] else { throw ResNetError("the example has no image") }
    let pixels = expandDims(decodeJpeg(reshape(encoded, to: []), channels: 3), axis: 0)
    let image = resizeImages(cast(pixels, to: .float32), height: options.inputSize + 32, width: options.inputSize + 32)
    return try ServingInputReceiver(
      features: .dictionary(["image": image]), receiverTensors: ["serialized_example": serialized])
  }
}
