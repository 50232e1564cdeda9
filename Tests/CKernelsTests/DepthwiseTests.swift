import CKernels
import Testing

@Suite(.serialized) struct DepthwiseTests {
  /// Calls `body` with the indices in y, x and the filter of every product; k is the channel multiplier.
  private func forEachProduct(_ s: esp_conv_shape, _ body: (Int, Int, Int) -> Void) {
    // The products of an ordinary convolution whose filter is zero unless the output channel belongs to the input's.
    for pixel in 0..<(s.n * s.oh * s.ow) {
      for tap in 0..<(s.kh * s.kw) {
        let y = pixel / s.ow % s.oh * s.stride_h + tap / s.kw * s.dilation_h - s.pad_top
        let x = pixel % s.ow * s.stride_w + tap % s.kw * s.dilation_w - s.pad_left
        guard y >= 0, y < s.h, x >= 0, x < s.w else { continue }
        let input = ((pixel / s.ow / s.oh * s.h + y) * s.w + x) * s.c
        for o in 0..<(s.c * s.k) {
          body(pixel * s.c * s.k + o, input + o / s.k, tap * s.c * s.k + o)
        }
      }
    }
  }

  private func check(_ row: ConvolutionCase, isa: Int32) {
    var s = row.shape
    var values = TestValues(seed: 2)
    let (inputs, outputs, weights) = (s.n * s.h * s.w * s.c, s.n * s.oh * s.ow * s.c * s.k, s.kh * s.kw * s.c * s.k)
    let (x, filter, dy) = (values.array(inputs), values.array(weights), values.array(outputs))
    var y = [Double](repeating: 0, count: outputs)
    var dx = [Double](repeating: 0, count: inputs)
    var dfilter = [Double](repeating: 0, count: weights)
    forEachProduct(s) { output, input, weight in
      y[output] += Double(x[input]) * Double(filter[weight])
      dx[input] += Double(dy[output]) * Double(filter[weight])
      dfilter[weight] += Double(x[input]) * Double(dy[output])
    }
    let (rows, inputRows, taps) = (s.n * s.oh, s.n * s.h, s.kh * s.kw)
    let ours = GuardedBuffer<Float>(count: outputs, canary: 5)
    esp_f32_depthwise_forward(isa, &s, x, filter, ours.pointer, 0, rows / 2)
    esp_f32_depthwise_forward(isa, &s, x, filter, ours.pointer, rows / 2, rows)
    #expect(largestDifference(ours.values, y) < 1e-4)
    let data = GuardedBuffer<Float>(count: inputs, canary: 5)
    esp_f32_depthwise_backward_data(isa, &s, dy, filter, data.pointer, 0, inputRows)
    #expect(largestDifference(data.values, dx) < 1e-4)
    let gradient = GuardedBuffer<Float>(count: weights, canary: 5)
    esp_f32_depthwise_backward_filter(isa, &s, x, dy, gradient.pointer, 0, taps / 2)
    esp_f32_depthwise_backward_filter(isa, &s, x, dy, gradient.pointer, taps / 2, taps)
    #expect(largestDifference(gradient.values, dfilter) < 1e-4)
    #expect(ours.isIntact && data.isIntact && gradient.isIntact)

    let (xs, ws, dys) = (x.map(Double.init), filter.map(Double.init), dy.map(Double.init))
    let wide = GuardedBuffer<Double>(count: max(outputs, inputs, weights), canary: 5)
    esp_f64_depthwise_forward(isa, &s, xs, ws, wide.pointer, 0, rows)
    #expect(largestDifference(Array(wide.values.prefix(outputs)), y) < 1e-11)
    esp_f64_depthwise_backward_data(isa, &s, dys, ws, wide.pointer, 0, inputRows)
    #expect(largestDifference(Array(wide.values.prefix(inputs)), dx) < 1e-11)
    esp_f64_depthwise_backward_filter(isa, &s, xs, dys, wide.pointer, 0, taps)
    #expect(largestDifference(Array(wide.values.prefix(weights)), dfilter) < 1e-11)
  }

  @Test(arguments: ConvolutionCase.levels)
  func depthwiseAgreesWithTheDefinition(isa: Int32) {
    for channels in [1, 3, 16, 17, 33] {
      for multiplier in 1...3 {
        check(ConvolutionCase(size: (6, 7), channels: (channels, multiplier), stride: (1, 2)), isa: isa)
        check(
          ConvolutionCase(
            size: (6, 7), channels: (channels, multiplier), kernel: (2, 3), dilation: (2, 1), pad: [1, 0, 2, 3]),
          isa: isa)
      }
    }
    check(ConvolutionCase(n: 0, channels: (4, 1)), isa: isa)
  }
}
