import CKernels
import Testing

@Suite struct PointwiseReductionTests {
  static let kinds = [ESP_REDUCE_SUM, ESP_REDUCE_MAX, ESP_REDUCE_MIN, ESP_REDUCE_PROD, ESP_REDUCE_DOT]
  static let shapes = [
    [1, 1], [3, 1], [1, 7], [2000, 1], [5000, 3], [700, 10], [40000, 16], [3000, 17], [500, 64], [333, 100],
    [20, 1024], [30, 1025], [7, 3000], [2, 70000],
  ]

  func reference(_ kind: Int, _ x: [Double], _ y: [Double]) -> Double {
    switch kind {
    case ESP_REDUCE_MAX: return x.max() ?? -.infinity
    case ESP_REDUCE_MIN: return x.min() ?? .infinity
    case ESP_REDUCE_PROD: return x.reduce(1, *)
    case ESP_REDUCE_DOT: return zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
    default: return x.reduce(0, +)
    }
  }

  /// Everything, each column and each row of x and y, in double precision.
  func expected(_ kind: Int, _ x: [Double], _ y: [Double], _ rows: Int, _ columns: Int) -> [[Double]] {
    let byColumn = (0..<columns).map { c in
      let at = (0..<rows).map { $0 * columns + c }
      return reference(kind, at.map { x[$0] }, at.map { y[$0] })
    }
    let byRow = (0..<rows).map { r in
      reference(kind, Array(x[r * columns..<(r + 1) * columns]), Array(y[r * columns..<(r + 1) * columns]))
    }
    return [[reference(kind, x, y)], byColumn, byRow]
  }

  func check<T: ComputeScalar>(
    _ kind: Int, _ shape: [Int], _ x: [T], _ y: [T], isa: Int, canary: T, real: (T) -> Double, tolerance: Double
  ) throws {
    let (rows, columns) = (shape[0], shape[1])
    var program = TileProgram(T.self, count: rows * columns)
    program.rowLength = columns
    program.load()
    program.load()
    // A store of the same pass, and reductions of what is computed in it: y - (y - x) is not x, so take twice x.
    let twice = program.add(Int(ESP_OP_ADD), 0, 0)
    program.store(twice)
    for scope in [ESP_SCOPE_ALL, ESP_SCOPE_CHANNEL, ESP_SCOPE_ROW] {
      program.reduce(kind, scope, twice, 1)
    }
    let plan = try program.prepared(isa: isa)
    let inputs = [GuardedBuffer(x, canary: canary, offset: 1), GuardedBuffer(y, canary: canary)]
    var first: [[T]] = []
    for step in [1, 3, 100] {
      let outputs = [rows * columns, 1, columns, rows].map { GuardedBuffer(count: $0, canary: canary) }
      #expect(plan.runChunks(inputs, outputs, step: step))
      #expect(outputs.allSatisfy { $0.isIntact })
      if first.isEmpty { first = outputs.map(\.values) }
      #expect(outputs.map(\.values) == first)
    }
    let wanted = expected(kind, first[0].map(real), y.map(real), rows, columns)
    for (got, wanted) in zip(first.dropFirst(), wanted) {
      // Rounding errors add up like a random walk.
      let walk = kind == ESP_REDUCE_MAX || kind == ESP_REDUCE_MIN ? 1 : Double(rows * columns).squareRoot()
      let close = zip(got, wanted).allSatisfy { got, wanted in
        abs(real(got) - wanted) <= tolerance * walk * (kind == ESP_REDUCE_PROD ? abs(wanted) : max(1, abs(wanted)))
      }
      #expect(close, "\(kind) of \(shape)")
    }
  }

