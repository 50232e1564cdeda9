import CKernels
import Testing

/// One convolution of the table below.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var n = 2
  var size = (7, 9)
  var channels = (3, 5)
  var kernel = (3, 3)
  var stride = (1, 1)
  var dilation = (1, 1)
  /// Zeros on the top, bottom, left and right; nil is TensorFlow's SAME.
  var pad: [Int]? = nil
  var workers = 8

  var testDescription: String {
    "\(n)x\(size) \(channels.0)->\(channels.1) kernel \(kernel) stride \(stride) dilation \(dilation) pad "
      + (pad.map { "\($0)" } ?? "same")
  }

  var shape: esp_conv_shape {
    let rows = Self.axis(size.0, kernel.0, stride.0, dilation.0, pad.map { ($0[0], $0[1]) })
    let columns = Self.axis(size.1, kernel.1, stride.1, dilation.1, pad.map { ($0[2], $0[3]) })
    return esp_conv_shape(
      n: n, h: size.0, w: size.1, c: channels.0, k: channels.1, kh: kernel.0, kw: kernel.1, stride_h: stride.0,
      stride_w: stride.1, dilation_h: dilation.0, dilation_w: dilation.1, pad_top: rows.pad, pad_left: columns.pad,
      oh: rows.count, ow: columns.count)
  }

  private static func axis(
    _ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ pad: (Int, Int)?
  ) -> (pad: Int, count: Int) {
    let reach = (kernel - 1) * dilation + 1
    guard let pad else {
      let count = (size + stride - 1) / stride
      let total = max(0, (count - 1) * stride + reach - size)
      return (total / 2, count)
    }
    return (pad.0, max(0, (size + pad.0 + pad.1 - reach) / stride + 1))
  }

  static let table: [ConvolutionCase] = {
    var cases: [ConvolutionCase] = []
    for c in [1, 3, 5, 16, 17, 32, 48] {
      for k in [1, 5, 16, 17, 33, 48] {
        cases.append(ConvolutionCase(n: 1, size: (6, 5), channels: (c, k)))
      }
    }
    for stride in 1...3 {
      for dilation in 1...3 {
        for pad in [nil, [0, 0, 0, 0], [1, 2, 3, 0]] {
          cases.append(
            ConvolutionCase(
              size: (11, 13), channels: (5, 20), kernel: (3, 2), stride: (stride, 4 - stride),
              dilation: (dilation, 4 - dilation), pad: pad))
        }
      }
    }
    // Every tile of pixels, and every number of lines of the filter's gradient.
    for width in Array(1...17) + [28, 33] {
      cases.append(ConvolutionCase(n: 1, size: (2, 3), channels: (width, 48), kernel: (1, 1)))
      cases.append(ConvolutionCase(n: 1, size: (5, width), channels: (16, 16)))
      cases.append(ConvolutionCase(n: 1, size: (4, width), channels: (16, 40), stride: (2, 2)))
    }
    cases += [
      ConvolutionCase(size: (15, 15), channels: (3, 64), kernel: (7, 7), stride: (2, 2)),
      ConvolutionCase(size: (8, 8), channels: (16, 32), kernel: (1, 1), stride: (2, 2)),
      ConvolutionCase(size: (9, 8), channels: (70, 32), kernel: (1, 1)),
      ConvolutionCase(size: (5, 5), channels: (32, 64), kernel: (1, 1), pad: [1, 0, 2, 1]),
      ConvolutionCase(n: 1, size: (4, 4), channels: (130, 100)),
      ConvolutionCase(n: 1, size: (3, 3), channels: (256, 272), kernel: (2, 2)),
      ConvolutionCase(n: 33, size: (3, 3), channels: (64, 160)),
      ConvolutionCase(size: (6, 6), channels: (20, 24), kernel: (5, 1), stride: (1, 2)),
      ConvolutionCase(size: (4, 4), channels: (8, 8), kernel: (2, 2), stride: (3, 3), pad: [0, 2, 0, 2]),
      ConvolutionCase(size: (2, 2), channels: (4, 4), kernel: (5, 5), pad: [2, 2, 2, 2]),
      ConvolutionCase(size: (3, 4), channels: (4, 4), kernel: (1, 1), pad: [9, 9, 9, 9]),
      ConvolutionCase(n: 0, channels: (16, 16)),
      ConvolutionCase(size: (2, 2), channels: (4, 4), pad: [0, 0, 0, 0]),
      ConvolutionCase(size: (5, 2), channels: (4, 4), pad: [0, 0, 0, 0]),
      ConvolutionCase(size: (2, 5), channels: (4, 4), pad: [0, 0, 0, 0]),
      ConvolutionCase(channels: (0, 4)),
      ConvolutionCase(channels: (4, 0)),
      ConvolutionCase(n: 3, size: (9, 9), channels: (64, 64), workers: 3),
    ]
    return cases
  }()

  /// Filters of so many sums that pixels are packed; workers divide the channels, or too few of them the pixels.
  static let packedTable = [
    ConvolutionCase(n: 3, size: (3, 5), channels: (1024, 512), kernel: (1, 1)),
    ConvolutionCase(n: 2, size: (5, 5), channels: (1024, 512), kernel: (1, 1), stride: (2, 2)),
    ConvolutionCase(n: 1, size: (1, 140), channels: (1024, 512), kernel: (1, 1), pad: [0, 0, 0, 1], workers: 3),
  ]

  /// What Winograd's algorithm takes: 3×3, stride 1, whole blocks of channels.
  static let winogradTable: [ConvolutionCase] = {
    var cases: [ConvolutionCase] = []
    for (c, k) in [(16, 16), (16, 32), (32, 16), (48, 48), (64, 80)] {
      cases.append(ConvolutionCase(size: (9, 10), channels: (c, k)))
    }
    for size in 1...8 {
      cases.append(ConvolutionCase(n: 1, size: (size, 9 - size), channels: (16, 32), pad: [1, 1, 1, 1]))
    }
    cases += [
      ConvolutionCase(n: 1, size: (8, 9), channels: (16, 16), pad: [0, 0, 0, 0]),
      ConvolutionCase(n: 1, size: (8, 9), channels: (16, 16), pad: [2, 0, 1, 3]),
      ConvolutionCase(n: 1, size: (3, 4), channels: (16, 16), pad: [5, 4, 3, 6]),
      ConvolutionCase(n: 5, size: (32, 32), channels: (16, 16)),
      ConvolutionCase(n: 37, size: (8, 8), channels: (32, 48), workers: 5),
      ConvolutionCase(n: 2, size: (7, 7), channels: (128, 256)),
      ConvolutionCase(n: 1, size: (5, 70), channels: (32, 32)),
      // Too many weights to pack: units transform them, a part of the source's channels at a time.
      ConvolutionCase(n: 2, size: (7, 9), channels: (176, 208)),
      ConvolutionCase(n: 1, size: (6, 6), channels: (272, 144), pad: [0, 2, 1, 1]),
      // Sums beyond a cache: workers divide the channels, and the images too if there are more workers than parts.
      ConvolutionCase(n: 11, size: (9, 10), channels: (80, 144)),
      ConvolutionCase(n: 3, size: (4, 7), channels: (208, 176), workers: 3),
    ]
    return cases
  }()

  static let levels = Array(0...esp_isa_best())
}

