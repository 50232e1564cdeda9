import EspalierGraph

extension Copy: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard let output = outputs.first, output.dataType != .string else { return Kernel(onValues: "copy") { [$0[0]] } }
    return Kernel(copying: output.byteCount, from: 0)
  }
}

extension Kernel {
  /// Returns a kernel that copies so many bytes of an input to output 0.
  init(copying byteCount: Int, from input: Int) {
    let block = 65536
    let blocks = (byteCount + block - 1) / block
    self.init("copy") { call in
      let source = call.input(input, as: UInt8.self)
      let target = call.output(0, as: UInt8.self)
      if UnsafePointer(target) == source { return }
      call.parallel(units: blocks, grain: 4) { blocks, _, _ in
        let start = blocks.lowerBound * block
        let end = min(blocks.upperBound * block, byteCount)
        UnsafeMutableRawPointer(target + start).copyMemory(from: source + start, byteCount: end - start)
      }
    }
  }
}
