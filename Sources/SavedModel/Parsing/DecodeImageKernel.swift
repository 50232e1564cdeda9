import EspalierExecutor
import EspalierFormats
import EspalierGraph

// The kernel lies here because it needs the readers of images, which the executor does not lean on.
extension DecodeJpeg: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let wanted = channels == 0 ? nil : channels
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      do throws(FormatError) {
        let contents = (try? values[0].strings())?.first ?? []
        return [try decodeImage(contents, channels: wanted, file: "contents")]
      } catch {
        throw ExecutionError(error.description)
      }
    }
  }
}
