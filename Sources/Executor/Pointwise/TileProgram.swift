import CKernels
import EspalierGraph

/// A cluster prepared for the tile machine.
final class TileProgram {
  private let memory: UnsafeMutableRawPointer
  private var plan: OpaquePointer { OpaquePointer(memory) }
  /// The bytes that each thread needs.
  var scratchBytes: Int { esp_pointwise_scratch_size(plan) }
  /// The bytes of the partial results of all chunks.
  var partialBytes: Int { esp_pointwise_partials_size(plan) }
  /// The number of chunks that the work is cut into if there are reductions.
  let chunkCount: Int

  /// Returns a prepared program.
  ///
  /// - Throws: `ExecutionError` if it is too long, or the machine cannot do something.
  init(_ cluster: Cluster) throws(ExecutionError) {
    guard let tables = TileTables(cluster) else {
      throw ExecutionError("operands of more than 6 dimensions cannot be broadcast", kind: .unimplemented)
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: esp_pointwise_plan_size(), alignment: 64)
    let failure = tables.prepare(cluster, OpaquePointer(memory))
    guard failure == ESP_POINTWISE_OK else {
      memory.deallocate()
      throw ExecutionError("the tile machine refuses \(cluster) (\(failure))", kind: .unimplemented)
    }
    self.memory = memory
    chunkCount = esp_pointwise_chunk_count(OpaquePointer(memory))
  }

  deinit {
    memory.deallocate()
  }

  /// The bytes of the partial results of one part, for whoever cuts the work otherwise.
  var partBytes: Int { esp_pointwise_part_size(plan) }

  /// Returns this program as a stage of a convolution: `inputs` and `outputs` are addresses in memory, and the value that
  /// is handed over within the convolution has the number after them.
  func stage(
    _ inputs: (UnsafePointer<UnsafeRawPointer?>?, Int), _ outputs: (UnsafePointer<UnsafeMutableRawPointer?>?, Int),
    partials: UnsafeMutableRawPointer?
  ) -> esp_conv_stage {
    esp_conv_stage(
      plan: plan, inputs: inputs.0, outputs: outputs.0, input_count: inputs.1, output_count: outputs.1,
      partials: partials)
  }

  /// Writes the results of reductions of as many parts.
  func combine(
    _ outputs: UnsafePointer<UnsafeMutableRawPointer?>, partials: UnsafeMutableRawPointer, parts: Int
  ) {
    esp_pointwise_combine_parts(plan, partials, parts, outputs)
  }

  /// Runs elements of a cluster without reductions.
  func run(
    _ elements: Range<Int>, _ inputs: UnsafePointer<UnsafeRawPointer?>,
    _ outputs: UnsafePointer<UnsafeMutableRawPointer?>,
    _ scratch: UnsafeMutableRawPointer
  ) {
    esp_pointwise_run(plan, inputs, outputs, elements.lowerBound, elements.upperBound, scratch)
  }

  /// Runs chunks of a cluster with reductions.
  func runChunks(
    _ chunks: Range<Int>, _ inputs: UnsafePointer<UnsafeRawPointer?>,
    _ outputs: UnsafePointer<UnsafeMutableRawPointer?>, partials: UnsafeMutableRawPointer,
    _ scratch: UnsafeMutableRawPointer
  ) {
    esp_pointwise_run_chunks(plan, inputs, outputs, partials, chunks.lowerBound, chunks.upperBound, scratch)
  }

  /// Writes the results of reductions.
  func combine(_ outputs: UnsafePointer<UnsafeMutableRawPointer?>, partials: UnsafeMutableRawPointer) {
    esp_pointwise_combine(plan, partials, outputs)
  }
}

/// The parts of a cluster as C has them.
private struct TileTables {
  private var loads: [esp_pointwise_load] = []
  private var constants: [esp_pointwise_constant] = []
  private var instructions: [esp_pointwise_instruction] = []
  private var stores: [esp_pointwise_store] = []
  private var reductions: [esp_pointwise_reduction] = []

