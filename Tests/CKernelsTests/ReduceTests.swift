import CKernels
import Testing

/// Reductions and scans of the middle axis of [outer, axis, inner].
@Suite struct ReduceTests {
  static let shapes = [
    [1, 1, 1], [2, 5, 1], [3, 7, 4], [5, 2000, 1], [2, 300, 17], [4, 9, 64], [1, 3, 5000], [6, 1, 3],
  ]

  /// The elements along the axis for each output, in order.
  func lines<T>(_ x: [T], _ shape: [Int]) -> [[T]] {
    let (axis, inner) = (shape[1], shape[2])
    return (0..<shape[0] * inner).map { at in
      (0..<axis).map { x[(at / inner * axis + $0) * inner + at % inner] }
    }
  }

  func floats(_ shape: [Int], in range: ClosedRange<Float> = -2...2) -> [Float] {
    var numbers = Numbers(UInt64(shape[1]))
    return numbers.floats(shape.reduce(1, *), in: range)
  }

  /// Calls `run` for each outer index, the last first.
  func eachOuter(_ outer: Int, _ run: (Int, Int) -> Void) {
    for o in (0..<outer).reversed() { run(o, o + 1) }
  }

  @Test(arguments: shapes) func sumsAndExtremes(_ shape: [Int]) {
    let x = floats(shape)
    let outputs = shape[0] * shape[2]
    let scratch = GuardedBuffer<Double>(count: esp_reduce_scratch_size(shape[2]) / 8, canary: 7)
    for kind in [ESP_REDUCE_SUM, ESP_REDUCE_MAX, ESP_REDUCE_MIN, ESP_REDUCE_PROD] {
      let y = GuardedBuffer(count: outputs, canary: Float.canary)
      eachOuter(shape[0]) {
        esp_reduce(Int32(ESP_F32), Int32(kind), shape[1], shape[2], x, 1, y.pointer, $0, $1, scratch.pointer)
      }
      #expect(y.isIntact && scratch.isIntact)
      for (got, line) in zip(y.values, lines(x, shape)) {
        let exact = line.map(Double.init)
        switch kind {
        case ESP_REDUCE_MAX: #expect(got == line.max())
        case ESP_REDUCE_MIN: #expect(got == line.min())
        case ESP_REDUCE_PROD:
          let product = exact.reduce(1, *)
          #expect(abs(Double(got) - product) <= 1e-5 * abs(product) + 1e-37)
        default: #expect(abs(Double(got) - exact.reduce(0, +)) < 1e-5 * Double(shape[1]).squareRoot())
        }
      }
    }
  }

  @Test func meansAreScaledSumsAndNothingIsTheIdentity() {
    var scratch: [Double] = [0, 0]
    var y: [Float] = [9, 9]
    esp_reduce(Int32(ESP_F32), Int32(ESP_REDUCE_SUM), 4, 1, (1...8).map { Float($0) }, 0.25, &y, 0, 2, &scratch)
    #expect(y == [2.5, 6.5])
    esp_reduce(Int32(ESP_F32), Int32(ESP_REDUCE_MAX), 0, 2, [Float](), 1, &y, 0, 1, &scratch)
    #expect(y == [-.infinity, -.infinity])
    var integers: [Int32] = [0]
    esp_reduce(Int32(ESP_I32), Int32(ESP_REDUCE_SUM), 2, 1, [Int32.max, 1], 1, &integers, 0, 1, &scratch)
    #expect(integers == [.min])
  }

  @Test(arguments: shapes) func allAndAny(_ shape: [Int]) {
    let x = floats(shape).map { UInt8($0 > -1.8 ? 1 : 0) }
    for all in [false, true] {
      let y = GuardedBuffer<UInt8>(count: shape[0] * shape[2], canary: 9)
      eachOuter(shape[0]) { esp_reduce_bool(all ? 1 : 0, shape[1], shape[2], x, y.pointer, $0, $1) }
      #expect(y.isIntact)
      #expect(y.values == lines(x, shape).map { (all ? $0.allSatisfy { $0 == 1 } : $0.contains(1)) ? 1 : 0 })
    }
  }

  @Test(arguments: shapes) func firstExtreme(_ shape: [Int]) {
    let x = floats(shape).map { ($0 * 3).rounded() }
    for minimum in [false, true] {
      let expected = lines(x, shape).map { line in
        line.firstIndex(of: (minimum ? line.min() : line.max()) ?? 0) ?? -1
      }
      let y = GuardedBuffer<Int64>(count: expected.count, canary: 9)
      let narrow = GuardedBuffer<Int32>(count: expected.count, canary: 9)
      let bytes = x.map { Int8($0) }
      eachOuter(shape[0]) {
        _ = esp_arg_max(
          Int32(ESP_F32), minimum ? 1 : 0, Int32(ESP_I64), shape[1], shape[2], x, y.pointer, $0, $1)
        _ = esp_arg_max(
          Int32(ESP_I8), minimum ? 1 : 0, Int32(ESP_I32), shape[1], shape[2], bytes, narrow.pointer, $0, $1)
      }
      #expect(y.isIntact && narrow.isIntact)
      #expect(y.values.map { Int($0) } == expected && narrow.values.map { Int($0) } == expected)
    }
  }

  @Test func extremesPassOverNaNs() {
    var index: [Int64] = [9, 9, 9]
    let x: [Float] = [.nan, 1, 3, .nan, .nan, .nan, -.infinity, .nan, -.infinity]
    #expect(esp_arg_max(Int32(ESP_F32), 0, Int32(ESP_I64), 3, 1, x, &index, 0, 3) == 1)
    #expect(index == [2, 0, 0])
    #expect(esp_arg_max(Int32(ESP_F16), 0, Int32(ESP_I64), 3, 1, x, &index, 0, 3) == 0)
  }

  @Test(arguments: [false, true], [false, true]) func scans(_ exclusive: Bool, _ reverse: Bool) {
    for shape in Self.shapes {
      let x = floats(shape, in: -4...4).map { Int64($0.rounded()) }
      for product in [false, true] {
        let y = GuardedBuffer(x, canary: 9)
        eachOuter(shape[0]) {
          _ = esp_scan(
            Int32(ESP_I64), product ? 1 : 0, exclusive ? 1 : 0, reverse ? 1 : 0, shape[1], shape[2], y.pointer,
            y.pointer, $0, $1)
        }
        let expected = lines(x, shape).map { line -> [Int64] in
          let ordered = reverse ? line.reversed() : line
          var running: Int64 = product ? 1 : 0
          let scanned = ordered.map { value -> Int64 in
            let before = running
            running = product ? running &* value : running &+ value
            return exclusive ? before : running
          }
          return reverse ? scanned.reversed() : scanned
        }
        #expect(y.isIntact)
        #expect(lines(y.values, shape) == expected)
      }
    }
  }

  @Test func scansOfFloats() {
    var y = [Double](repeating: 0, count: 4)
    #expect(esp_scan(Int32(ESP_F64), 0, 0, 0, 4, 1, [0.5, 1, 2, 4], &y, 0, 1) == 1)
    #expect(y == [0.5, 1.5, 3.5, 7.5])
    #expect(esp_scan(Int32(ESP_U8), 0, 0, 0, 4, 1, y, &y, 0, 1) == 0)
  }
}
