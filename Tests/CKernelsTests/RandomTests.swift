import CKernels
import Testing

@Suite struct RandomTests {
  let stream = esp_random_stream(seed: 87_654_321, seed2: 42, start: 0)

  func block(_ stream: esp_random_stream) -> [UInt32] {
    var words: [UInt32] = [0, 0, 0, 0]
    esp_random_block(stream, &words)
    return words
  }

  /// The known answers of Random123's `kat_vectors`, philox4x32 with 10 rounds.
  @Test func knownAnswers() {
    #expect(block(.init(seed: 0, seed2: 0, start: 0)) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    #expect(
      block(.init(seed: .max, seed2: .max, start: .max)) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    #expect(
      block(.init(seed: 0x299f_31d0_a409_3822, seed2: 0x0370_7344_1319_8a2e, start: 0x85a3_08d3_243f_6a88))
        == [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1])
  }

  /// `tf.random.set_seed(5); tf.random.normal([2, 2], seed=1)` as TensorFlow's documentation of it prints.
  @Test func normalNumbersOfTensorFlow() {
    var y: [Float] = [0, 0, 0, 0]
    esp_random_normal_f32(.init(seed: 5, seed2: 1, start: 0), 0, 4, &y)
    let expected: [Float] = [-1.3768897, -0.01258316, -0.169515, 1.0824056]
    #expect(zip(y, expected).allSatisfy { abs($0 - $1) < 5e-7 })
  }

  @Test func uniformNumbersAreTheLowBitsOfTheWords() {
    var floats = [Float](repeating: 9, count: 6)
    esp_random_uniform_f32(stream, 0, 6, &floats)
    let words = block(stream) + block(.init(seed: stream.seed, seed2: stream.seed2, start: 1))
    #expect(floats == words[..<6].map { Float($0 & 0x7f_ffff) / 8_388_608 })
    var doubles = [Double](repeating: 9, count: 2)
    esp_random_uniform_f64(stream, 0, 2, &doubles)
    #expect(doubles[1] == (Double(words[2] & 0xfffff) * 4_294_967_296 + Double(words[3])) / 4_503_599_627_370_496)
    var integers = [Int32](repeating: 0, count: 6)
    esp_random_uniform_i32(stream, -5, 10, 0, 6, &integers)
    #expect(integers == words[..<6].map { Int32($0 % 15) - 5 })
    var wide = [Int64](repeating: 0, count: 2)
    esp_random_uniform_i64(stream, .min, .max, 0, 2, &wide)
    let joined = UInt64(words[0]) | UInt64(words[1]) << 32
    #expect(wide[0] == Int64(bitPattern: UInt64(1) << 63 &+ joined % .max))
  }

  @Test func nextRunsTakeWhatComesAfterTheReserve() {
    let next = esp_random_next(stream, 10)
    #expect(next.start == 2560 && next.seed == stream.seed && next.seed2 == stream.seed2)
    // A carry goes into the upper half of the counter.
    let late = esp_random_stream(seed: 1, seed2: 7, start: .max)
    var y = [Float](repeating: 9, count: 8)
    esp_random_uniform_f32(late, 0, 8, &y)
    #expect(y[4] == Float(block(.init(seed: 1, seed2: 8, start: 0))[0] & 0x7f_ffff) / 8_388_608)
  }

  func splitsAgree<T: ComputeScalar>(
    _: T.Type, _ fill: (esp_random_stream, Int, Int, UnsafeMutablePointer<T>?) -> Void
  ) -> [T] {
    let count = 1003
    let whole = GuardedBuffer(count: count, canary: T.canary)
    let parts = GuardedBuffer(count: count, canary: T.canary)
    fill(stream, 0, count, whole.pointer)
    for begin in stride(from: 0, to: count, by: 7).reversed() {
      fill(stream, begin, min(begin + 7, count), parts.pointer)
    }
    #expect(whole.isIntact && parts.isIntact && whole.values == parts.values)
    return whole.values
  }

  @Test func splitsGiveTheSameNumbers() {
    let uniform = splitsAgree(Float.self) { esp_random_uniform_f32($0, $1, $2, $3) }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    _ = splitsAgree(Double.self) { esp_random_uniform_f64($0, $1, $2, $3) }
    let dice = splitsAgree(Int32.self) { esp_random_uniform_i32($0, 1, 7, $1, $2, $3) }
    #expect(Set(dice) == Set(1...6))
    _ = splitsAgree(Int64.self) { esp_random_uniform_i64($0, -3, 3, $1, $2, $3) }
    _ = splitsAgree(Float.self) { esp_random_normal_f32($0, $1, $2, $3) }
    _ = splitsAgree(Double.self) { esp_random_normal_f64($0, $1, $2, $3) }
    let truncated = splitsAgree(Float.self) { esp_random_truncated_normal_f32($0, $1, $2, $3) }
    #expect(truncated.allSatisfy { abs($0) < 2 })
    _ = splitsAgree(Double.self) { esp_random_truncated_normal_f64($0, $1, $2, $3) }
  }

  @Test func moments() {
    let count = 100_000
    var normal = [Double](repeating: 0, count: count)
    var truncated = normal
    esp_random_normal_f64(stream, 0, count, &normal)
    esp_random_truncated_normal_f64(stream, 0, count, &truncated)
    for (values, deviation) in [(normal, 1.0), (truncated, 0.87962566)] {
      let mean = values.reduce(0, +) / Double(count)
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(count)
      #expect(abs(mean) < 0.015 && abs(variance.squareRoot() - deviation) < 0.01)
    }
  }
}
