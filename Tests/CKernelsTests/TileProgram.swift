import CKernels

/// A type that the tile machine computes in.
protocol ComputeScalar: BitwiseCopyable & Equatable & Sendable {
  static var type: Int32 { get }
  static var canary: Self { get }
  var constant: esp_pointwise_constant { get }
}

extension Float: ComputeScalar {
  static var type: Int32 { Int32(ESP_F32) }
  static var canary: Float { 12345.5 }
  var constant: esp_pointwise_constant { esp_pointwise_constant(real: Double(self), integer: 0) }
}
extension Double: ComputeScalar {
  static var type: Int32 { Int32(ESP_F64) }
  static var canary: Double { 12345.5 }
  var constant: esp_pointwise_constant { esp_pointwise_constant(real: self, integer: 0) }
}
extension Int32: ComputeScalar {
  static var type: Int32 { Int32(ESP_I32) }
  static var canary: Int32 { 12345 }
  var constant: esp_pointwise_constant { esp_pointwise_constant(real: 0, integer: Int64(self)) }
}
extension Int64: ComputeScalar {
  static var type: Int32 { Int32(ESP_I64) }
  static var canary: Int64 { 12345 }
  var constant: esp_pointwise_constant { esp_pointwise_constant(real: 0, integer: self) }
}

/// The instruction sets that this processor runs.
let instructionSets = Array(0...Int(esp_isa_best()))

/// A program of the tile machine as Swift builds it. Values are numbered as loads, constants, instructions.
struct TileProgram {
  struct Invalid: Error, Equatable { let code: Int32 }

  var type: Int32
  var count: Int
  var rowLength = 0
  var loads: [esp_pointwise_load] = []
  var constants: [esp_pointwise_constant] = []
  var instructions: [esp_pointwise_instruction] = []
  var stores: [esp_pointwise_store] = []
  var reductions: [esp_pointwise_reduction] = []

  init<T: ComputeScalar>(_: T.Type, count: Int) {
    type = T.type
    self.count = count
  }

  /// Adds a load of the next input.
  mutating func load(_ kind: Int = ESP_LOAD_FULL, dtype: Int? = nil, period: Int = 0) {
    var load = esp_pointwise_load()
    load.input = Int32(loads.count)
    load.kind = Int32(kind)
    load.dtype = dtype.map { Int32($0) } ?? type
    load.period = Int64(period)
    loads.append(load)
  }

  mutating func load(extents: [Int], strides: [Int], dtype: Int? = nil) {
    load(ESP_LOAD_STRIDED, dtype: dtype)
    let last = loads.count - 1
    loads[last].rank = Int32(extents.count)
    withUnsafeMutableBytes(of: &loads[last].extents) { $0.copyBytes(from: Self.bytes(extents)) }
    withUnsafeMutableBytes(of: &loads[last].strides) { $0.copyBytes(from: Self.bytes(strides)) }
  }

