import CKernels
import Testing

@Suite struct PeakTests {
  @Test func countsWhatItMultipliesAndAdds() {
    var x = (0..<16).map(Float.init)
    let operations = esp_multiply_add_f32(1000, &x)
    // A round is a multiplication and an addition of 16 numbers in 3, 6 or 12 chains.
    #expect([3, 6, 12].contains(operations / 1000 / 32))
    #expect(x.allSatisfy { $0.isFinite && $0 != 0 })
  }
}
