import EspalierGraph
import Testing

@Suite struct HostTensorDescriptionTests {
  @Test func tensorsReadAsInNumPy() throws {
    #expect("\(HostTensor(Float(0.1)))" == "0.1")
    #expect("\(HostTensor(Int64.max))" == "9223372036854775807")
    #expect("\(try HostTensor([Float(1), 2.5, -3, .nan], shape: [2, 2]))" == "[[1.0 2.5] [-3.0 nan]]")
    #expect("\(HostTensor([true, false]))" == "[True False]")
    #expect("\(HostTensor([UInt8(7), 255]))" == "[7 255]")
    #expect("\(HostTensor(Half(0.5)))" == "0.5")
    #expect("\(HostTensor("label"))" == "b'label'")
    #expect("\(HostTensor(zeros: .float64, shape: [2, 0]))" == "[[] []]")
    #expect("\(HostTensor(zeros: .float32, shape: [100, 11]))" == "float32 tensor of shape [100, 11]")
  }
}
