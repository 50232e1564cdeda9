import CKernels
import Testing

@Suite struct InstructionSetTests {
  @Test func bestLevelIsTheDefaultAndAtLeastTheBaseline() {
    #expect(esp_isa_best() >= Int32(ESP_ISA_SCALAR))
    #expect(esp_isa_best() <= Int32(ESP_ISA_AVX512))
    #expect(esp_isa_level() <= esp_isa_best())
  }

  @Test func levelsAreLoweredToWhatTheProcessorHas() {
    #expect(esp_isa_within(99) == esp_isa_best())
    #expect(esp_isa_within(-1) == Int32(ESP_ISA_SCALAR))
  }
}