  @Test(arguments: shapes, instructionSets) func floats(_ shape: [Int], _ isa: Int) throws {
    let count = shape[0] * shape[1]
    var numbers = Numbers(UInt64(count))
    for kind in Self.kinds {
      // Products near 1 neither vanish nor overflow.
      let range: ClosedRange<Float> = kind == ESP_REDUCE_PROD ? 0.4995...0.5005 : -2...2
      let x = numbers.floats(count, in: range)
      let y = numbers.floats(count)
      try check(kind, shape, x, y, isa: isa, canary: Float.canary, real: Double.init, tolerance: 3e-6)
      try check(
        kind, shape, x.map(Double.init), y.map(Double.init), isa: isa, canary: Double.canary, real: { $0 },
        tolerance: 1e-12)
    }
  }

  @Test(arguments: shapes, instructionSets) func integers(_ shape: [Int], _ isa: Int) throws {
    let count = shape[0] * shape[1]
    var numbers = Numbers(UInt64(count))
    let x = (0..<count).map { _ in Int32.random(in: -9...9, using: &numbers) }
    let y = (0..<count).map { _ in Int32.random(in: -9...9, using: &numbers) }
    for kind in Self.kinds where kind != ESP_REDUCE_PROD {
      try check(kind, shape, x, y, isa: isa, canary: Int32.canary, real: Double.init, tolerance: 0)
      try check(
        kind, shape, x.map(Int64.init), y.map(Int64.init), isa: isa, canary: Int64.canary, real: { Double($0) },
        tolerance: 0)
    }
  }

