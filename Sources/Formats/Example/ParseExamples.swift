import EspalierGraph

/// Returns the features of a batch of serialized `Example`s as tensors, by name.
///
/// - Parameters:
///   - serialized: The examples, each a protobuf message.
///   - specs: What to make of which feature. Other features are ignored.
///   - names: What the examples are called in errors. Default: `<unknown>`.
/// - Throws: `FormatError` of kind `invalidArgument` with TensorFlow's text if an example cannot be parsed, a required
///   feature is missing, or its values have another type or number.
///
/// Source: `tf.io.parse_example`.
public func parseExamples(
  _ serialized: [[UInt8]], _ specs: [String: FeatureSpec], names: [String] = []
) throws(FormatError) -> [String: ParsedFeature] {
  let name = { index in names.indices.contains(index) ? names[index] : "<unknown>" }
  var batch: [Example] = []
  batch.reserveCapacity(serialized.count)
  for (index, bytes) in serialized.enumerated() {
    do {
      batch.append(try Example(serialized: bytes, file: name(index)))
    } catch {
      let text = String(decoding: bytes.prefix(256), as: UTF8.self).debugDescription
      throw FormatError(
        .invalidArgument, file: name(index), offset: error.offset,
        "Could not parse example input, value: \(text): \(error.message)")
    }
  }
  let parser = ExampleParser(batch: batch, name: name)
  var result: [String: ParsedFeature] = [:]
  for (key, spec) in specs { result[key] = try parser.parse(key, spec) }
  return result
}

private struct ExampleParser {
  let batch: [Example]
  let name: (Int) -> String

  func parse(_ key: String, _ spec: FeatureSpec) throws(FormatError) -> ParsedFeature {
    switch spec {
    case .fixedLength(let shape, let type, let defaultValue):
      try .dense(fixedLength(key, shape, type, defaultValue))
    case .variableLength(let type): try .sparse(variableLength(key, type))
    case .fixedLengthSequence(let shape, let type, let defaultValue):
      try .dense(sequence(key, shape, type, defaultValue))
    case .sparse(let indexKey, let valueKey, let type, let size):
      try .sparse(sparse(indexKey, valueKey, type, size))
    }
  }

  private func fixedLength(
    _ key: String, _ shape: [Int], _ type: DataType, _ defaultValue: HostTensor?
  ) throws(FormatError) -> HostTensor {
    let count = try elements(of: shape, key)
    var values = FeatureValues(type)
    for (index, example) in batch.enumerated() {
      if let feature = try feature(key, of: example, index, type) {
        guard feature.count == count else {
          throw error(
            index,
            "Key: \(key), Index: \(index).  Number of \(Self.tensorFlowName(type)) values != expected.  "
              + "Values size: \(feature.count) but output shape: \(Shape(shape))")
        }
        values.append(feature)
      } else if let defaultValue {
        try append(defaultValue, count: count, to: &values, key)
      } else {
        let type = Self.tensorFlowName(type)
        throw error(index, "Feature: \(key) (data type: \(type)) is required but could not be found.")
      }
    }
    return try values.tensor(shape: [batch.count] + shape)
  }

  private func variableLength(_ key: String, _ type: DataType) throws(FormatError) -> SparseValues {
    var values = FeatureValues(type)
    var indices: [[Int]] = []
    var longest = 0
    for (row, example) in batch.enumerated() {
      guard let feature = try feature(key, of: example, row, type) else { continue }
      values.append(feature)
      indices += (0..<feature.count).map { [row, $0] }
      longest = max(longest, feature.count)
    }
    let tensor = try values.tensor(shape: [indices.count])
    return SparseValues(indices: indices, values: tensor, denseShape: [batch.count, longest])
  }

  private func sequence(
    _ key: String, _ shape: [Int], _ type: DataType, _ defaultValue: HostTensor?
  ) throws(FormatError) -> HostTensor {
    let rowCount = try elements(of: shape, key)
    guard rowCount > 0 else { throw specError(key, "a sequence of empty rows has no length") }
    var features: [Feature?] = []
    var longest = 0
    for (index, example) in batch.enumerated() {
      let feature = try feature(key, of: example, index, type)
      if let feature, feature.count % rowCount != 0 {
        throw error(
          index,
          "Key: \(key), Index: \(index).  Number of \(Self.tensorFlowName(type)) values is not a multiple of stride "
            + "length. Saw \(feature.count) values but output shape is: \(Shape(shape))")
      }
      longest = max(longest, (feature?.count ?? 0) / rowCount)
      features.append(feature)
    }
    var values = FeatureValues(type)
    for feature in features {
      if let feature { values.append(feature) }
      let missing = longest * rowCount - (feature?.count ?? 0)
      try append(defaultValue ?? HostTensor(zeros: type, shape: []), count: missing, to: &values, key)
    }
    return try values.tensor(shape: [batch.count, longest] + shape)
  }

