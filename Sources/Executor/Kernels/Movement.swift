import CKernels
import EspalierGraph

extension MovementOperation where Self: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    for position in constantInputs where inputs.indices.contains(position) && inputs[position].knownValue == nil {
      throw ExecutionError(
        "input \(position) of \(name) must be known before the run, \(inputs[position]) is not", kind: .unimplemented)
    }
    return try Kernel(name, moving: movement(inputs, outputs), inputs, outputs)
  }
}

extension ConcatV2: CPUOperation {}
extension DepthToSpace: CPUOperation {}
extension Diag: CPUOperation {}
extension DiagPart: CPUOperation {}
extension Fill: CPUOperation {}
extension MatrixBandPart: CPUOperation {}
extension MirrorPad: CPUOperation {}
extension Pack: CPUOperation {}
extension Pad: CPUOperation {}
extension PadV2: CPUOperation {}
extension ReverseV2: CPUOperation {}
extension Roll: CPUOperation {}
extension SliceOperation: CPUOperation {}
extension SpaceToDepth: CPUOperation {}
extension Split: CPUOperation {}
extension SplitV: CPUOperation {}
extension StridedSlice: CPUOperation {}
extension StridedSliceGrad: CPUOperation {}
extension Tile: CPUOperation {}
extension Unpack: CPUOperation {}
extension ZerosLike: CPUOperation {}

extension Kernel {
  /// Returns a kernel that fills the outputs and copies blocks of the inputs into them.
  init(_ name: String, moving plan: Movement, _ inputs: [TensorType], _ outputs: [TensorType]) throws(ExecutionError) {
    guard let type = outputs.first?.dataType, let size = type.size else {
      self.init(onValues: name) { Self.moved($0, plan, outputs) }
      return
    }
    let copies = plan.blocks.map { BlockCopy($0.simplified, elementSize: size) }
    let counts = outputs.map { $0.shape.count ?? 0 }
    guard !copies.contains(where: \.isTooWide) else {
      throw ExecutionError("\(name) of more than \(ESP_COPY_RANK) axes is not supported", kind: .unimplemented)
    }
    if plan.fill == .zero, copies.count == 1, outputs.count == 1, let part = copies[0].part(of: counts[0]) {
      self = Self.clearing(name, copies[0], part * size)
      return
    }
    self.init(name) { call in
      switch plan.fill {
      case .nothing: break
      case .zero: for (index, count) in counts.enumerated() { call.clear(index, byteCount: count * size) }
      case .input(let input):
        for (index, count) in counts.enumerated() {
          esp_fill(size, Int64(count), call.inputs[input], call.outputs[index])
        }
      }
      for copy in copies {
        call.parallel(units: copy.units, grain: copy.grain) { units, _, _ in
          copy.run(units, call.inputs[copy.input], call.outputs[copy.output])
        }
      }
    }
  }

  /// Returns a kernel in which units of the block clear their own parts of the output, and copy into them while those
  /// are still in the cache.
  private static func clearing(_ name: String, _ copy: BlockCopy, _ partBytes: Int) -> Kernel {
    let atOnce = max(1, 16384 / max(partBytes, 1))
    return Kernel(name) { call in
      call.parallel(units: copy.units, grain: max(1, 65536 / max(partBytes, 1))) { units, _, _ in
        for first in stride(from: units.lowerBound, to: units.upperBound, by: atOnce) {
          let some = first..<min(first + atOnce, units.upperBound)
          (call.outputs[0] + first * partBytes)
            .initializeMemory(as: UInt8.self, repeating: 0, count: some.count * partBytes)
          copy.run(some, call.inputs[copy.input], call.outputs[0])
        }
      }
    }
  }

  /// Strings have no size of their own and are moved one by one.
  private static func moved(_ inputs: [HostTensor], _ plan: Movement, _ outputs: [TensorType]) -> [HostTensor] {
    let sources = inputs.map { (try? $0.strings()) ?? [] }
    return outputs.enumerated().map { number, output in
      var strings = [[UInt8]](repeating: [], count: output.shape.count ?? 0)
      if case .input(let position) = plan.fill, let fill = sources[position].first {
        strings = [[UInt8]](repeating: fill, count: strings.count)
      }
      for block in plan.blocks where block.output == number {
        block.forEachElement { from, to in strings[to] = sources[block.input][from] }
      }
      return (try? HostTensor(strings: strings, shape: output.extents)) ?? HostTensor(zeros: .string, shape: [])
    }
  }
}

extension KernelCall {
  /// Sets an output to zeros.
  fileprivate func clear(_ output: Int, byteCount: Int) {
    let block = 65536
    parallel(units: (byteCount + block - 1) / block, grain: 4) { blocks, _, _ in
      let start = blocks.lowerBound * block
      let end = min(blocks.upperBound * block, byteCount)
      (outputs[output] + start).initializeMemory(as: UInt8.self, repeating: 0, count: end - start)
    }
  }
}

/// A block that is copied, in parts along its first axis.
struct BlockCopy {
  let input: Int
  let output: Int
  /// The extent of the first axis.
  let units: Int
  private let elementSize: Int
  private let extents: [Int64]
  private let source: Movement.Walk
  private let destination: Movement.Walk
  private let strides: (source: [Int64], destination: [Int64])

  /// Units that are worth a part of their own.
  var grain: Int { max(1, 65536 * units / max(1, elementSize * Int(extents.reduce(1, *)))) }

  init(_ block: Movement.Block, elementSize: Int) {
    input = block.input
    output = block.output
    self.elementSize = elementSize
    // A single element is an axis of one.
    let isScalar = block.extents.isEmpty
    extents = isScalar ? [1] : block.extents.map(Int64.init)
    source = isScalar ? .init(offset: block.source.offset, strides: [1]) : block.source
    destination = isScalar ? .init(offset: block.destination.offset, strides: [1]) : block.destination
    strides = (source.strides.map(Int64.init), destination.strides.map(Int64.init))
    units = extents.contains(0) ? 0 : Int(extents[0])
  }

  /// Copies a range of units.
  func run(_ range: Range<Int>, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer) {
    let place = source.offset + range.lowerBound * source.strides[0]
    let target = destination.offset + range.lowerBound * destination.strides[0]
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: extents.count) { part in
      _ = part.initialize(from: extents)
      part[0] = Int64(range.count)
      // The rank is at most twice that of a tensor: a wider one was refused when the kernel was made.
      _ = esp_copy_strided(
        elementSize, Int32(extents.count), part.baseAddress, strides.destination, strides.source,
        to + target * elementSize, from + place * elementSize)
    }
  }

  /// Returns how many elements of the output, which has `count`, lie between neighbouring units, if each unit has these
  /// to itself and they make up the output.
  func part(of count: Int) -> Int? {
    guard let first = destination.strides.first, first > 0, first * units == count else { return nil }
    var reach = destination.offset
    for (extent, stride) in zip(extents, destination.strides).dropFirst() {
      guard stride >= 0 else { return nil }
      reach += (Int(extent) - 1) * stride
    }
    return reach < first ? first : nil
  }

  /// Whether the copy has more axes than the copying loops know.
  var isTooWide: Bool { extents.count > Int(ESP_COPY_RANK) }
}
