import CKernels

/// Small deterministic values in -1 ..< 1.
struct TestValues {
  var state: UInt32

  init(seed: UInt32) { state = seed &* 2_654_435_761 | 1 }

  mutating func next() -> Float {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Float(Int32(bitPattern: state) >> 8) / Float(1 << 23)
  }

  mutating func array(_ count: Int) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for i in values.indices { values[i] = next() }
    return values
  }
}

/// Plain double-precision loops over a convolution's definition.
struct ConvolutionReference {
  let shape: esp_conv_shape

  var inputCount: Int { shape.n * shape.h * shape.w * shape.c }
  var outputCount: Int { shape.n * shape.oh * shape.ow * shape.k }
  var filterCount: Int { shape.kh * shape.kw * shape.c * shape.k }

  /// Calls `body` with the indices in y, x and the filter of every product's (pixel, tap), channels left at 0.
  private func forEachTap(_ body: (_ output: Int, _ input: Int, _ tap: Int) -> Void) {
    let s = shape
    for n in 0..<s.n {
      for oy in 0..<s.oh {
        for ox in 0..<s.ow {
          for ky in 0..<s.kh {
            for kx in 0..<s.kw {
              let iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top
              let ix = ox * s.stride_w + kx * s.dilation_w - s.pad_left
              guard iy >= 0, iy < s.h, ix >= 0, ix < s.w else { continue }
              let output = (n * s.oh + oy) * s.ow + ox
              let input = (n * s.h + iy) * s.w + ix
              body(output * s.k, input * s.c, (ky * s.kw + kx) * s.c * s.k)
            }
          }
        }
      }
    }
  }

  func forward(x: [Float], filter: [Float]) -> [Double] {
    var y = [Double](repeating: 0, count: outputCount)
    forEachTap { output, input, tap in
      for c in 0..<shape.c {
        for k in 0..<shape.k {
          y[output + k] += Double(x[input + c]) * Double(filter[tap + c * shape.k + k])
        }
      }
    }
    return y
  }

  func backwardData(dy: [Float], filter: [Float]) -> [Double] {
    var dx = [Double](repeating: 0, count: inputCount)
    forEachTap { output, input, tap in
      for c in 0..<shape.c {
        for k in 0..<shape.k {
          dx[input + c] += Double(dy[output + k]) * Double(filter[tap + c * shape.k + k])
        }
      }
    }
    return dx
  }

  func backwardFilter(x: [Float], dy: [Float]) -> [Double] {
    var dfilter = [Double](repeating: 0, count: filterCount)
    forEachTap { output, input, tap in
      for c in 0..<shape.c {
        for k in 0..<shape.k {
          dfilter[tap + c * shape.k + k] += Double(x[input + c]) * Double(dy[output + k])
        }
      }
    }
    return dfilter
  }
}

/// Returns the largest |a − b|, or infinity if one is not a number.
func largestDifference<T: BinaryFloatingPoint>(_ a: [T], _ b: [Double]) -> Double {
  largestDifference(a.map { Double($0) }, b)
}

func largestDifference(_ a: [Float], _ b: [Double]) -> Double {
  largestDifference(a.map { Double($0) }, b)
}

func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for i in a.indices {
    let difference = abs(a[i] - b[i])
    if difference.isNaN { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}
