import CKernels
import Testing

/// An element type that memory may have, and its conversions to and from double said plainly.
protocol StoredScalar: BitwiseCopyable & Equatable & Sendable {}
extension Int8: StoredScalar {}
extension UInt8: StoredScalar {}
extension Int16: StoredScalar {}
extension UInt16: StoredScalar {}
extension UInt32: StoredScalar {}
extension UInt64: StoredScalar {}
extension Int32: StoredScalar {}
extension Int64: StoredScalar {}
extension Float: StoredScalar {}
extension Double: StoredScalar {}

@Suite struct PointwiseConversionTests {
  /// Loads values of one type and stores them as another.
  func convert<From: StoredScalar, To: StoredScalar, T: ComputeScalar>(
    _ values: [From], _ from: Int, _ to: Int, canary: To, in: T.Type, isa: Int
  ) throws -> [To] {
    var program = TileProgram(T.self, count: values.count)
    program.load(dtype: from)
    program.store(0, dtype: to)
    let input = GuardedBuffer(values, canary: values[0], offset: 1)
    let output = GuardedBuffer(count: values.count, canary: canary, offset: 1)
    #expect(try program.prepared(isa: isa).run([input], [output], cuts: [0, 3, values.count]))
    #expect(output.isIntact)
    return output.values
  }

  static let floats: [Float] = [
    0, -0.0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.9, 127.9, 128, 255, 256, -128, -129, 32767, 32768, 65535, 65536, 65504,
    65520,
    2_147_483_520, 2_147_483_648, -2_147_483_648, 4_294_967_040, 4_294_967_296, 9.223372e18, 1e19, 3e38, -3e38, 1e-8,
    6e-8, Float.leastNonzeroMagnitude, .infinity, -.infinity, .nan, 5.9604645e-08, 2.9802322e-08, 3.1415927, 6.1e-5,
  ]

  func wide(_ x: Float) -> Int64 { x >= -9.223372e18 && x < 9.223372e18 ? Int64(x) : .min }
  func narrow(_ x: Float) -> Int32 { x >= -2_147_483_648 && x < 2_147_483_648 ? Int32(x) : .min }

