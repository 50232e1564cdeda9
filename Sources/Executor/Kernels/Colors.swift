import EspalierGraph

extension RGBToHSV: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try colorKernel(name, inputs[0], { hsv($0) }, { hsv($0) })
  }
}

extension HSVToRGB: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try colorKernel(name, inputs[0], { rgb($0) }, { rgb($0) })
  }
}

private func colorKernel(
  _ name: String, _ type: TensorType, _ single: @escaping (SIMD3<Float>) -> SIMD3<Float>,
  _ double: @escaping (SIMD3<Double>) -> SIMD3<Double>
) throws(ExecutionError) -> Kernel {
  let pixels = (type.shape.count ?? 0) / 3
  switch type.dataType {
  case .float32: return pixelKernel(name, pixels, single)
  case .float64: return pixelKernel(name, pixels, double)
  default: throw ExecutionError("\(name) of \(type.dataType) is not supported", kind: .unimplemented)
  }
}

private func pixelKernel<Number: SIMDScalar & BitwiseCopyable>(
  _ name: String, _ pixels: Int, _ convert: @escaping (SIMD3<Number>) -> SIMD3<Number>
) -> Kernel {
  Kernel(name) { call in
    let (x, y) = (call.input(0, as: Number.self), call.output(0, as: Number.self))
    call.parallel(units: pixels, grain: 2048) { pixels, _, _ in
      for pixel in pixels {
        let color = convert(SIMD3(x[3 * pixel], x[3 * pixel + 1], x[3 * pixel + 2]))
        for channel in 0..<3 { y[3 * pixel + channel] = color[channel] }
      }
    }
  }
}

/// Returns hue, saturation and value of red, green and blue.
private func hsv<Number: SIMDScalar & BinaryFloatingPoint>(_ color: SIMD3<Number>) -> SIMD3<Number> {
  let (r, g, b) = (color[0], color[1], color[2])
  let value = max(r, g, b)
  let spread = value - min(r, g, b)
  let saturation = value > 0 ? spread / value : 0
  guard spread > 0 else { return SIMD3(0, saturation, value) }
  let sixth = 1 / (6 * spread)
  var hue: Number
  if r == value {
    hue = (g - b) * sixth
  } else if g == value {
    hue = (b - r) * sixth + 2 / 6
  } else {
    hue = (r - g) * sixth + 4 / 6
  }
  if hue < 0 { hue += 1 }
  return SIMD3(hue, saturation, value)
}

/// Returns red, green and blue of hue, saturation and value.
private func rgb<Number: SIMDScalar & BinaryFloatingPoint>(_ color: SIMD3<Number>) -> SIMD3<Number> {
  let (hue, saturation, value) = (color[0], color[1], color[2])
  let turn = hue * 6
  func limited(_ share: Number) -> Number { min(max(share, 0), 1) }
  let shares = SIMD3<Number>(
    limited((turn - 3).magnitude - 1), limited(2 - (turn - 2).magnitude), limited(2 - (turn - 4).magnitude))
  let chroma = saturation * value
  return SIMD3(
    shares[0] * chroma + (value - chroma), shares[1] * chroma + (value - chroma),
    shares[2] * chroma + (value - chroma))
}
