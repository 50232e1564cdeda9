import CKernels
import Testing

@Test func kernelsAreOptimizedInEveryConfiguration() {
  #expect(esp_kernels_optimized() == 1)
}
