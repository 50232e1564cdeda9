import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension AsString: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let format = self
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      do throws(TensorError) {
        return [try HostTensor(strings: try format.texts(of: values[0]), shape: values[0].shape)]
      } catch {
        throw ExecutionError(error.description)
      }
    }
  }

  private func texts(of x: HostTensor) throws(TensorError) -> [[UInt8]] {
    switch x.dataType {
    case .bool: return try x.scalars(as: Bool.self).map { Array(($0 ? "true" : "false").utf8) }
    case .int64: return try x.scalars(as: Int64.self).map { printed("ld", $0) }
    case .uint64: return try x.scalars(as: UInt64.self).map { printed("lu", $0) }
    case let type where type.isInteger: return try x.doubles().map { printed("ld", Int64($0)) }
    default:
      let notation = scientific ? "e" : shortest ? "g" : "f"
      return try x.doubles().map { printed(notation, $0) }
    }
  }

  /// Returns a number as C prints it.
  private func printed(_ conversion: String, _ number: any CVarArg) -> [UInt8] {
    let places = precision > -1 && !conversion.hasPrefix("l") ? ".\(precision)" : ""
    let format = "%" + fill + (width > -1 ? String(width) : "") + places + conversion
    // The largest number has 309 digits before its point.
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1500) { buffer in
      let count = withVaList([number]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
      return buffer.prefix(min(max(0, Int(count)), buffer.count - 1)).map { UInt8(bitPattern: $0) }
    }
  }
}