  @Test(arguments: instructionSets) func integerSumsAndProductsWrap(_ isa: Int) throws {
    let x = (0..<3000).map { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) | 1 }
    var program = TileProgram(Int32.self, count: x.count)
    program.load()
    program.reduce(ESP_REDUCE_SUM, ESP_SCOPE_ALL, 0)
    program.reduce(ESP_REDUCE_PROD, ESP_SCOPE_ALL, 0)
    let outputs = (0..<2).map { _ in GuardedBuffer(count: 1, canary: Int32.canary) }
    #expect(try program.prepared(isa: isa).runChunks([GuardedBuffer(x, canary: Int32.canary)], outputs))
    #expect(outputs[0].values == [x.reduce(0, &+)])
    #expect(outputs[1].values == [x.reduce(1, &*)])
  }

  /// Long f32 sums are as exact as their blocks: 2^24 ones, and a tiny variance around a large mean.
  @Test func longSumsLoseNothing() throws {
    let count = 1 << 24
    var program = TileProgram(Float.self, count: count)
    program.load(ESP_LOAD_SCALAR)
    program.rowLength = 64
    program.reduce(ESP_REDUCE_SUM, ESP_SCOPE_ALL, 0)
    program.reduce(ESP_REDUCE_SUM, ESP_SCOPE_CHANNEL, 0, scale: 1 / Double(count / 64))
    let all = GuardedBuffer(count: 1, canary: Float.canary)
    let mean = GuardedBuffer(count: 64, canary: Float.canary)
    #expect(try program.prepared().runChunks([GuardedBuffer([Float(1.1)], canary: Float.canary)], [all, mean]))
    #expect(abs(Double(all.values[0]) / (Double(Float(1.1)) * Double(count)) - 1) < 3e-7)
    #expect(mean.values.allSatisfy { abs($0 - 1.1) < 3e-7 })
  }

  @Test(arguments: instructionSets) func nanWinsAMaximumAndAMinimum(_ isa: Int) throws {
    for position in [0, 17, 999, 1999] {
      var x = (0..<2000).map { Float($0) }
      x[position] = .nan
      var program = TileProgram(Float.self, count: 2000)
      program.load()
      program.rowLength = 20
      program.reduce(ESP_REDUCE_MAX, ESP_SCOPE_ALL, 0)
      program.reduce(ESP_REDUCE_MIN, ESP_SCOPE_CHANNEL, 0)
      program.reduce(ESP_REDUCE_MAX, ESP_SCOPE_ROW, 0)
      let outputs = [1, 20, 100].map { GuardedBuffer(count: $0, canary: Float.canary) }
      #expect(try program.prepared(isa: isa).runChunks([GuardedBuffer(x, canary: Float.canary)], outputs))
      #expect(outputs[0].values[0].isNaN)
      #expect(outputs[1].values.map(\.isNaN) == (0..<20).map { $0 == position % 20 })
      #expect(outputs[2].values.map(\.isNaN) == (0..<100).map { $0 == position / 20 })
    }
  }

  @Test func nothingReducesToTheIdentity() throws {
    var program = TileProgram(Float.self, count: 0)
    program.rowLength = 4
    program.load()
    for kind in Self.kinds { program.reduce(kind, ESP_SCOPE_CHANNEL, 0, 0) }
    let outputs = Self.kinds.map { _ in GuardedBuffer(count: 4, canary: Float.canary) }
    #expect(try program.prepared().runChunks([GuardedBuffer([Float(0)], canary: 0)], outputs))
    #expect(outputs.map { $0.values[3] } == [0, -.infinity, .infinity, 1, 0])
  }

  /// The statistics of batch normalisation, in double precision.
  @Test(arguments: instructionSets) func moments(_ isa: Int) throws {
    let (rows, channels) = (4000, 32)
    var numbers = Numbers(6)
    let x = numbers.floats(rows * channels, in: 9...10)
    var program = TileProgram(Float.self, count: x.count)
    program.rowLength = channels
    program.load()
    program.reduce(ESP_REDUCE_SUM, ESP_SCOPE_CHANNEL, 0, dtype: ESP_F64)
    program.reduce(ESP_REDUCE_DOT, ESP_SCOPE_CHANNEL, 0, 0, dtype: ESP_F64, scale: 1 / Double(rows))
    let sums = GuardedBuffer(count: channels, canary: 9.0)
    let squares = GuardedBuffer(count: channels, canary: 9.0)
    #expect(try program.prepared(isa: isa).runChunks([GuardedBuffer(x, canary: Float.canary)], [sums, squares]))
    for c in 0..<channels {
      let column = stride(from: c, to: x.count, by: channels).map { Double(x[$0]) }
      let mean = column.reduce(0, +) / Double(rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      let got = squares.values[c] - sums.values[c] * sums.values[c] / Double(rows * rows)
      #expect(abs(got - variance) < 1e-5)
    }
  }

  /// Means and variances of columns far from zero, of all rows in chunks and in parts of the caller's own.
  @Test(arguments: shapes, instructionSets) func variances(_ shape: [Int], _ isa: Int) throws {
    let (rows, columns) = (shape[0], shape[1])
    var numbers = Numbers(UInt64(rows + columns))
    let x = numbers.floats(rows * columns, in: 500...501)
    var program = TileProgram(Float.self, count: rows * columns)
    program.rowLength = columns
    program.load()
    program.reduce(ESP_REDUCE_SUM, ESP_SCOPE_CHANNEL, 0, scale: 1 / Double(rows))
    program.reduce(ESP_REDUCE_VARIANCE, ESP_SCOPE_CHANNEL, 0)
    let plan = try program.prepared(isa: isa)
    let input = GuardedBuffer(x, canary: Float.canary, offset: 1)
    var first: [[Float]] = []
    for step in [1, 3, 100] {
      let outputs = [columns, columns].map { GuardedBuffer(count: $0, canary: Float.canary) }
      #expect(plan.runChunks([input], outputs, step: step))
      #expect(outputs.allSatisfy { $0.isIntact })
      if first.isEmpty { first = outputs.map(\.values) }
      #expect(outputs.map(\.values) == first)
    }
    for c in 0..<columns {
      let column = (0..<rows).map { Double(x[$0 * columns + c]) }
      let mean = column.reduce(0, +) / Double(rows)
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)
      guard abs(Double(first[0][c]) - mean) < 1e-4, abs(Double(first[1][c]) - variance) <= 1e-5 * max(variance, 1e-3)
      else {
        Issue.record("column \(c) of \(shape): \(first[0][c]) ± \(first[1][c]), not \(mean) ± \(variance)")
        return
      }
    }
  }
}
