import EspalierGraph

/// Class numbers of either integer type.
struct Classes {
  private enum Pointer {
    case int32(UnsafePointer<Int32>)
    case int64(UnsafePointer<Int64>)
  }

  private let pointer: Pointer

  /// Returns the class numbers in an input.
  init(_ call: KernelCall, input: Int, dataType: DataType) {
    pointer =
      dataType == .int64 ? .int64(call.input(input, as: Int64.self)) : .int32(call.input(input, as: Int32.self))
  }

  subscript(index: Int) -> Int {
    switch pointer {
    case .int32(let numbers): Int(numbers[index])
    case .int64(let numbers): Int(numbers[index])
    }
  }
}
