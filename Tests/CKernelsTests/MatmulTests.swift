import CKernels
import Testing

struct MatmulCase: Sendable, CustomTestStringConvertible {
  var extents: (m: Int, n: Int, k: Int)
  var transposes = (false, false)
  /// Columns of each stored matrix that do not belong to it.
  var slack = 0

  var testDescription: String { "\(extents) transposed \(transposes) slack \(slack)" }

  var shape: esp_matmul_shape {
    esp_matmul_shape(
      m: extents.m, n: extents.n, k: extents.k, transpose_a: transposes.0 ? 1 : 0, transpose_b: transposes.1 ? 1 : 0,
      lda: (transposes.0 ? extents.m : extents.k) + slack, ldb: (transposes.1 ? extents.k : extents.n) + slack,
      ldc: extents.n + slack)
  }

  static let table: [MatmulCase] = {
    var cases: [MatmulCase] = []
    for a in [false, true] {
      for b in [false, true] {
        for extents in [
          (1, 1, 1), (5, 7, 3), (13, 33, 17), (40, 48, 64), (129, 10, 65), (3, 100, 0), (0, 4, 4), (4, 0, 4),
        ] {
          cases.append(MatmulCase(extents: extents, transposes: (a, b), slack: extents.0 % 4))
        }
        cases.append(MatmulCase(extents: (7, 20, 4100), transposes: (a, b)))
        cases.append(MatmulCase(extents: (30, 20, 1024), transposes: (a, b)))
      }
    }
    return cases
  }()
}

@Suite struct MatmulTests {
  /// The product by its definition, in double precision; slack columns of c are nil.
  private func product<T: BinaryFloatingPoint>(_ s: esp_matmul_shape, _ a: [T], _ b: [T]) -> [Double?] {
    var c = [Double?](repeating: nil, count: s.m * s.ldc)
    for row in 0..<s.m {
      for column in 0..<s.n {
        var sum = 0.0
        for i in 0..<s.k {
          let x = s.transpose_a == 1 ? a[i * s.lda + row] : a[row * s.lda + i]
          let y = s.transpose_b == 1 ? b[column * s.ldb + i] : b[i * s.ldb + column]
          sum += Double(x) * Double(y)
        }
        c[row * s.ldc + column] = sum
      }
    }
    return c
  }

  private func counts(_ s: esp_matmul_shape) -> (a: Int, b: Int) {
    ((s.transpose_a == 1 ? s.k : s.m) * s.lda, (s.transpose_b == 1 ? s.n : s.k) * s.ldb)
  }

  private func run(
    _ shape: esp_matmul_shape, isa: Int32, a: [Float], b: [Float], initial: Float, unitsPerCall: Int,
    bias: [Float]? = nil, inPlace: Bool = false, activation: Int = ESP_ACTIVATION_NONE
  ) throws -> [Float] {
    var plan = esp_matmul_plan()
    withUnsafePointer(to: shape) { esp_f32_matmul_plan($0, isa, &plan) }
    let packed = GuardedBuffer(count: plan.packed_bytes / 4, canary: Float(3))
    let scratch = GuardedBuffer(count: plan.scratch_bytes / 4, canary: Float(4))
    let c = GuardedBuffer(count: shape.m * shape.ldc, canary: initial)
    let biases = bias.map { GuardedBuffer($0, canary: Float.nan) }
    for part in 0..<2 { esp_f32_matmul_pack(&plan, b, packed.pointer, part, 2) }
    var epilogue = esp_conv_epilogue()
    epilogue.bias = UnsafePointer(biases?.pointer)
    epilogue.activation = Int32(activation)
    if inPlace { epilogue.residual = UnsafePointer(c.pointer) }
    var end = plan.units
    while end > 0 {
      let begin = max(0, end - unitsPerCall)
      esp_f32_matmul_run(&plan, a, packed.pointer, c.pointer, begin, end, scratch.pointer, &epilogue)
      end = begin
    }
    #expect(packed.isIntact && scratch.isIntact && c.isIntact)
    return c.values
  }

  @Test(arguments: MatmulCase.table, ConvolutionCase.levels)
  func singlePrecisionAgreesWithTheDefinition(_ row: MatmulCase, isa: Int32) throws {
    let shape = row.shape
    var values = TestValues(seed: 5)
    let (a, b) = (values.array(counts(shape).a), values.array(counts(shape).b))
    let c = try run(shape, isa: isa, a: a, b: b, initial: 99, unitsPerCall: 1)
    let expected = product(shape, a, b).map { $0 ?? 99 }
    #expect(largestDifference(c, expected) <= 2e-6 * Double(max(shape.k, 4)).squareRoot())
    let again = try run(shape, isa: isa, a: a, b: b, initial: 99, unitsPerCall: 100)
    #expect(again == c)

    let bias = values.array(shape.n)
    let finished = try run(
      shape, isa: isa, a: a, b: b, initial: 0.25, unitsPerCall: 2, bias: bias, inPlace: true,
      activation: ESP_ACTIVATION_RELU)
    let wanted = product(shape, a, b).enumerated().map { i, sum in
      sum.map { max(0, $0 + Double(bias[i % shape.ldc]) + 0.25) } ?? 0.25
    }
    #expect(largestDifference(finished, wanted) <= 2e-6 * Double(max(shape.k, 4)).squareRoot())
  }

  @Test(arguments: MatmulCase.table)
  func plainLoopsAgreeWithTheDefinition(_ row: MatmulCase) {
    var shape = row.shape
    var values = TestValues(seed: 5)
    let a = (0..<counts(shape).a).map { _ in Double(values.next()) }
    let b = (0..<counts(shape).b).map { _ in Double(values.next()) }
    var c = [Double](repeating: 99, count: shape.m * shape.ldc)
    esp_f64_matmul(&shape, a, b, &c, 0, shape.m / 2)
    esp_f64_matmul(&shape, a, b, &c, shape.m / 2, shape.m)
    #expect(largestDifference(c, product(shape, a, b).map { $0 ?? 99 }) <= 1e-11)

    let (p, q) = (a.map { Int32($0 * 100) }, b.map { Int32($0 * 100) })
    let exact = product(shape, p.map(Double.init), q.map(Double.init))
    var narrow = [Int32](repeating: 99, count: shape.m * shape.ldc)
    esp_i32_matmul(&shape, p, q, &narrow, 0, shape.m)
    #expect(narrow.map(Double.init) == exact.map { $0 ?? 99 })
    var wide = [Int64](repeating: 99, count: shape.m * shape.ldc)
    esp_i64_matmul(&shape, p.map(Int64.init), q.map(Int64.init), &wide, 0, shape.m)
    #expect(wide.map(Double.init) == exact.map { $0 ?? 99 })
  }

  @Test func integerProductsWrapAround() {
    var shape = MatmulCase(extents: (1, 1, 2)).shape
    var c: [Int32] = [0]
    esp_i32_matmul(&shape, [.max, .max], [2, 1], &c, 0, 1)
    #expect(c == [Int32.max &* 2 &+ Int32.max])
  }
}
