import CKernels
import Testing

@Suite struct PointwiseLoadTests {
  /// Stores the sum of two loads; `expected` is what each element of both is.
  func expectSum(
    _ program: TileProgram, isa: Int, _ inputs: [GuardedBuffer<Float>],
    _ expected: (Int) -> Float, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var program = program
    let count = program.count
    program.store(program.add(Int(ESP_OP_ADD), 0, 1))
    let plan = try program.prepared(isa: isa)
    let cuts = [0, 1, 5, 700, 1024, 1500, 2049, count].filter { $0 <= count }
    for cuts in [[0, count], cuts, Array(stride(from: 0, to: count, by: 333)) + [count]] {
      let output = GuardedBuffer(count: count, canary: Float.canary, offset: 1)
      #expect(plan.run(inputs, [output], cuts: cuts) && output.isIntact, sourceLocation: sourceLocation)
      #expect(output.values == (0..<count).map(expected), sourceLocation: sourceLocation)
    }
  }

  func input(_ count: Int, seed: UInt64 = 5) -> GuardedBuffer<Float> {
    var numbers = Numbers(seed)
    return GuardedBuffer(numbers.floats(count), canary: .canary, offset: 1)
  }

  @Test(arguments: instructionSets) func scalar(_ isa: Int) throws {
    let x = input(3000)
    let y = input(1)
    var program = TileProgram(Float.self, count: 3000)
    program.load()
    program.load(ESP_LOAD_SCALAR)
    try expectSum(program, isa: isa, [x, y]) { x.values[$0] + y.values[0] }
  }

  /// Periods that divide a block, that do not, that fill a tile, and that are longer.
  @Test(arguments: [1, 2, 3, 10, 16, 24, 64, 100, 512, 1000, 1024, 1025, 3000], instructionSets)
  func channelsAndRows(_ period: Int, _ isa: Int) throws {
    let rows = 6000 / period + 2
    let count = rows * period
    let x = input(count)
    let channels = input(period, seed: 6)
    let xs = x.values
    let channelValues = channels.values
    var program = TileProgram(Float.self, count: count)
    program.load()
    program.load(ESP_LOAD_CHANNEL, period: period)
    try expectSum(program, isa: isa, [x, channels]) { xs[$0] + channelValues[$0 % period] }
    let rowsInput = input(rows, seed: 7)
    let rowValues = rowsInput.values
    var byRow = TileProgram(Float.self, count: count)
    byRow.load()
    byRow.load(ESP_LOAD_ROW, period: period)
    try expectSum(byRow, isa: isa, [x, rowsInput]) { xs[$0] + rowValues[$0 / period] }
  }

  @Test(arguments: instructionSets) func stridesOfAnyKind(_ isa: Int) throws {
    let extents = [3, 4, 5, 7, 2, 11]
    let count = extents.reduce(1, *)
    // A transposition of all six, with the second and fourth broadcast.
    let strides = [1, 0, 3, 0, 15, 30]
    let x = input(count)
    let y = input(330)
    let xs = x.values
    let ys = y.values
    var program = TileProgram(Float.self, count: count)
    program.load()
    program.load(extents: extents, strides: strides)
    try expectSum(program, isa: isa, [x, y]) { index in
      var rest = index
      var offset = 0
      for (extent, stride) in zip(extents, strides).reversed() {
        offset += rest % extent * stride
        rest /= extent
      }
      return xs[index] + ys[offset]
    }
  }

  @Test func stridesMayRunBackwards() throws {
    let y = input(40)
    let ys = y.values
    var program = TileProgram(Float.self, count: 40)
    program.load(extents: [40], strides: [-1])
    program.store(0)
    let output = GuardedBuffer(count: 40, canary: Float.canary)
    let plan = try program.prepared()
    let scratch = GuardedBuffer<UInt8>(count: esp_pointwise_scratch_size(plan.pointer), canary: 0)
    esp_pointwise_run(plan.pointer, [UnsafeRawPointer(y.pointer + 39)], [output.address], 0, 40, scratch.pointer)
    #expect(output.values == ys.reversed())
  }

  func classified(_ extents: [Int64], _ strides: [Int64]) -> (kind: Int32, period: Int64, rank: Int32)? {
    var load = esp_pointwise_load()
    guard esp_pointwise_classify(Int32(extents.count), extents, strides, &load) == 1 else { return nil }
    return (load.kind, load.period, load.rank)
  }

  @Test func shapesAreClassifiedAsSimplyAsTheyAre() throws {
    let full = try #require(classified([2, 3, 4], [12, 4, 1]))
    #expect(full == (Int32(ESP_LOAD_FULL), 0, 0))
    let scalar = try #require(classified([2, 3, 4], [0, 0, 0]))
    #expect(scalar == (Int32(ESP_LOAD_SCALAR), 0, 0))
    let channel = try #require(classified([2, 3, 1, 4], [0, 0, 7, 1]))
    #expect(channel == (Int32(ESP_LOAD_CHANNEL), 4, 0))
    let map = try #require(classified([2, 3, 4], [0, 4, 1]))
    #expect(map == (Int32(ESP_LOAD_CHANNEL), 12, 0))
    let row = try #require(classified([2, 3, 4], [3, 1, 0]))
    #expect(row == (Int32(ESP_LOAD_ROW), 4, 0))
    let middle = try #require(classified([2, 3, 4], [0, 1, 0]))
    #expect(middle == (Int32(ESP_LOAD_STRIDED), 0, 3))
    let transposed = try #require(classified([4, 3], [1, 4]))
    #expect(transposed == (Int32(ESP_LOAD_STRIDED), 0, 2))
    let empty = try #require(classified([4, 0], [1, 4]))
    #expect(empty.kind == Int32(ESP_LOAD_FULL))
    #expect(classified([2, 2, 2, 2, 2, 2, 2], [1, 0, 2, 0, 4, 0, 8]) == nil)
    #expect(classified(Array(repeating: 1, count: 33), Array(repeating: 0, count: 33)) == nil)
  }
}