  @Test(arguments: instructionSets) func floatsBecomeIntegersByTruncation(_ isa: Int) throws {
    let x = Self.floats
    let f32 = ESP_F32
    #expect(
      try convert(x, f32, ESP_I8, canary: Int8(5), in: Float.self, isa: isa)
        == x.map { Int8(truncatingIfNeeded: narrow($0)) })
    #expect(
      try convert(x, f32, ESP_U8, canary: UInt8(5), in: Float.self, isa: isa)
        == x.map { UInt8(truncatingIfNeeded: narrow($0)) })
    #expect(
      try convert(x, f32, ESP_I16, canary: Int16(5), in: Float.self, isa: isa)
        == x.map { Int16(truncatingIfNeeded: narrow($0)) })
    #expect(
      try convert(x, f32, ESP_U16, canary: UInt16(5), in: Float.self, isa: isa)
        == x.map { UInt16(truncatingIfNeeded: narrow($0)) })
    #expect(try convert(x, f32, ESP_I32, canary: Int32(5), in: Float.self, isa: isa) == x.map { narrow($0) })
    #expect(
      try convert(x, f32, ESP_U32, canary: UInt32(5), in: Float.self, isa: isa)
        == x.map { UInt32(truncatingIfNeeded: wide($0)) })
    #expect(try convert(x, f32, ESP_I64, canary: Int64(5), in: Float.self, isa: isa) == x.map { wide($0) })
    #expect(try convert(x, f32, ESP_I64, canary: Int64(5), in: Int64.self, isa: isa) == x.map { wide($0) })
    #expect(try convert(x, f32, ESP_I32, canary: Int32(5), in: Int32.self, isa: isa) == x.map { narrow($0) })
    #expect(try convert(x, f32, ESP_I32, canary: Int32(5), in: Double.self, isa: isa) == x.map { narrow($0) })
    #expect(try convert(x, f32, ESP_BOOL, canary: UInt8(5), in: Float.self, isa: isa) == x.map { $0 != 0 ? 1 : 0 })
    let large: [Double] = [0, 1, 9.3e18, 1.8e19, 9_223_372_036_854_775_808]
    #expect(
      try convert(large, ESP_F64, ESP_U64, canary: UInt64(5), in: Double.self, isa: isa) == large.map { UInt64($0) })
  }

  @Test(arguments: instructionSets) func halvesRoundToEven(_ isa: Int) throws {
    let x = Self.floats
    let halves = try convert(x, ESP_F32, ESP_F16, canary: UInt16(5), in: Float.self, isa: isa)
    for (value, half) in zip(x, halves) {
      let expected = Self.half(value)
      #expect(half == expected || (value.isNaN && half & 0x7fff > 0x7c00), "\(value)")
    }
    // Every binary16 there is goes to f32 and back unchanged.
    let all = (0...UInt16.max).filter { $0 & 0x7fff <= 0x7c00 }
    #expect(try convert(all, ESP_F16, ESP_F16, canary: UInt16(5), in: Float.self, isa: isa) == all)
    let asFloats = try convert(all, ESP_F16, ESP_F32, canary: Float(5), in: Float.self, isa: isa)
    for (bits, value) in zip(all, asFloats) where bits & 0x7c00 != 0x7c00 {
      let mantissa = Float(bits & 0x3ff)
      let exponent = Int(bits >> 10 & 31)
      let magnitude =
        exponent == 0
        ? Float(sign: .plus, exponent: -24, significand: mantissa)
        : Float(sign: .plus, exponent: exponent - 25, significand: 1024 + mantissa)
      #expect(value == (bits & 0x8000 == 0 ? magnitude : -magnitude))
    }
  }

  /// Rounds to binary16 through exact arithmetic.
  static func half(_ x: Float) -> UInt16 {
    let sign: UInt16 = x.sign == .minus ? 0x8000 : 0
    let magnitude = abs(Double(x))
    if x.isNaN { return 0x7e00 }
    if magnitude >= 65520 { return sign | 0x7c00 }
    let exponent = magnitude < 0x1p-14 ? -14 : magnitude.exponent
    let steps = (magnitude * Double(sign: .plus, exponent: Int(10 - Int(exponent)), significand: 1))
      .rounded(.toNearestOrEven)
    return sign | UInt16(Int(steps) + (Int(exponent) + 14) * 1024)
  }

  @Test(arguments: instructionSets) func bfloatsRoundToEven(_ isa: Int) throws {
    let x: [Float] = [
      1, -2, 1.00390625, 1.01171875, 1.0078125, 3e38, .greatestFiniteMagnitude, .infinity, -.infinity, .nan,
    ]
    let y = try convert(x, ESP_F32, ESP_BF16, canary: UInt16(5), in: Float.self, isa: isa)
    #expect(y == [0x3f80, 0xc000, 0x3f80, 0x3f82, 0x3f81, 0x7f62, 0x7f80, 0x7f80, 0xff80, 0x7fc0])
    let all = (0...UInt16.max).filter { $0 & 0x7fff <= 0x7f80 }
    #expect(try convert(all, ESP_BF16, ESP_BF16, canary: UInt16(5), in: Float.self, isa: isa) == all)
    #expect(try convert(all, ESP_BF16, ESP_BF16, canary: UInt16(5), in: Double.self, isa: isa) == all)
  }

  func roundTrip<S: StoredScalar & FixedWidthInteger>(_: S.Type, _ dtype: Int, isa: Int) throws {
    var numbers = Numbers(4)
    let x = (0..<200).map { _ in S.random(in: .min ... .max, using: &numbers) } + [.min, .max, 0, 1]
    let small = x.map { S(truncatingIfNeeded: Int8(truncatingIfNeeded: $0)) }
    #expect(try convert(x, dtype, dtype, canary: S(5), in: Int64.self, isa: isa) == x)
    // i32 keeps the low bits of wider integers.
    let narrowed = x.map { S(truncatingIfNeeded: Int32(truncatingIfNeeded: $0)) }
    #expect(try convert(x, dtype, dtype, canary: S(5), in: Int32.self, isa: isa) == narrowed)
    #expect(try convert(x, dtype, ESP_F64, canary: Double(5), in: Double.self, isa: isa) == x.map { Double($0) })
    #expect(try convert(x, dtype, ESP_F32, canary: Float(5), in: Float.self, isa: isa) == x.map { Float($0) })
    let positive = small.map { $0 & 63 }
    #expect(try convert(positive, dtype, dtype, canary: S(5), in: Float.self, isa: isa) == positive)
    #expect(try convert(x, dtype, ESP_BOOL, canary: UInt8(5), in: Int64.self, isa: isa) == x.map { $0 != 0 ? 1 : 0 })
  }

  @Test(arguments: instructionSets) func integersOfEveryWidth(_ isa: Int) throws {
    try roundTrip(Int8.self, ESP_I8, isa: isa)
    try roundTrip(UInt8.self, ESP_U8, isa: isa)
    try roundTrip(Int16.self, ESP_I16, isa: isa)
    try roundTrip(UInt16.self, ESP_U16, isa: isa)
    try roundTrip(Int32.self, ESP_I32, isa: isa)
    try roundTrip(UInt32.self, ESP_U32, isa: isa)
    try roundTrip(Int64.self, ESP_I64, isa: isa)
    try roundTrip(UInt64.self, ESP_U64, isa: isa)
  }

  /// Every kind of load converts, too.
  @Test(arguments: instructionSets) func loadsOfOtherTypesAndShapes(_ isa: Int) throws {
    var program = TileProgram(Float.self, count: 2000)
    program.load(ESP_LOAD_SCALAR, dtype: ESP_U8)
    program.load(ESP_LOAD_CHANNEL, dtype: ESP_I16, period: 10)
    program.load(ESP_LOAD_CHANNEL, dtype: ESP_F64, period: 16)
    program.load(ESP_LOAD_ROW, dtype: ESP_BF16, period: 8)
    program.load(extents: [40, 50], strides: [1, 40], dtype: ESP_I64)
    var sum = 0
    for load in 1..<5 { sum = program.add(Int(ESP_OP_ADD), sum, load) }
    program.store(sum)
    let channels = (0..<16).map { Double($0) / 4 }
    let inputs: [any TileMemory] = [
      GuardedBuffer([UInt8(3)], canary: 0), GuardedBuffer((0..<10).map { Int16($0 * -3) }, canary: 0),
      GuardedBuffer(channels, canary: 0), GuardedBuffer((0..<250).map { UInt16(0x3f80 + $0) }, canary: 0),
      GuardedBuffer((0..<2000).map { Int64($0) }, canary: 0),
    ]
    let output = GuardedBuffer(count: 2000, canary: Float.canary)
    #expect(try program.prepared(isa: isa).run(inputs, [output], cuts: [0, 7, 1030, 2000]))
    let expected = (0..<2000).map { i -> Float in
      let row = Float(bitPattern: UInt32(0x3f80 + i / 8) << 16)
      let strided = Float(i / 50 + i % 50 * 40)
      return 3 - Float(i % 10 * 3) + Float(channels[i % 16]) + row + strided
    }
    #expect(output.values == expected)
  }
}
