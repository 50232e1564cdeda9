extension HostTensor: CustomStringConvertible {
  /// The elements as NumPy prints them: a number, or nested lists, `[[1.0 2.0] [3.0 4.0]]`. Large tensors are only
  /// named, `float32 tensor of shape [128, 10, 10]`.
  public var description: String {
    if count > 1000 { return "\(dataType) tensor of shape \(shape)" }
    let words = elements
    return shape.isEmpty ? words.first ?? "" : Self.nested(words[...], shape[...])
  }

  private static func nested(_ words: ArraySlice<String>, _ shape: ArraySlice<Int>) -> String {
    guard let extent = shape.first else { return words.first ?? "" }
    let size = extent == 0 ? 0 : words.count / extent
    let parts = (0..<extent).map { index in
      let start = words.startIndex + index * size
      return nested(words[start..<start + size], shape.dropFirst())
    }
    return "[" + parts.joined(separator: " ") + "]"
  }

  /// Each element as a word.
  private var elements: [String] {
    switch dataType {
    case .float32: words(of: Float.self) { "\($0)" }
    case .float16: words(of: Half.self) { "\($0.float)" }
    case .bfloat16: words(of: BFloat16.self) { "\($0.float)" }
    case .int64: words(of: Int64.self) { "\($0)" }
    case .uint64: words(of: UInt64.self) { "\($0)" }
    case .bool: words(of: Bool.self) { $0 ? "True" : "False" }
    case .string: ((try? strings()) ?? []).map { "b'" + String(decoding: $0, as: UTF8.self) + "'" }
    case .complex64, .complex128: [String](repeating: "?", count: count)
    default: ((try? doubles()) ?? []).map { dataType.isInteger ? "\(Int($0))" : "\($0)" }
    }
  }

  private func words<Scalar: TensorScalar>(of type: Scalar.Type, _ word: (Scalar) -> String) -> [String] {
    ((try? scalars(as: type)) ?? []).map(word)
  }
}
