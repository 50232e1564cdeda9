import EspalierGraph

extension MirrorPadGrad: CPUOperation {
  /// The blocks of the padding, walked the other way and added up.
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    guard inputs[1].knownValue != nil else {
      throw ExecutionError("the paddings must be known before the run", kind: .unimplemented)
    }
    let padding = MirrorPad(mode: mode).movement([outputs[0], inputs[1]], [inputs[0]])
    let blocks = padding.blocks.map(\.simplified)
    let count = outputs[0].shape.count ?? 0
    let accumulate = try Accumulation(outputs[0].dataType)
    return Kernel(name) { call in
      accumulate.clear(call.outputs[0], count)
      for block in blocks {
        block.forEachElement { x, y in
          accumulate.add(call.inputs[0], at: y, to: call.outputs[0], at: x, count: 1)
        }
      }
    }
  }
}