  private func sparse(
    _ indexKey: String, _ valueKey: String, _ type: DataType, _ size: Int
  ) throws(FormatError) -> SparseValues {
    var values = FeatureValues(type)
    var indices: [[Int]] = []
    for (row, example) in batch.enumerated() {
      let positions = try feature(indexKey, of: example, row, .int64)
      let entries = try feature(valueKey, of: example, row, type)
      guard (positions?.count ?? 0) == (entries?.count ?? 0) else {
        throw error(
          row,
          "Key: \(valueKey), Index: \(row).  \(entries?.count ?? 0) values, but \(positions?.count ?? 0) indices in "
            + "\(indexKey)")
      }
      guard case .int64(let columns)? = positions, let entries else { continue }
      if let outside = columns.first(where: { $0 < 0 || $0 >= Int64(size) }) {
        throw error(row, "Key: \(indexKey), Index: \(row).  Index \(outside) is not within 0..<\(size)")
      }
      let order = columns.indices.sorted { columns[$0] < columns[$1] }
      indices += order.map { [row, Int(columns[$0])] }
      values.append(entries.reordered(order))
    }
    let tensor = try values.tensor(shape: [indices.count])
    return SparseValues(indices: indices, values: tensor, denseShape: [batch.count, size])
  }

  /// Returns a feature that is there and not empty of kind, or nil.
  private func feature(
    _ key: String, of example: Example, _ index: Int, _ type: DataType
  ) throws(FormatError) -> Feature? {
    guard let feature = example.features[key], let found = feature.typeName else { return nil }
    guard found == Self.tensorFlowName(type) else {
      throw error(
        index,
        "Key: \(key), Index: \(index).  Data types don't match. Data type: \(found) but expected type: "
          + Self.tensorFlowName(type))
    }
    return feature
  }

  private func append(
    _ value: HostTensor, count: Int, to values: inout FeatureValues, _ key: String
  ) throws(FormatError) {
    guard value.count == 1 || value.count == count else {
      throw specError(key, "the default value has \(value.count) elements, not \(count)")
    }
    let times = value.count == count ? 1 : count
    do {
      for _ in 0..<times { try values.append(value) }
    } catch {
      throw specError(key, "the default value: \(error)")
    }
  }

  private func elements(of shape: [Int], _ key: String) throws(FormatError) -> Int {
    guard let count = Extents.count(shape) else { throw specError(key, "\(shape) is not the shape of a tensor") }
    return count
  }

  private func error(_ index: Int, _ message: String) -> FormatError {
    FormatError(.invalidArgument, file: "Example", "Name: \(name(index)), \(message)")
  }

  private func specError(_ key: String, _ message: String) -> FormatError {
    FormatError(.invalidArgument, file: "Example", "Feature: \(key): \(message)")
  }

  private static func tensorFlowName(_ type: DataType) -> String {
    switch type {
    case .float32: "float"
    default: type.name
    }
  }
}

/// The values of one feature of many examples, growing.
private enum FeatureValues {
  case bytes([[UInt8]])
  case float([Float])
  case int64([Int64])
  case unsupported(DataType)

  init(_ type: DataType) {
    switch type {
    case .string: self = .bytes([])
    case .float32: self = .float([])
    case .int64: self = .int64([])
    default: self = .unsupported(type)
    }
  }

  mutating func append(_ feature: Feature) {
    switch (self, feature) {
    case (.bytes(var values), .bytes(let more)):
      self = .unsupported(.string)
      values += more
      self = .bytes(values)
    case (.float(var values), .float(let more)):
      self = .unsupported(.float32)
      values += more
      self = .float(values)
    case (.int64(var values), .int64(let more)):
      self = .unsupported(.int64)
      values += more
      self = .int64(values)
    default: break
    }
  }

  mutating func append(_ tensor: HostTensor) throws(TensorError) {
    switch self {
    case .bytes: append(.bytes(try tensor.strings()))
    case .float: append(.float(try tensor.scalars()))
    case .int64: append(.int64(try tensor.scalars()))
    case .unsupported: break
    }
  }

  func tensor(shape: [Int]) throws(FormatError) -> HostTensor {
    do throws(TensorError) {
      switch self {
      case .bytes(let values): return try HostTensor(strings: values, shape: shape)
      case .float(let values): return try HostTensor(values, shape: shape)
      case .int64(let values): return try HostTensor(values, shape: shape)
      case .unsupported(let type): throw TensorError("features are float32, int64 or string, not \(type)")
      }
    } catch {
      throw FormatError(.invalidArgument, file: "Example", error.description)
    }
  }
}

extension Feature {
  /// Returns the values in another order.
  fileprivate func reordered(_ order: [Int]) -> Feature {
    switch self {
    case .bytes(let values): .bytes(order.map { values[$0] })
    case .float(let values): .float(order.map { values[$0] })
    case .int64(let values): .int64(order.map { values[$0] })
    case .unset: .unset
    }
  }
}
