import CKernels
import Testing

/// A number type with its C pools.
protocol PoolNumber: BinaryFloatingPoint & BitwiseCopyable & Sendable {
  typealias Unary = (
    Int32, UnsafePointer<esp_pool_shape>, UnsafePointer<Self>, UnsafeMutablePointer<Self>, Int, Int
  ) -> Void
  typealias Binary = (
    Int32, UnsafePointer<esp_pool_shape>, UnsafePointer<Self>, UnsafePointer<Self>, UnsafeMutablePointer<Self>, Int, Int
  ) -> Void
  static var maxForward: Unary { get }
  static var averageForward: Unary { get }
  static var averageBackward: Unary { get }
  static var maxBackward: Binary { get }
  static var maxGather: Binary { get }
}

extension Float: PoolNumber {
  static var maxForward: Unary { { esp_f32_max_pool_forward($0, $1, $2, $3, $4, $5) } }
  static var averageForward: Unary { { esp_f32_average_pool_forward($0, $1, $2, $3, $4, $5) } }
  static var averageBackward: Unary { { esp_f32_average_pool_backward($0, $1, $2, $3, $4, $5) } }
  static var maxBackward: Binary { { esp_f32_max_pool_backward($0, $1, $2, $3, $4, $5, $6) } }
  static var maxGather: Binary { { esp_f32_max_pool_gather($0, $1, $2, $3, $4, $5, $6) } }
}

extension Double: PoolNumber {
  static var maxForward: Unary { { esp_f64_max_pool_forward($0, $1, $2, $3, $4, $5) } }
  static var averageForward: Unary { { esp_f64_average_pool_forward($0, $1, $2, $3, $4, $5) } }
  static var averageBackward: Unary { { esp_f64_average_pool_backward($0, $1, $2, $3, $4, $5) } }
  static var maxBackward: Binary { { esp_f64_max_pool_backward($0, $1, $2, $3, $4, $5, $6) } }
  static var maxGather: Binary { { esp_f64_max_pool_gather($0, $1, $2, $3, $4, $5, $6) } }
}

struct PoolCase: Sendable, CustomTestStringConvertible {
  var n = 2
  var size = (7, 9)
  var channels = 5
  var kernel = (3, 2)
  var stride = (2, 1)
  var pad = [0, 0, 0, 0]

  var testDescription: String { "\(n)x\(size)x\(channels) kernel \(kernel) stride \(stride) pad \(pad)" }

  var shape: esp_pool_shape {
    esp_pool_shape(
      n: n, h: size.0, w: size.1, c: channels, kh: kernel.0, kw: kernel.1, stride_h: stride.0, stride_w: stride.1,
      pad_top: pad[0], pad_left: pad[2], oh: (size.0 + pad[0] + pad[1] - kernel.0) / stride.0 + 1,
      ow: (size.1 + pad[2] + pad[3] - kernel.1) / stride.1 + 1)
  }

  static let table: [PoolCase] = {
    var cases: [PoolCase] = []
    for channels in [1, 3, 8, 16, 17, 48] {
      for stride in 1...3 {
        cases.append(PoolCase(channels: channels, kernel: (3, 3), stride: (stride, stride), pad: [1, 1, 0, 1]))
        cases.append(PoolCase(channels: channels, kernel: (2, 2), stride: (stride, 3)))
      }
    }
    cases.append(PoolCase(size: (5, 5), kernel: (5, 5)))
    cases.append(PoolCase(size: (3, 3), kernel: (1, 1), stride: (1, 1), pad: [2, 0, 1, 0]))
    cases.append(PoolCase(n: 0))
    return cases
  }()
}

@Suite(.serialized) struct PoolTests {
  /// The pixels of a window, in row-major order.
  private func window(_ s: esp_pool_shape, _ oy: Int, _ ox: Int) -> [(Int, Int)] {
    var pixels: [(Int, Int)] = []
    for ky in 0..<s.kh {
      for kx in 0..<s.kw {
        let (y, x) = (oy * s.stride_h - s.pad_top + ky, ox * s.stride_w - s.pad_left + kx)
        if y >= 0, y < s.h, x >= 0, x < s.w { pixels.append((y, x)) }
      }
    }
    return pixels
  }