@Suite struct ConvolutionTests {
  private func operands(_ reference: ConvolutionReference) -> (x: [Float], filter: [Float], dy: [Float]) {
    var values = TestValues(seed: 7)
    return (
      values.array(reference.inputCount), values.array(reference.filterCount), values.array(reference.outputCount)
    )
  }

  /// Rounding errors of a sum of `count` products of numbers below 1.
  private func tolerance(_ count: Int) -> Double { 4e-7 * Double(max(count, 4)).squareRoot() * 4 }

  /// Checks all three passes on every instruction set, and that other calls of other alignment give the same bits.
  private func check(_ row: ConvolutionCase, algorithm: Int, loss: (forward: Double, filter: Double)) throws {
    let shape = row.shape
    let reference = ConvolutionReference(shape: shape)
    let (x, filter, dy) = operands(reference)
    let expectedY = reference.forward(x: x, filter: filter)
    let expectedDx = reference.backwardData(dy: dy, filter: filter)
    let expectedDfilter = reference.backwardFilter(x: x, dy: dy)
    let (taps, pixels) = (shape.kh * shape.kw, shape.n * shape.oh * shape.ow)
    for isa in ConvolutionCase.levels {
      let options = esp_conv_options(isa: isa, algorithm: Int32(algorithm), workers: row.workers)
      var plan = esp_conv_plan()
      withUnsafePointer(to: shape) { esp_f32_conv_forward_plan($0, options, &plan) }
      #expect(plan.algorithm == Int32(algorithm))
      let runner = ConvolutionRunner(shape: shape, options: options, offset: 3)
      let y = try runner.forward(x: x, filter: filter).y
      #expect(largestDifference(y, expectedY) <= loss.forward * tolerance(taps * shape.c))
      let dx = try runner.backwardData(dy: dy, filter: filter)
      #expect(largestDifference(dx, expectedDx) <= loss.forward * tolerance(taps * shape.k))
      let dfilter = try runner.backwardFilter(x: x, dy: dy)
      #expect(largestDifference(dfilter, expectedDfilter) <= loss.filter * tolerance(pixels))

      let whole = ConvolutionRunner(shape: shape, options: options, unitsPerCall: 1000, offset: 0)
      let sameY = try whole.forward(x: x, filter: filter).y
      #expect(sameY == y)
      let sameDx = try whole.backwardData(dy: dy, filter: filter)
      #expect(sameDx == dx)
    }
  }

