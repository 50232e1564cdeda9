import CKernels
import Foundation
import Testing

@Suite struct SoftmaxTests {
  static let classes = [1, 2, 10, 15, 16, 17, 100, 1001]
  let rows = 5

  func logits(_ classes: Int) -> [Double] {
    var numbers = Numbers(UInt64(classes))
    // Large enough to overflow if the greatest were not subtracted first.
    return numbers.floats(rows * classes, in: -300...300).map(Double.init)
  }

  func row(_ x: [Double], _ r: Int, _ classes: Int) -> [Double] { Array(x[r * classes..<(r + 1) * classes]) }

  func logSoftmax(_ x: [Double]) -> [Double] {
    let most = x.max() ?? 0
    let sum = x.reduce(0) { $0 + exp($1 - most) }
    return x.map { $0 - most - log(sum) }
  }

  func isClose(_ got: [Float], _ expected: [Double], _ tolerance: Double = 2e-6) -> Bool {
    zip(got, expected).allSatisfy { abs(Double($0) - $1) <= tolerance * (1 + abs($1)) }
  }

  func each(_ run: (Int, Int) -> Void) {
    for r in (0..<rows).reversed() { run(r, r + 1) }
  }

  @Test(arguments: classes) func probabilities(_ classes: Int) {
    let x = logits(classes)
    let floats = x.map { Float($0) }
    let expected = (0..<rows).flatMap { logSoftmax(row(floats.map(Double.init), $0, classes)) }
    let inPlace = GuardedBuffer(floats, canary: Float.canary, offset: 1)
    let logs = GuardedBuffer(count: x.count, canary: Float.canary)
    let doubles = GuardedBuffer(x, canary: Double.canary)
    each {
      esp_log_softmax(Int32(ESP_F32), classes, inPlace.pointer, logs.pointer, $0, $1)
      esp_softmax(Int32(ESP_F32), classes, inPlace.pointer, inPlace.pointer, $0, $1)
      esp_softmax(Int32(ESP_F64), classes, doubles.pointer, doubles.pointer, $0, $1)
    }
    #expect(inPlace.isIntact && logs.isIntact && doubles.isIntact)
    #expect(isClose(logs.values, expected) && isClose(inPlace.values, expected.map { exp($0) }))
    let exact = (0..<rows).flatMap { logSoftmax(row(x, $0, classes)) }.map { exp($0) }
    #expect(zip(doubles.values, exact).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test(arguments: classes) func gradientOfProbabilities(_ classes: Int) {
    var numbers = Numbers(3)
    let y = numbers.floats(rows * classes, in: 0...1)
    let dy = GuardedBuffer(numbers.floats(rows * classes), canary: Float.canary)
    let expected = (0..<rows).flatMap { r -> [Double] in
      let ys = row(y.map(Double.init), r, classes)
      let dys = row(dy.values.map(Double.init), r, classes)
      let sum = zip(ys, dys).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(ys, dys).map { ($1 - sum) * $0 }
    }
    each { esp_softmax_gradient(Int32(ESP_F32), classes, y, dy.pointer, dy.pointer, $0, $1) }
    #expect(dy.isIntact && isClose(dy.values, expected, 1e-5))
  }

  @Test(arguments: classes) func crossEntropiesAndTheirGradients(_ classes: Int) {
    let x = logits(classes).map { Float($0 / 50) }
    let labels = (0..<rows).map { Int32($0 * 7 % classes) }
    let oneHot = labels.flatMap { label in (0..<classes).map { Float($0 == Int(label) ? 1 : 0) } }
    let logs = (0..<rows).map { logSoftmax(row(x.map(Double.init), $0, classes)) }
    let loss = zip(labels, logs).map { -$1[Int($0)] }
    let gradient = zip(logs.flatMap { $0 }, oneHot).map { exp($0) - Double($1) }
    let sparse = GuardedBuffer(count: rows, canary: Float.canary)
    let dense = GuardedBuffer(count: rows, canary: Float.canary)
    let sparseGradient = GuardedBuffer(x, canary: Float.canary)
    let denseGradient = GuardedBuffer(x, canary: Float.canary)
    each {
      let bad = esp_sparse_cross_entropy(
        Int32(ESP_F32), Int32(ESP_I32), classes, sparseGradient.pointer, labels, sparse.pointer,
        sparseGradient.pointer, $0, $1)
      #expect(bad == -1)
      esp_cross_entropy(
        Int32(ESP_F32), classes, denseGradient.pointer, oneHot, dense.pointer, denseGradient.pointer, $0, $1)
    }
    #expect(sparse.isIntact && dense.isIntact && sparseGradient.isIntact && denseGradient.isIntact)
    #expect(isClose(sparse.values, loss) && isClose(dense.values, loss))
    #expect(isClose(sparseGradient.values, gradient) && isClose(denseGradient.values, gradient))
    let alone = GuardedBuffer(count: rows, canary: Float.canary)
    _ = esp_sparse_cross_entropy(
      Int32(ESP_F32), Int32(ESP_I64), classes, x, labels.map { Int64($0) }, alone.pointer, nil, 0, rows)
    #expect(alone.values == sparse.values)
  }

  @Test func badLabelsAreReported() {
    let x = [Float](repeating: 1, count: 12)
    var loss = [Float](repeating: 0, count: 4)
    var dx = [Float](repeating: 0, count: 12)
    let bad = esp_sparse_cross_entropy(
      Int32(ESP_F32), Int32(ESP_I64), 3, x, [Int64](arrayLiteral: 2, -1, 0, 3), &loss, &dx, 0, 4)
    #expect(bad == 1)
    #expect(loss.map { $0.isNaN } == [false, true, false, true])
    #expect(dx[3...5].allSatisfy { $0.isNaN } && dx[6...8].allSatisfy { !$0.isNaN })
  }

  @Test func aLabelOfZeroIgnoresAnImpossibleClass() {
    var loss: [Double] = [0]
    esp_cross_entropy(Int32(ESP_F64), 2, [0, -Double.infinity], [1.0, 0], &loss, nil, 0, 1)
    #expect(loss == [0])
  }
}