  init?(_ cluster: Cluster) {
    func number(_ operand: Cluster.Operand) -> Int32 {
      switch operand {
      case .load(let index): Int32(index)
      case .constant(let index): Int32(cluster.loads.count + index)
      case .result(let index): Int32(cluster.loads.count + cluster.constants.count + index)
      }
    }
    for load in cluster.loads {
      guard let made = Self.load(load, cluster.extents) else { return nil }
      loads.append(made)
    }
    constants = cluster.constants.map { esp_pointwise_constant(real: $0.real, integer: $0.integer) }
    instructions = cluster.instructions.map { instruction in
      let operands = instruction.operands.map(number) + [0, 0, 0]
      return esp_pointwise_instruction(opcode: instruction.opcode, a: operands[0], b: operands[1], c: operands[2])
    }
    stores = cluster.stores.map {
      esp_pointwise_store(
        value: number($0.value), output: Int32($0.output), dtype: cluster.outputs[$0.output].dataType.number,
        flags: $0.isStreamed ? Int32(ESP_STORE_STREAM) : 0)
    }
    reductions = cluster.sums.map {
      esp_pointwise_reduction(
        kind: Int32($0.kind.tileKind), scope: Int32($0.scope.tileScope), a: number($0.value), b: 0,
        output: Int32($0.output), dtype: cluster.type.number, scale: $0.scale)
    }
  }

  private static func load(_ load: Cluster.Load, _ extents: [Int]) -> esp_pointwise_load? {
    var strides = [Int64](repeating: 0, count: extents.count)
    var stride: Int64 = 1
    let offset = extents.count - load.shape.count
    guard offset >= 0 else { return nil }
    for axis in load.shape.indices.reversed() {
      if load.shape[axis] != 1 || extents[axis + offset] == 1 { strides[axis + offset] = stride }
      stride *= Int64(load.shape[axis])
    }
    var made = esp_pointwise_load()
    made.input = Int32(load.input)
    made.dtype = load.dataType.number
    // Also for a single element, which the machine would call a scalar: only full loads may be overwritten.
    if load.shape.reduce(1, *) == extents.reduce(1, *) {
      made.kind = Int32(ESP_LOAD_FULL)
      return made
    }
    guard esp_pointwise_classify(Int32(extents.count), extents.map(Int64.init), strides, &made) != 0 else { return nil }
    return made
  }

  func prepare(_ cluster: Cluster, _ plan: OpaquePointer) -> Int {
    loads.withUnsafeBufferPointer { loads in
      constants.withUnsafeBufferPointer { constants in
        instructions.withUnsafeBufferPointer { instructions in
          stores.withUnsafeBufferPointer { stores in
            reductions.withUnsafeBufferPointer { reductions in
              var program = esp_pointwise_program(
                type: cluster.type.number, load_count: Int32(loads.count), constant_count: Int32(constants.count),
                instruction_count: Int32(instructions.count), store_count: Int32(stores.count),
                reduction_count: Int32(reductions.count), loads: loads.baseAddress, constants: constants.baseAddress,
                instructions: instructions.baseAddress, stores: stores.baseAddress,
                reductions: reductions.baseAddress, count: Int64(cluster.count),
                row_length: Int64(cluster.rowLength))
              return Int(esp_pointwise_prepare(&program, plan))
            }
          }
        }
      }
    }
  }
}

extension ReductionKind {
  fileprivate var tileKind: Int {
    switch self {
    case .sum, .mean: ESP_REDUCE_SUM
    case .max: ESP_REDUCE_MAX
    case .min: ESP_REDUCE_MIN
    case .prod: ESP_REDUCE_PROD
    case .variance: ESP_REDUCE_VARIANCE
    }
  }
}

extension Cluster.Scope {
  fileprivate var tileScope: Int {
    switch self {
    case .all: ESP_SCOPE_ALL
    case .rows: ESP_SCOPE_CHANNEL
    case .eachRow: ESP_SCOPE_ROW
    }
  }
}
