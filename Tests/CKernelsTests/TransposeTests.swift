import CKernels
import Testing

@Suite struct TransposeTests {
  struct Row: Sendable {
    let extents: [Int]
    let permutation: [Int]
  }

  static let rows: [Row] = [
    Row(extents: [], permutation: []),
    Row(extents: [5], permutation: [0]),
    Row(extents: [3, 70], permutation: [1, 0]),
    Row(extents: [64, 48], permutation: [1, 0]),
    Row(extents: [2, 7, 9, 20], permutation: [0, 3, 1, 2]),
    Row(extents: [2, 20, 7, 9], permutation: [0, 2, 3, 1]),
    Row(extents: [2, 3, 4, 5], permutation: [3, 2, 1, 0]),
    Row(extents: [2, 3, 4, 5], permutation: [1, 0, 2, 3]),
    Row(extents: [2, 3, 4, 5], permutation: [0, 1, 2, 3]),
    Row(extents: [1, 3, 1, 5], permutation: [2, 3, 0, 1]),
    Row(extents: [2, 3, 2, 2, 3, 4], permutation: [5, 0, 3, 1, 4, 2]),
    Row(extents: [2, 0, 3], permutation: [2, 1, 0]),
  ]

  private func reference<T>(_ row: Row, _ x: [T]) -> [T] {
    let rank = row.extents.count
    var strides = [Int](repeating: 1, count: rank)
    for i in stride(from: rank - 2, through: 0, by: -1) { strides[i] = strides[i + 1] * row.extents[i + 1] }
    return x.indices.map { index in
      var rest = index
      var from = 0
      for i in stride(from: rank - 1, through: 0, by: -1) {
        let axis = row.permutation[i]
        from += rest % row.extents[axis] * strides[axis]
        rest /= row.extents[axis]
      }
      return x[from]
    }
  }

  private func check<T: FixedWidthInteger & BitwiseCopyable>(_ row: Row, _ type: T.Type) {
    let count = row.extents.reduce(1, *)
    let x = (0..<count).map { T(truncatingIfNeeded: $0 &* 2_654_435_761) }
    let y = GuardedBuffer<T>(count: count, canary: 77)
    var plan = esp_transpose_plan()
    #expect(
      esp_transpose_plan_make(row.extents.count, row.extents, row.permutation, MemoryLayout<T>.size, &plan) == 0)
    for unit in (0..<plan.units).reversed() { esp_transpose_bytes(&plan, x, y.pointer, unit, unit + 1) }
    #expect(y.values == reference(row, x))
    #expect(y.isIntact)
    let again = GuardedBuffer<T>(count: count, canary: 78)
    esp_transpose_bytes(&plan, x, again.pointer, 0, plan.units)
    #expect(again.values == y.values)
  }

  @Test(arguments: rows)
  func axesArePermuted(_ row: Row) {
    check(row, UInt8.self)
    check(row, UInt16.self)
    check(row, UInt32.self)
    check(row, UInt64.self)
    check(row, UInt128.self)
  }

  @Test func whatIsNoPermutationIsRefused() {
    var plan = esp_transpose_plan()
    #expect(esp_transpose_plan_make(2, [3, 4], [0, 0], 4, &plan) == -1)
    #expect(esp_transpose_plan_make(2, [3, 4], [0, 2], 4, &plan) == -1)
    #expect(esp_transpose_plan_make(9, [Int](repeating: 1, count: 9), Array(0..<9), 4, &plan) == -1)
  }
}
