import CKernels
import Foundation
import Testing

private let opcodes = (0..<Int(ESP_OPCODE_COUNT)).map { String(cString: esp_pointwise_name(Int32($0))) }

@Suite struct PointwiseOperationTests {
  /// All pairs of special values, each with a third, and random ones.
  static func operands<T: BinaryFloatingPoint & Sendable>(
    _: T.Type, _ least: T, _ greatest: T
  ) -> (a: [T], b: [T], c: [T]) {
    var special: [T] = [0, 1, 0.5, 2, 3, 3.5, 10, 17.25, 88.5, 100, 0.001, 0.93, 1e10, 3e-8, 1.5707963, 0.75]
    special += [least, greatest, T(sign: .plus, exponent: -126, significand: 1.25), .infinity]
    special += special.map { -$0 } + [.nan]
    var a: [T] = []
    var b: [T] = []
    var c: [T] = []
    for (i, x) in special.enumerated() {
      for (j, y) in special.enumerated() {
        a.append(x)
        b.append(y)
        c.append(special[(i * 7 + j * 3) % special.count])
      }
    }
    var numbers = Numbers(3)
    for _ in 0..<3000 {
      let scale = Double.random(in: -12...12, using: &numbers)
      a.append(T(Double.random(in: -1...1, using: &numbers) * exp(scale)))
      b.append(T(Double.random(in: -4...4, using: &numbers)))
      c.append(T(Double.random(in: -4...4, using: &numbers)))
    }
    return (a, b, c)
  }

  static func run<T: ComputeScalar>(_ opcode: Int, _ a: [T], _ b: [T], _ c: [T], isa: Int) throws -> [T] {
    var program = TileProgram(T.self, count: a.count)
    for _ in 0..<3 { program.load() }
    program.store(program.add(opcode, 0, 1, 2))
    let output = GuardedBuffer(count: a.count, canary: T.canary, offset: 1)
    let inputs = [a, b, c].map { GuardedBuffer($0, canary: T.canary) }
    let plan = try program.prepared(isa: isa)
    let intact = plan.run(inputs, [output], cuts: [0, a.count])
    #expect(output.isIntact && intact)
    return output.values
  }

  /// Whether x is within `units` units in the last place of the true value.
  static func isClose<T: BinaryFloatingPoint>(_ x: T, to y: Double, units: T) -> Bool {
    let rounded = T(y)
    if rounded.isNaN || x.isNaN { return rounded.isNaN && x.isNaN }
    return x == rounded || abs(x - rounded) <= units * max(rounded.ulp, T.leastNormalMagnitude.ulp)
  }

  func checkFloating<T: ComputeScalar & BinaryFloatingPoint>(_ opcode: Int, _: T.Type, _ units: T, isa: Int) throws {
    var (a, b, c) = Self.operands(T.self, .leastNonzeroMagnitude, .greatestFiniteMagnitude)
    if esp_pointwise_operands(Int32(opcode)) == 1 {
      // Floats spread evenly over all exponents.
      let more = stride(from: UInt32(0), to: .max - 400_008, by: 400_009).map { T(Float(bitPattern: $0)) }
      a += more
      b += more
      c += more
    }
    let y = try Self.run(opcode, a, b, c, isa: isa)
    for i in y.indices {
      if let expected = TileReference.exact(opcodes[opcode], a[i], b[i], c[i]) {
        let equal = y[i] == expected || (y[i].isNaN && expected.isNaN)
        guard equal else {
          Issue.record("\(opcodes[opcode])(\(a[i]), \(b[i]), \(c[i])) is \(y[i]), not \(expected)")
          return
        }
      } else if let expected = TileReference.approximate(opcodes[opcode], Double(a[i]), Double(b[i])) {
        guard Self.isClose(y[i], to: expected, units: units) else {
          Issue.record("\(opcodes[opcode])(\(a[i]), \(b[i])) is \(y[i]), not \(expected)")
          return
        }
      } else {
        Issue.record("no reference for \(opcodes[opcode])")
        return
      }
    }
  }

  @Test(arguments: 0..<Int(ESP_OPCODE_COUNT), instructionSets) func floats(_ opcode: Int, _ isa: Int) throws {
    // The C library's lgammaf is less exact than the rest.
    try checkFloating(opcode, Float.self, opcodes[opcode] == "lgamma" ? 16 : 3, isa: isa)
  }

  @Test(arguments: 0..<Int(ESP_OPCODE_COUNT), instructionSets) func doubles(_ opcode: Int, _ isa: Int) throws {
    try checkFloating(opcode, Double.self, 4, isa: isa)
  }

  func checkInteger<T: ComputeScalar & FixedWidthInteger & SignedInteger>(
    _ opcode: Int, _: T.Type, isa: Int
  ) throws {
    let special: [T] = [0, 1, 2, 3, 7, 31, 100, 65536, .max, .max - 1, .min, .min + 1, -1, -2, -3, -7, -100]
    var a: [T] = []
    var b: [T] = []
    var c: [T] = []
    for (i, x) in special.enumerated() {
      for (j, y) in special.enumerated() {
        a.append(x)
        b.append(y)
        c.append(special[(i * 5 + j) % special.count])
      }
    }
    let y = try Self.run(opcode, a, b, c, isa: isa)
    for i in y.indices {
      let expected = TileReference.integer(opcodes[opcode], a[i], b[i], c[i])
      guard y[i] == expected else {
        Issue.record("\(opcodes[opcode])(\(a[i]), \(b[i]), \(c[i])) is \(y[i]), not \(String(describing: expected))")
        return
      }
    }
  }

  static let integerOpcodes = (0..<Int(ESP_OPCODE_COUNT)).filter {
    esp_pointwise_supports(Int32(ESP_I32), Int32($0)) == 1
  }

  @Test(arguments: integerOpcodes, instructionSets) func integers(_ opcode: Int, _ isa: Int) throws {
    try checkInteger(opcode, Int32.self, isa: isa)
    try checkInteger(opcode, Int64.self, isa: isa)
  }

  @Test func opcodesOfFloatsAreRefusedForIntegers() {
    for opcode in 0..<Int32(ESP_OPCODE_COUNT) where !Self.integerOpcodes.contains(Int(opcode)) {
      var program = TileProgram(Int32.self, count: 8)
      program.load()
      program.store(program.add(Int(opcode), 0, 0, 0))
      #expect(program.check() == Int32(ESP_POINTWISE_BAD_OPCODE))
    }
  }

  @Test(arguments: instructionSets) func everyLengthAndAlignment(_ isa: Int) throws {
    let lengths = Array(1...67) + Array(1023...1030)
    for count in lengths {
      for offset in [0, 1, 7] {
        var numbers = Numbers(UInt64(count))
        let x = GuardedBuffer(numbers.floats(count), canary: Float.canary, offset: offset)
        let y = GuardedBuffer(numbers.floats(count), canary: Float.canary, offset: 3)
        let z = GuardedBuffer(count: count, canary: Float.canary, offset: offset)
        var program = TileProgram(Float.self, count: count)
        program.load()
        program.load()
        let difference = program.add(Int(ESP_OP_SUB), 0, 1)
        program.store(program.add(Int(ESP_OP_MAX), difference, 1))
        #expect(try program.prepared(isa: isa).run([x, y], [z], cuts: [0, count]))
        #expect(z.isIntact)
        #expect(z.values == zip(x.values, y.values).map { max($0 - $1, $1) })
      }
    }
  }
}