  private static func bytes(_ values: [Int]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: Int64(value)) { Array($0) } }
  }

  /// Adds an instruction, and returns its value provided all loads and constants are there.
  @discardableResult
  mutating func add(_ opcode: Int, _ a: Int, _ b: Int = 0, _ c: Int = 0) -> Int {
    instructions.append(
      esp_pointwise_instruction(opcode: Int32(opcode), a: Int32(a), b: Int32(b), c: Int32(c)))
    return loads.count + constants.count + instructions.count - 1
  }

  /// Adds a store to the next output.
  mutating func store(_ value: Int, dtype: Int? = nil, flags: Int = 0) {
    let output = stores.count + reductions.count
    stores.append(
      esp_pointwise_store(
        value: Int32(value), output: Int32(output), dtype: dtype.map { Int32($0) } ?? type, flags: Int32(flags)))
  }

  /// Adds a reduction to the next output.
  mutating func reduce(
    _ kind: Int, _ scope: Int, _ a: Int, _ b: Int = 0, dtype: Int? = nil, scale: Double = 1
  ) {
    let output = stores.count + reductions.count
    reductions.append(
      esp_pointwise_reduction(
        kind: Int32(kind), scope: Int32(scope), a: Int32(a), b: Int32(b), output: Int32(output),
        dtype: dtype.map { Int32($0) } ?? type, scale: scale))
  }

  private func withProgram<R>(_ body: (UnsafePointer<esp_pointwise_program>) -> R) -> R {
    loads.withUnsafeBufferPointer { loads in
      constants.withUnsafeBufferPointer { constants in
        instructions.withUnsafeBufferPointer { instructions in
          stores.withUnsafeBufferPointer { stores in
            reductions.withUnsafeBufferPointer { reductions in
              var program = esp_pointwise_program()
              program.type = type
              program.count = Int64(count)
              program.row_length = Int64(rowLength)
              program.load_count = Int32(loads.count)
              program.constant_count = Int32(constants.count)
              program.instruction_count = Int32(instructions.count)
              program.store_count = Int32(stores.count)
              program.reduction_count = Int32(reductions.count)
              program.loads = loads.baseAddress
              program.constants = constants.baseAddress
              program.instructions = instructions.baseAddress
              program.stores = stores.baseAddress
              program.reductions = reductions.baseAddress
              return withUnsafePointer(to: program, body)
            }
          }
        }
      }
    }
  }

  func check() -> Int32 { withProgram { esp_pointwise_check($0) } }

  func prepared(isa: Int = Int(esp_isa_best())) throws -> TilePlan {
    let plan = TilePlan()
    let code = withProgram { esp_pointwise_prepare($0, plan.pointer) }
    if code != 0 { throw Invalid(code: code) }
    esp_pointwise_use_isa(plan.pointer, Int32(isa))
    return plan
  }
}

/// Memory that a plan reads or writes; it lives until the run is over.
protocol TileMemory: AnyObject {
  var address: UnsafeMutableRawPointer { get }
}

extension GuardedBuffer: TileMemory {
  var address: UnsafeMutableRawPointer { UnsafeMutableRawPointer(pointer) }
}

/// A prepared program with its scratch, which is guarded.
final class TilePlan {
  let pointer: OpaquePointer
  private let memory: UnsafeMutableRawPointer

  init() {
    memory = UnsafeMutableRawPointer.allocate(byteCount: esp_pointwise_plan_size(), alignment: 8)
    pointer = OpaquePointer(memory)
  }

  deinit { memory.deallocate() }

  private func scratch() -> GuardedBuffer<UInt8> {
    GuardedBuffer(count: esp_pointwise_scratch_size(pointer), canary: 0xA5, offset: 3)
  }

  private func withAddresses(
    _ inputs: [any TileMemory], _ outputs: [any TileMemory],
    _ body: ([UnsafeRawPointer?], [UnsafeMutableRawPointer?]) -> Void
  ) {
    withExtendedLifetime((inputs, outputs)) {
      body(inputs.map { UnsafeRawPointer($0.address) }, outputs.map { $0.address })
    }
  }

  /// Runs the ranges between successive `cuts`, the last first; returns whether scratch was kept to.
  @discardableResult
  func run(_ inputs: [any TileMemory], _ outputs: [any TileMemory], cuts: [Int]) -> Bool {
    let scratch = scratch()
    withAddresses(inputs, outputs) { inputs, outputs in
      for (begin, end) in zip(cuts, cuts.dropFirst()).reversed() {
        esp_pointwise_run(pointer, inputs, outputs, begin, end, scratch.pointer)
      }
    }
    return scratch.isIntact
  }

  /// Runs all chunks, `step` at a time, the last first, and combines them; returns whether memory was kept to.
  @discardableResult
  func runChunks(_ inputs: [any TileMemory], _ outputs: [any TileMemory], step: Int = 1) -> Bool {
    let scratch = scratch()
    let partials = GuardedBuffer<Double>(
      count: esp_pointwise_partials_size(pointer) / 8, canary: 99)
    let chunks = esp_pointwise_chunk_count(pointer)
    withAddresses(inputs, outputs) { inputs, outputs in
      for first in stride(from: 0, to: chunks, by: step).reversed() {
        esp_pointwise_run_chunks(
          pointer, inputs, outputs, partials.pointer, first, min(first + step, chunks), scratch.pointer)
      }
      esp_pointwise_combine(pointer, partials.pointer, outputs)
    }
    return scratch.isIntact && partials.isIntact
  }
}

/// Numbers that depend on the seed alone.
struct Numbers: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64 = 1) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
