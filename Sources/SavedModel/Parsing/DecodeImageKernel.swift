import EspalierExecutor
import EspalierFormats
import EspalierGraph

// The kernels lie here because they need the readers and writers of images, which the executor does not lean on.

extension ImageDecoder {
  /// Returns a kernel that decodes files, all frames of animations, and shapes what it found.
  fileprivate func decoding(
    expandAnimations: Bool = true, jpeg: JPEGDecoding = JPEGDecoding(),
    _ shaped: @escaping (HostTensor) throws(ExecutionError) -> HostTensor
  ) -> Kernel {
    let (wanted, dataType) = (channels == 0 ? nil : channels, dataType)
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      let contents = (try? values[0].strings())?.first ?? []
      let image: HostTensor
      do throws(FormatError) {
        image = try decodeImage(
          contents, channels: wanted, dataType: dataType, expandAnimations: expandAnimations, jpeg: jpeg,
          file: "contents")
      } catch {
        throw ExecutionError(error.description)
      }
      return [try shaped(image)]
    }
  }

  /// Returns a kernel for files of one image.
  fileprivate func decodingOne(_ jpeg: JPEGDecoding = JPEGDecoding()) -> Kernel {
    decoding(jpeg: jpeg) { (image) throws(ExecutionError) in
      guard image.shape.count == 4 else { return image }
      guard image.shape[0] == 1 else {
        throw ExecutionError(
          "Got \(image.shape[0]) frames, but animated gifs can only be decoded by decodeGif or decodeImage")
      }
      return try image.shaped(Array(image.shape[1...]))
    }
  }
}

extension HostTensor {
  fileprivate func shaped(_ shape: [Int]) throws(ExecutionError) -> HostTensor {
    do throws(TensorError) { return try reshaped(shape) } catch { throw ExecutionError(error.description) }
  }
}

extension DecodeJpeg: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    var jpeg = JPEGDecoding()
    jpeg.ratio = ratio
    jpeg.interpolatesColors = fancyUpscaling
    jpeg.recoversTruncated = tryRecoverTruncated
    jpeg.acceptableFraction = acceptableFraction
    jpeg.isFast = transform != .integerAccurate
    return decodingOne(jpeg)
  }
}

extension DecodePng: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel { decodingOne() }
}

extension DecodeBmp: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel { decodingOne() }
}

extension DecodeGif: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    decoding { (image) throws(ExecutionError) in
      image.shape.count == 3 ? try image.shaped([1] + image.shape) : image
    }
  }
}

extension DecodeImage: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    decoding(expandAnimations: expandAnimations) { (image) throws(ExecutionError) in image }
  }
}

extension ImageEncoder {
  /// Returns a kernel that makes a file of an image.
  fileprivate func encoding(_ encode: @escaping ([HostTensor]) throws(FormatError) -> [UInt8]) -> Kernel {
    Kernel(onValues: name) { (values) throws(ExecutionError) in
      do throws(FormatError) {
        let bytes = try encode(values)
        guard let result = try? HostTensor(strings: [bytes], shape: []) else { return [] }
        return [result]
      } catch {
        throw ExecutionError(error.description)
      }
    }
  }
}

extension EncodeJpeg: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let options = try JPEGOptions(attributes)
    return encoding { (values) throws(FormatError) in try encodeJPEG(values[0], options) }
  }
}

extension EncodeJpegVariableQuality: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    encoding { (values) throws(FormatError) in
      var options = JPEGOptions()
      options.quality = (try? values[1].scalar(as: Int32.self)).map { Int($0) } ?? options.quality
      return try encodeJPEG(values[0], options)
    }
  }
}

extension EncodePng: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let compression = compression
    return encoding { (values) throws(FormatError) in try encodePNG(values[0], compression: compression) }
  }
}

extension JPEGOptions {
  fileprivate init(_ attributes: [String: AttributeValue]) throws(ExecutionError) {
    self.init()
    if case .string(let text)? = attributes["format"] {
      guard let value = Format(rawValue: text) else { throw Self.refusal("format", text, #""", "grayscale", "rgb""#) }
      format = value
    }
    if case .string(let text)? = attributes["density_unit"] {
      guard let value = DensityUnit(rawValue: text) else { throw Self.refusal("density_unit", text, #""in", "cm""#) }
      densityUnit = value
    }
    if case .int(let value)? = attributes["quality"] { quality = value }
    if case .bool(let value)? = attributes["progressive"] { isProgressive = value }
    if case .bool(let value)? = attributes["optimize_size"] { optimizesSize = value }
    if case .bool(let value)? = attributes["chroma_downsampling"] { downsamplesChroma = value }
    if case .int(let value)? = attributes["x_density"] { xDensity = value }
    if case .int(let value)? = attributes["y_density"] { yDensity = value }
    if case .string(let text)? = attributes["xmp_metadata"] { xmpMetadata = text }
  }

  private static func refusal(_ name: String, _ value: String, _ allowed: String) -> ExecutionError {
    ExecutionError("Value for attr '\(name)' of \"\(value)\" is not in the list of allowed values: \(allowed)")
  }
}
