import CKernels
import Testing

/// What a plan does to a program: joined pairs, reused scratch, results computed in place.
@Suite struct PointwisePlanTests {
  @Test(arguments: instructionSets) func joiningPairsChangesNoBit(_ isa: Int) throws {
    var numbers = Numbers(9)
    let count = 1500
    let inputs = (0..<3).map { _ in GuardedBuffer(numbers.floats(count) + [], canary: Float.canary) }
    // Joined: one instruction. Not joined: each result is stored and so must exist.
    var joined = TileProgram(Float.self, count: count)
    var apart = TileProgram(Float.self, count: count)
    for _ in 0..<3 {
      joined.load()
      apart.load()
    }
    joined.store(joined.add(Int(ESP_OP_RELU), joined.add(Int(ESP_OP_ADD), joined.add(Int(ESP_OP_MUL), 0, 1), 2)))
    let product = apart.add(Int(ESP_OP_MUL), 0, 1)
    let sum = apart.add(Int(ESP_OP_ADD), product, 2)
    for value in [apart.add(Int(ESP_OP_RELU), sum), product, sum] { apart.store(value) }
    let outputs = (0..<4).map { _ in GuardedBuffer(count: count, canary: Float.canary) }
    #expect(try joined.prepared(isa: isa).run(inputs, [outputs[0]], cuts: [0, count]))
    #expect(try apart.prepared(isa: isa).run(inputs, Array(outputs[1...]), cuts: [0, count]))
    #expect(outputs[0].values == outputs[1].values)
    #expect(
      outputs[0].values
        == (0..<count).map { max(inputs[0].pointer[$0] * inputs[1].pointer[$0] + inputs[2].pointer[$0], 0) })
  }

  @Test func selectOfAComparisonWithZeroIsAReluGradient() throws {
    var numbers = Numbers(9)
    let dy = GuardedBuffer(numbers.floats(100), canary: Float.canary)
    let x = GuardedBuffer(numbers.floats(98) + [.nan, 0], canary: Float.canary)
    var program = TileProgram(Float.self, count: 100)
    program.load()
    program.load()
    program.constants = [Float(0).constant]
    program.store(program.add(Int(ESP_OP_SELECT), program.add(Int(ESP_OP_GREATER), 1, 2), 0, 2))
    let dx = GuardedBuffer(count: 100, canary: Float.canary)
    #expect(try program.prepared().run([dy, x], [dx], cuts: [0, 100]))
    #expect(dx.values == zip(dy.values, x.values).map { $1 > 0 ? $0 : 0 })
  }

  /// A long chain over few live values takes scratch for few.
  @Test func scratchIsReused() throws {
    func scratch(instructions: Int) throws -> Int {
      var program = TileProgram(Float.self, count: 1024)
      program.load()
      var value = 0
      for _ in 0..<instructions { value = program.add(Int(ESP_OP_NEG), value) }
      program.store(value)
      return try esp_pointwise_scratch_size(program.prepared().pointer)
    }
    #expect(try scratch(instructions: 90) == scratch(instructions: 2))
  }

  /// An output over an input that is read again, or stored twice, or reduced.
  @Test(arguments: instructionSets) func inPlace(_ isa: Int) throws {
    let count = 2500
    var numbers = Numbers(2)
    let x = numbers.floats(count)
    let y = numbers.floats(count)
    let xs = GuardedBuffer(x, canary: Float.canary)
    let ys = GuardedBuffer(y, canary: Float.canary)
    let other = GuardedBuffer(count: count, canary: Float.canary)
    var program = TileProgram(Float.self, count: count)
    program.load()
    program.load()
    let sum = program.add(Int(ESP_OP_ADD), 0, 1)
    let product = program.add(Int(ESP_OP_MUL), sum, 0)
    program.store(sum)  // over x, which the next instruction reads
    program.store(product)  // over y
    program.store(0)  // x as it was
    #expect(try program.prepared(isa: isa).run([xs, ys], [xs, ys, other], cuts: [0, 1024, 1100, count]))
    #expect(xs.isIntact && ys.isIntact && other.isIntact)
    #expect(xs.values == zip(x, y).map(+))
    #expect(ys.values == zip(x, y).map { ($0 + $1) * $0 })
    #expect(other.values == x)
  }

  @Test(arguments: instructionSets) func inPlaceOfAnotherTypeOfTheSameSize(_ isa: Int) throws {
    let x = (0..<1500).map { Float($0) * 1.25 }
    let buffer = GuardedBuffer(x, canary: Float.canary)
    var program = TileProgram(Float.self, count: x.count)
    program.load()
    program.store(0, dtype: ESP_I32)
    #expect(try program.prepared(isa: isa).run([buffer], [buffer], cuts: [0, x.count]))
    #expect(buffer.values.map { Int32(bitPattern: $0.bitPattern) } == x.map { Int32($0) })
  }

  @Test(arguments: [0, 3], instructionSets) func streamedStores(_ offset: Int, _ isa: Int) throws {
    var numbers = Numbers(2)
    let x = GuardedBuffer(numbers.floats(3001), canary: Float.canary, offset: 1)
    let y = GuardedBuffer(count: 3001, canary: Float.canary, offset: offset)
    var program = TileProgram(Float.self, count: 3001)
    program.load()
    program.store(program.add(Int(ESP_OP_NEG), 0), flags: ESP_STORE_STREAM)
    #expect(try program.prepared(isa: isa).run([x], [y], cuts: [0, 1024, 3001]))
    #expect(y.isIntact && y.values == x.values.map { -$0 })
  }

  /// Transcendental functions included: no bit may depend on where a range starts.
  @Test(arguments: instructionSets) func splitsGiveTheSameBits(_ isa: Int) throws {
    let count = 5000
    var numbers = Numbers(8)
    let x = GuardedBuffer(numbers.floats(count), canary: Float.canary)
    let scale = GuardedBuffer(numbers.floats(50), canary: Float.canary)
    var program = TileProgram(Float.self, count: count)
    program.load()
    program.load(ESP_LOAD_CHANNEL, period: 50)
    let scaled = program.add(Int(ESP_OP_MUL), 0, 1)
    program.store(program.add(Int(ESP_OP_EXP), scaled))
    program.store(program.add(Int(ESP_OP_TANH), program.add(Int(ESP_OP_ERF), scaled)))
    let plan = try program.prepared(isa: isa)
    var results: [[[UInt32]]] = []
    for cuts in [[0, count], Array(stride(from: 0, to: count, by: 77)) + [count], [0, 1, 2, 1023, 4099, count]] {
      let outputs = (0..<2).map { _ in GuardedBuffer(count: count, canary: Float.canary) }
      #expect(plan.run([x, scale], outputs, cuts: cuts))
      results.append(outputs.map { $0.values.map(\.bitPattern) })
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func faultsAreFound() {
    func code(_ change: (inout TileProgram) -> Void) -> Int32 {
      var program = TileProgram(Float.self, count: 24)
      program.load()
      program.add(Int(ESP_OP_NEG), 0)
      program.store(1)
      change(&program)
      return program.check()
    }
    #expect(code { _ in } == 0)
    #expect(code { $0.type = Int32(ESP_I8) } == Int32(ESP_POINTWISE_BAD_TYPE))
    #expect(code { $0.loads[0].dtype = 99 } == Int32(ESP_POINTWISE_BAD_TYPE))
    #expect(code { $0.stores[0].dtype = -1 } == Int32(ESP_POINTWISE_BAD_TYPE))
    #expect(code { $0.loads += Array(repeating: $0.loads[0], count: 40) } == Int32(ESP_POINTWISE_TOO_LARGE))
    #expect(code { $0.instructions[0].opcode = 1000 } == Int32(ESP_POINTWISE_BAD_OPCODE))
    #expect(code { $0.instructions[0].a = 1 } == Int32(ESP_POINTWISE_BAD_VALUE))
    #expect(code { $0.instructions[0].a = -1 } == Int32(ESP_POINTWISE_BAD_VALUE))
    #expect(code { $0.stores[0].value = 2 } == Int32(ESP_POINTWISE_BAD_VALUE))
    #expect(code { $0.stores[0].flags = 8 } == Int32(ESP_POINTWISE_BAD_STORE))
    #expect(code { $0.loads[0].kind = 9 } == Int32(ESP_POINTWISE_BAD_LOAD))
    #expect(code { $0.loads[0].kind = Int32(ESP_LOAD_CHANNEL) } == Int32(ESP_POINTWISE_BAD_LOAD))
    #expect(
      code {
        $0.loads[0].kind = Int32(ESP_LOAD_ROW)
        $0.loads[0].period = 5
      } == Int32(ESP_POINTWISE_BAD_LOAD))
    #expect(code { $0.load(extents: [5, 5], strides: [5, 1]) } == Int32(ESP_POINTWISE_BAD_LOAD))
    #expect(code { $0.reduce(ESP_REDUCE_SUM, ESP_SCOPE_ROW, 0) } == Int32(ESP_POINTWISE_BAD_REDUCTION))
    #expect(code { $0.rowLength = 7 } == Int32(ESP_POINTWISE_BAD_REDUCTION))
    #expect(code { $0.reduce(9, ESP_SCOPE_ALL, 0) } == Int32(ESP_POINTWISE_BAD_REDUCTION))
    #expect(code { $0.reduce(ESP_REDUCE_SUM, ESP_SCOPE_ALL, 0, dtype: ESP_I32) } == Int32(ESP_POINTWISE_BAD_REDUCTION))
  }
}
