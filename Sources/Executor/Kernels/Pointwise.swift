import CKernels
import EspalierGraph

extension Cluster: CPUOperation {
  /// Elements that one part of the work has at least.
  private static let grain = 16384
  /// Elements that are done at a time: a multiple of what the tile machine has in its registers and first cache.
  private static let tile = 4096
  /// The least bytes of a result that goes past the caches: far more than what other cores leave of the last of them.
  private static let streamedBytes = 16 << 20

  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    if count == 0 { return Kernel("nothing") { _ in } }
    var streaming = self
    streaming.streamStores { outputs[$0].byteCount >= Self.streamedBytes }
    let program = try TileProgram(streaming)
    var kernel = sums.isEmpty ? mapping(program) : reducing(program)
    kernel.flops = Double(count) * Double(max(instructions.count, 1) + sums.count)
    kernel.inPlace = inPlaceInputs(inputs)
    return kernel
  }

  private func mapping(_ program: TileProgram) -> Kernel {
    let count = count
    let tiles = (count + Self.tile - 1) / Self.tile
    return Kernel(kernelName, scratchBytes: program.scratchBytes) { call in
      call.parallel(units: tiles, grain: Self.grain / Self.tile) { tiles, _, scratch in
        let elements = tiles.lowerBound * Self.tile..<min(tiles.upperBound * Self.tile, count)
        program.run(elements, call.tileInputs, call.tileOutputs, scratch)
      }
    }
  }

  private func reducing(_ program: TileProgram) -> Kernel {
    let chunks = program.chunkCount
    let grain = max(1, Self.grain * chunks / count)
    return Kernel(
      kernelName, scratchBytes: program.scratchBytes, workspaceBytes: program.partialBytes
    ) { call in
      call.parallel(units: chunks, grain: grain) { chunks, _, scratch in
        program.runChunks(chunks, call.tileInputs, call.tileOutputs, partials: call.workspace, scratch)
      }
      program.combine(call.tileOutputs, partials: call.workspace)
    }
  }

  /// Each store may overwrite an input that is read element by element, and in no other way.
  private func inPlaceInputs(_ inputs: [TensorType]) -> [Int: [Int]] {
    let candidates = inputs.indices.filter { index in
      let uses = loads.filter { $0.input == index }
      return !uses.isEmpty && uses.allSatisfy { $0.shape.reduce(1, *) == count }
    }
    var result: [Int: [Int]] = [:]
    for store in stores {
      let size = outputs[store.output].dataType.size
      result[store.output] = candidates.filter { inputs[$0].dataType.size == size }
    }
    return result
  }

  var kernelName: String {
    let names = instructions.prefix(4).compactMap { esp_pointwise_name($0.opcode).map { String(cString: $0) } }
    let rest = instructions.count > 4 ? ["…"] : []
    let sums = sums.map { "\($0.kind)" }
    let all = names + rest + sums
    return all.isEmpty ? "copy" : all.joined(separator: "+")
  }
}

extension KernelCall {
  /// The addresses of inputs as C has them.
  var tileInputs: UnsafePointer<UnsafeRawPointer?> {
    UnsafeRawPointer(inputs).assumingMemoryBound(to: UnsafeRawPointer?.self)
  }

  /// The addresses of outputs as C has them.
  var tileOutputs: UnsafePointer<UnsafeMutableRawPointer?> {
    UnsafeRawPointer(outputs).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
}
