import Espalier

private let decoder = ExampleItems.Decoder([
  "image": ExampleItems.Image(), "label": ExampleItems.Tensor("image/class/label"),
])

/// Returns an input function that reads records of images, somewhat larger than the network wants them, and their kinds.
///
/// - Parameter epochs: How many times all records come; 0 is without end.
func createInput(_ path: String, epochs: Int, isTraining: Bool, options: Options) -> InputFn {
  {
    let seed = UInt64(options.seed)
    return try ReadDataset(readerCount: options.numReaders, shuffles: isTraining, epochs: epochs, seed: seed)([path])
      .map(threads: 2, seed: seed) { record, random in
        let items = try decoder.decode(record)
        guard let pixels = items["image"], let label = items["label"] else { throw ResNetError("an item is missing") }
        let size = options.inputSize
        var image = try pixels.asFloat32().resizedBilinear(height: size + 32, width: size + 32)
        if isTraining {
          image = try image.randomlyCropped(height: size, width: size, using: &random)
            .randomlyFlippedLeftRight(using: &random)
        }
        let number = Int32(clamping: try label.scalar(as: Int64.self))
        return Sample(features: ["image": image], labels: .single(HostTensor(number)))
      }
      .batched(options.batchSize, dropsRemainder: true).prefetched(2)
  }
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
      features: ["image": image], receiverTensors: ["serialized_example": serialized])
  }
}