  @Test(arguments: ConvolutionCase.table)
  func directKernelsAgreeWithTheDefinition(_ row: ConvolutionCase) throws {
    try check(row, algorithm: ESP_CONV_DIRECT, loss: (1, 1))
  }

  @Test(arguments: ConvolutionCase.packedTable, ConvolutionCase.levels)
  func largeFilterGradientsAgreeWithTheDefinition(_ row: ConvolutionCase, isa: Int32) throws {
    let reference = ConvolutionReference(shape: row.shape)
    let (x, _, dy) = operands(reference)
    let options = esp_conv_options(isa: isa, algorithm: Int32(ESP_CONV_DIRECT), workers: row.workers)
    var plan = esp_conv_plan()
    withUnsafePointer(to: row.shape) { esp_f32_conv_backward_filter_plan($0, options, &plan) }
    #expect(plan.packs == 1)
    let dfilter = try ConvolutionRunner(shape: row.shape, options: options, offset: 3).backwardFilter(x: x, dy: dy)
    let pixels = row.shape.n * row.shape.oh * row.shape.ow
    #expect(largestDifference(dfilter, reference.backwardFilter(x: x, dy: dy)) <= tolerance(pixels))
  }

  @Test(arguments: ConvolutionCase.winogradTable)
  func winogradKernelsAgreeWithTheDefinition(_ row: ConvolutionCase) throws {
    try check(row, algorithm: ESP_CONV_WINOGRAD, loss: (10, 40))
  }

  @Test func winogradIsChosenWhereItPays() {
    func algorithm(_ row: ConvolutionCase, _ asked: Int = ESP_CONV_AUTO) -> Int32 {
      var plan = esp_conv_plan()
      let options = esp_conv_options(isa: esp_isa_level(), algorithm: Int32(asked), workers: 8)
      withUnsafePointer(to: row.shape) { esp_f32_conv_forward_plan($0, options, &plan) }
      return plan.algorithm
    }
    #expect(algorithm(ConvolutionCase(size: (8, 8), channels: (16, 32))) == Int32(ESP_CONV_WINOGRAD))
    #expect(algorithm(ConvolutionCase(size: (8, 8), channels: (16, 32)), ESP_CONV_DIRECT) == Int32(ESP_CONV_DIRECT))
    #expect(algorithm(ConvolutionCase(size: (4, 4), channels: (16, 32))) == Int32(ESP_CONV_DIRECT))
    #expect(algorithm(ConvolutionCase(size: (8, 8), channels: (3, 16)), ESP_CONV_WINOGRAD) == Int32(ESP_CONV_DIRECT))
    #expect(algorithm(ConvolutionCase(size: (8, 8), channels: (16, 16), stride: (2, 2))) == Int32(ESP_CONV_DIRECT))
    #expect(algorithm(ConvolutionCase(n: 1, size: (7, 7), channels: (512, 512))) == Int32(ESP_CONV_DIRECT))
  }

