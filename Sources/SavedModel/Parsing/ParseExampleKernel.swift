import EspalierExecutor
import EspalierFormats
import EspalierGraph

// The kernel lies here because it needs the reader of examples, which the executor does not lean on.
extension ParseExample: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let operation = self
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      do {
        return try operation.parsed(values)
      } catch let error as FormatError {
        throw ExecutionError(error.message)
      } catch {
        throw ExecutionError("\(error)")
      }
    }
  }

  private func parsed(_ values: [HostTensor]) throws -> [HostTensor] {
    let serialized = try values[0].strings()
    let names = try values[1].strings().map { String(decoding: $0, as: UTF8.self) }
    let sparseKeys = try values[2].strings().map { String(decoding: $0, as: UTF8.self) }
    let denseKeys = try values[3].strings().map { String(decoding: $0, as: UTF8.self) }
    guard sparseKeys.count == sparseTypes.count, denseKeys.count == denseTypes.count else {
      throw ExecutionError("there are \(sparseKeys.count) sparse and \(denseKeys.count) dense keys")
    }
    guard values[0].shape.count == 1 || sparseTypes.isEmpty else {
      throw ExecutionError("sparse features of a single example are not supported", kind: .unimplemented)
    }
    var specs: [String: FeatureSpec] = [:]
    for (key, type) in zip(sparseKeys, sparseTypes) { specs[key] = .variableLength(type) }
    for (index, key) in denseKeys.enumerated() { specs[key] = try spec(index, values[5 + index]) }
    let features = try parseExamples(serialized, specs, names: names)
    let sparse = sparseKeys.compactMap { key -> SparseValues? in
      if case .sparse(let values)? = features[key] { values } else { nil }
    }
    let dense = denseKeys.compactMap { key -> HostTensor? in
      if case .dense(let tensor)? = features[key] { tensor } else { nil }
    }
    let indices = try sparse.map {
      try HostTensor($0.indices.flatMap { $0 }.map(Int64.init), shape: [$0.indices.count, 2])
    }
    let shapes = sparse.map { HostTensor($0.denseShape.map(Int64.init)) }
    let isSingle = values[0].shape.isEmpty
    return indices + sparse.map(\.values) + shapes
      + (try dense.map { isSingle ? try $0.reshaped(Array($0.shape.dropFirst())) : $0 })
  }

  /// Returns what to make of a dense feature.
  private func spec(_ index: Int, _ value: HostTensor) throws -> FeatureSpec {
    let defaultValue = value.count == 0 ? nil : value
    if let shape = denseShapes[index].known {
      return .fixedLength(shape: shape, denseTypes[index], defaultValue: defaultValue)
    }
    guard let rest = denseShapes[index].extents.flatMap({ Shape(Array($0.dropFirst())).known }) else {
      throw ExecutionError("the shape \(denseShapes[index]) of a feature is not supported", kind: .unimplemented)
    }
    return .fixedLengthSequence(shape: rest, denseTypes[index], defaultValue: defaultValue)
  }
}