  /// Calls `body` with every output's index and the indices in x of its window.
  private func forEachWindow(_ s: esp_pool_shape, _ body: (Int, [Int]) -> Void) {
    for output in 0..<(s.n * s.oh * s.ow) {
      let pixels = window(s, output / s.ow % s.oh, output % s.ow)
      for c in 0..<s.c {
        let n = output / s.ow / s.oh
        body(output * s.c + c, pixels.map { ((n * s.h + $0.0) * s.w + $0.1) * s.c + c })
      }
    }
  }

  private func apply<T: PoolNumber>(_ count: Int, rows: Int, _ call: (UnsafeMutablePointer<T>, Int, Int) -> Void)
    -> [T]
  {
    let whole = GuardedBuffer<T>(count: count, canary: 123)
    call(whole.pointer, 0, rows)
    let byRow = GuardedBuffer<T>(count: count, canary: 124)
    for row in (0..<rows).reversed() { call(byRow.pointer, row, row + 1) }
    #expect(whole.values == byRow.values)
    #expect(whole.isIntact && byRow.isIntact)
    return whole.values
  }

  private func check<T: PoolNumber>(_ s: esp_pool_shape, _: T.Type, _ isa: Int32) {
    var shape = s
    var values = TestValues(seed: 11)
    let (inputs, outputs) = (s.n * s.h * s.w * s.c, s.n * s.oh * s.ow * s.c)
    // Few distinct values: windows have several largest pixels.
    let x = (0..<inputs).map { _ in T((values.next() * 3).rounded()) }
    let dy = (0..<outputs).map { _ in T(values.next()) }
    let g = (0..<inputs).map { _ in T(values.next()) }
    var (largest, gathered, mean) = ([Double](), [Double](), [Double]())
    var maxDx = [Double](repeating: 0, count: inputs)
    var meanDx = maxDx
    forEachWindow(s) { output, window in
      let first = window.first { index in window.allSatisfy { x[$0] <= x[index] } }
      largest.append(first.map { Double(x[$0]) } ?? -.infinity)
      gathered.append(first.map { Double(g[$0]) } ?? 0)
      mean.append(window.isEmpty ? 0 : window.map { Double(x[$0]) }.reduce(0, +) / Double(window.count))
      if let first { maxDx[first] += Double(dy[output]) }
      for index in window { meanDx[index] += Double(dy[output]) / Double(window.count) }
    }
    let (rows, dxRows) = (s.n * s.oh, s.n * s.h)
    let y = apply(outputs, rows: rows) { T.maxForward(isa, &shape, x, $0, $1, $2) }
    #expect(y.map { Double($0) } == largest)
    let picked = apply(outputs, rows: rows) { T.maxGather(isa, &shape, x, g, $0, $1, $2) }
    #expect(picked.map { Double($0) } == gathered)
    let average = apply(outputs, rows: rows) { T.averageForward(isa, &shape, x, $0, $1, $2) }
    #expect(largestDifference(average, mean) < 1e-5)
    let dx = apply(inputs, rows: dxRows) { T.maxBackward(isa, &shape, x, dy, $0, $1, $2) }
    #expect(largestDifference(dx, maxDx) < 1e-5)
    let averageDx = apply(inputs, rows: dxRows) { T.averageBackward(isa, &shape, dy, $0, $1, $2) }
    #expect(largestDifference(averageDx, meanDx) < 1e-5)
  }

  @Test(arguments: ConvolutionCase.levels)
  func poolsAgreeWithTheirDefinition(isa: Int32) {
    for row in PoolCase.table {
      check(row.shape, Float.self, isa)
      check(row.shape, Double.self, isa)
    }
  }

  @Test func aNotANumberIsTheLargest() {
    var shape = PoolCase(n: 1, size: (1, 3), channels: 1, kernel: (1, 3), stride: (1, 1)).shape
    for x: [Float] in [[.nan, 1, 2], [1, .nan, 2], [1, 2, .nan]] {
      var y: [Float] = [0]
      esp_f32_max_pool_forward(esp_isa_level(), &shape, x, &y, 0, 1)
      #expect(y[0].isNaN)
    }
  }
}
