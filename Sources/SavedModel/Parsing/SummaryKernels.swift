import EspalierExecutor
import EspalierFormats
import EspalierGraph

// The kernels lie here because they need the writers of PNG and of summaries, which the executor does not lean on.

extension ImageSummary: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let count = maxImages
    return Kernel(onValues: "image_summary") { (values) throws(ExecutionError) in
      [try summary(values[0]) { tag in try Summary.Value.images(tag, values[1], maxOutputs: count) }]
    }
  }
}

extension AudioSummary: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let count = maxOutputs
    return Kernel(onValues: "audio_summary") { (values) throws(ExecutionError) in
      let result = try summary(values[0]) { tag in
        try Summary.Value.sounds(
          tag, values[1], sampleRate: values[2].scalar(as: Float.self), maxOutputs: count)
      }
      return [result]
    }
  }
}

extension TensorSummary: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    Kernel(onValues: "tensor_summary") { (values) throws(ExecutionError) in
      let result = try summary(values[0]) { tag in
        let metadata = try Summary.Metadata(serialized: values[2].strings().first ?? [])
        return [Summary.Value(tag: tag, content: .tensor(values[1]), metadata: metadata)]
      }
      return [result]
    }
  }
}

/// Returns a summary, a scalar string, of what `values` makes for a tag.
private func summary(
  _ tag: HostTensor, _ values: (_ tag: String) throws -> [Summary.Value]
) throws(ExecutionError) -> HostTensor {
  do {
    let name = String(decoding: try tag.strings().first ?? [], as: UTF8.self)
    return try HostTensor(strings: [Summary(try values(name)).serialized()], shape: [])
  } catch let error as FormatError {
    throw ExecutionError(error.message)
  } catch {
    throw ExecutionError("\(error)")
  }
}