  @Test(arguments: [(16, 20), (3, 48), (32, 5), (16, 48)], ConvolutionCase.levels)
  func epilogueAddsBiasAndResidualThenClampsThenCounts(_ channels: (Int, Int), isa: Int32) throws {
    // The last row runs Winograd's algorithm.
    let row = ConvolutionCase(n: 3, size: (6, 11), channels: channels)
    let reference = ConvolutionReference(shape: row.shape)
    let (x, filter, residual) = operands(reference)
    var values = TestValues(seed: 3)
    let bias = values.array(channels.1)
    let options = esp_conv_options(isa: isa, algorithm: Int32(ESP_CONV_AUTO), workers: 1)
    let runner = ConvolutionRunner(shape: row.shape, options: options)
    let (y, stats) = try runner.forward(
      x: x, filter: filter, bias: bias, residual: residual, activation: ESP_ACTIVATION_RELU6)

    var expected = reference.forward(x: x, filter: filter)
    var sums = [Double](repeating: 0, count: channels.1)
    var squares = sums
    for i in expected.indices {
      let k = i % channels.1
      expected[i] = min(max(expected[i] + Double(bias[k]) + Double(residual[i]), 0), 6)
      sums[k] += expected[i]
      squares[k] += expected[i] * expected[i]
    }
    #expect(largestDifference(y, expected) < 1e-4)

    let padded = (channels.1 + 15) / 16 * 16
    for k in 0..<channels.1 {
      var total = (0.0, 0.0)
      for unit in 0..<(stats.count / (2 * padded)) {
        total.0 += Double(stats[unit * 2 * padded + k])
        total.1 += Double(stats[unit * 2 * padded + padded + k])
      }
      #expect(abs(total.0 - sums[k]) < 1e-3)
      #expect(abs(total.1 - squares[k]) < 1e-3)
    }
  }

  @Test func backwardDataAddsAResidual() throws {
    let row = ConvolutionCase(channels: (20, 16), stride: (2, 2))
    let reference = ConvolutionReference(shape: row.shape)
    let (x, filter, dy) = operands(reference)
    let options = esp_conv_options(isa: esp_isa_level(), algorithm: Int32(ESP_CONV_DIRECT), workers: 1)
    let dx = try ConvolutionRunner(shape: row.shape, options: options)
      .backwardData(dy: dy, filter: filter, residual: x)
    let expected = zip(reference.backwardData(dy: dy, filter: filter), x).map { $0 + Double($1) }
    #expect(largestDifference(dx, expected) < 1e-4)
  }

  @Test func aNotANumberPassesThroughTheActivation() throws {
    let row = ConvolutionCase(n: 1, size: (3, 3), channels: (1, 1), kernel: (1, 1))
    let options = esp_conv_options(isa: esp_isa_level(), algorithm: Int32(ESP_CONV_AUTO), workers: 1)
    let x = [Float](repeating: .nan, count: 9)
    let y = try ConvolutionRunner(shape: row.shape, options: options)
      .forward(x: x, filter: [1], activation: ESP_ACTIVATION_RELU).y
    #expect(y.allSatisfy { $0.isNaN })
  }

  @Test(arguments: ConvolutionCase.table)
  func doublePrecisionAgreesWithTheDefinition(_ row: ConvolutionCase) {
    var shape = row.shape
    let reference = ConvolutionReference(shape: shape)
    let (x, filter, dy) = operands(reference)
    let (xs, ws, dys) = (x.map(Double.init), filter.map(Double.init), dy.map(Double.init))
    var y = [Double](repeating: .nan, count: reference.outputCount)
    let rows = shape.n * shape.oh
    esp_f64_conv_forward(&shape, xs, ws, &y, 0, rows / 2)
    esp_f64_conv_forward(&shape, xs, ws, &y, rows / 2, rows)
    #expect(largestDifference(y, reference.forward(x: x, filter: filter)) < 1e-10)

    var dx = [Double](repeating: .nan, count: reference.inputCount)
    esp_f64_conv_backward_data(&shape, dys, ws, &dx, 0, shape.n * shape.h)
    #expect(largestDifference(dx, reference.backwardData(dy: dy, filter: filter)) < 1e-10)

    var dfilter = [Double](repeating: .nan, count: reference.filterCount)
    let lines = shape.kh * shape.kw * shape.c
    esp_f64_conv_backward_filter(&shape, xs, dys, &dfilter, 0, lines / 3)
    esp_f64_conv_backward_filter(&shape, xs, dys, &dfilter, lines / 3, lines)
    #expect(largestDifference(dfilter, reference.backwardFilter(x: x, dy: dy)) < 1e-10)
  }
}
