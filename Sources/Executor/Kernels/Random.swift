import EspalierGraph

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How the numbers of a random operation are made of those of its stream. The streams are TensorFlow's.
///
/// Source: `tensorflow/core/lib/random/random_distributions.h`, `core/kernels/random_ops_util.h`.
private enum Distribution {
  case uniform, normal, truncatedNormal
}

extension RandomUniform: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try drawing(.uniform, outputs)
  }
}

extension RandomStandardNormal: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try drawing(.normal, outputs)
  }
}

extension TruncatedNormal: CPUOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    try drawing(.truncatedNormal, outputs)
  }
}

extension RandomOperation {
  /// Returns where the operation's stream stands in this run. TensorFlow sets 64 blocks aside for each number drawn.
  func stream(_ call: KernelCall, count: Int) -> Philox {
    let state = call.random.pointee
    let isSeeded = seed != 0 || seed2 != 0
    let key = isSeeded ? UInt64(bitPattern: Int64(seed)) : state.sessionSeed
    let start = isSeeded ? UInt64(bitPattern: Int64(seed2)) : call.stream
    let reserved = state.invocation.multipliedFullWidth(by: UInt64(count) &* 64)
    return Philox(key: key, counter: (0, start)).advanced(by: (reserved.high, reserved.low))
  }

  fileprivate func drawing(
    _ distribution: Distribution, _ outputs: [TensorType]
  ) throws(ExecutionError) -> Kernel {
    let count = outputs[0].shape.count ?? 0
    switch dataType {
    case .float32: return drawing(distribution, count, Draw.float) { $0 }
    case .float64: return drawing(distribution, count, Draw.double) { $0 }
    case .float16: return drawing(distribution, count, Draw.half) { Half($0) }
    case .bfloat16: return drawing(distribution, count, Draw.brainHalf) { BFloat16($0) }
    default: throw ExecutionError("\(Self.tfName) of \(dataType) is not defined", kind: .unimplemented)
    }
  }

  private func drawing<Number, Element: BitwiseCopyable>(
    _ distribution: Distribution, _ count: Int, _ draw: Draw<Number>, _ convert: @escaping (Number) -> Element
  ) -> Kernel {
    let groups = (count + draw.width - 1) / draw.width
    return Kernel("random", flops: Double(count) * 20) { call in
      let stream = stream(call, count: count)
      let target = call.output(0, as: Element.self)
      call.parallel(units: groups, grain: 512) { groups, _, _ in
        for group in groups {
          let first = group * draw.width
          draw.group(distribution, stream, group) { index, number in
            if first + index < count { target[first + index] = convert(number) }
          }
        }
      }
    }
  }
}

/// How numbers of one type are drawn: in groups of `width`, each from a block of its own.
private struct Draw<Number> {
  let width: Int
  let uniform: (Philox.Block, (Int, Number) -> Void) -> Void
  let normal: (Philox.Block, (Int, Number) -> Void) -> Void
  /// Two numbers of the normal distribution from single numbers of a stream.
  let pair: (inout PhiloxNumbers) -> (Number, Number)
  let isNear: (Number) -> Bool

  func group(_ distribution: Distribution, _ stream: Philox, _ group: Int, _ give: (Int, Number) -> Void) {
    switch distribution {
    case .uniform: uniform(stream.block(UInt64(group)), give)
    case .normal: normal(stream.block(UInt64(group)), give)
    case .truncatedNormal:
      // Each group has 256 numbers for each of its own set aside, as it may have to draw again.
      var numbers = PhiloxNumbers(stream, from: UInt64(group * width * 64))
      var filled = 0
      while filled < width {
        let (a, b) = pair(&numbers)
        if isNear(a) {
          give(filled, a)
          filled += 1
        }
        if isNear(b), filled < width {
          give(filled, b)
          filled += 1
        }
      }
    }
  }
}

extension Draw where Number == Float {
  static var float: Draw { Draw(unit: unitFloat) }
  static var half: Draw { Draw { Float(bitPattern: 0x3F80_0000 | ($0 & 0x3FF) << 13) - 1 } }
  static var brainHalf: Draw { Draw { Float(bitPattern: 0x3F80_0000 | ($0 & 0x7F) << 16) - 1 } }

  private init(unit: @escaping (UInt32) -> Float) {
    width = 4
    uniform = { block, give in
      give(0, unit(block.0))
      give(1, unit(block.1))
      give(2, unit(block.2))
      give(3, unit(block.3))
    }
    normal = { block, give in
      let (a, b) = boxMuller(block.0, block.1)
      let (c, d) = boxMuller(block.2, block.3)
      give(0, a)
      give(1, b)
      give(2, c)
      give(3, d)
    }
    pair = {
      let first = $0.number()
      return boxMuller(first, $0.number())
    }
    isNear = { abs($0) < 2 }
  }
}

extension Draw where Number == Double {
  static var double: Draw {
    Draw(
      width: 2,
      uniform: { block, give in
        give(0, unitDouble(block.0, block.1))
        give(1, unitDouble(block.2, block.3))
      },
      normal: { block, give in
        let (a, b) = boxMuller(block)
        give(0, a)
        give(1, b)
      },
      pair: { numbers in
        let block = (numbers.number(), numbers.number(), numbers.number(), numbers.number())
        return boxMuller(block)
      },
      isNear: { abs($0) < 2 })
  }
}

/// Returns a number in [0, 1) whose fraction has the lowest 23 bits.
private func unitFloat(_ bits: UInt32) -> Float { Float(bitPattern: 0x3F80_0000 | (bits & 0x7F_FFFF)) - 1 }

private func unitDouble(_ high: UInt32, _ low: UInt32) -> Double {
  Double(bitPattern: 0x3FF0_0000_0000_0000 | UInt64(high & 0xF_FFFF) << 32 | UInt64(low)) - 1
}

/// Returns two independent numbers of the normal distribution.
private func boxMuller(_ x: UInt32, _ y: UInt32) -> (Float, Float) {
  let radius = (-2 * logf(max(unitFloat(x), 1e-7))).squareRoot()
  let angle = Float(2 * Double.pi * Double(unitFloat(y)))
  return (sinf(angle) * radius, cosf(angle) * radius)
}

private func boxMuller(_ block: Philox.Block) -> (Double, Double) {
  let radius = (-2 * log(max(unitDouble(block.0, block.1), 1e-7))).squareRoot()
  let angle = 2 * Double.pi * unitDouble(block.2, block.3)
  return (sin(angle) * radius, cos(angle) * radius)
}
