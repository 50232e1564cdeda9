import EspalierGraph

extension Pass {
  /// Lets convolutions pad by themselves.
  ///
  ///     %2 = Pad(%0, %1); %4 = Conv2D valid(%2, %3)         →   %2 = Conv2D explicit(%0, %3)
  ///     %2 = Pad(%0, %1); %5 = Conv2DBackpropFilter valid(%2, %3, %4)
  ///                                                         →   %2 = Conv2DBackpropFilter explicit(%0, %3, %4)
  ///     %3 = Conv2DBackpropInput valid(%0, %1, %2); %4 = Slice(%3, …)
  ///                                                         →   %3 = Conv2DBackpropInput explicit(…, %1, %2)
  static let foldPadding = Pass("fold-padding") { program, _ throws(ExecutionError) in
    let uses = program.useCounts()
    let old = program
    var index = -1
    try program.rewrite { node, rewriter throws(ExecutionError) in
      index += 1
      guard node.control.isEmpty else { return rewriter.emit(node) }
      let folded: [TensorID]? =
        switch node.operation {
        case let forward as Conv2D:
          try rewriter.emitPadded(node, forward.window) { Conv2D($0) }
        case let gradient as Conv2DBackpropFilter:
          try rewriter.emitPadded(node, gradient.window) { Conv2DBackpropFilter($0) }
        case is SliceOperation where uses[old.nodes[index].inputs[0]] == 1:
          try rewriter.emitUnpaddedGradient(node)
        default: nil
        }
      return folded ?? rewriter.emit(node)
    }
  }
}

extension ConvolutionWindow {
  /// Returns the window that pads by as much as images are padded before this one moves over them, or nil if that
  /// cannot be said; `amounts` are those before and after each axis of NHWC images.
  fileprivate func padding(by amounts: [Int]) -> ConvolutionWindow? {
    guard dataFormat == .nhwc, amounts.count == 8, amounts[0...1] == [0, 0], amounts[6...7] == [0, 0],
      amounts.allSatisfy({ $0 >= 0 })
    else { return nil }
    let own: (top: Int, bottom: Int, left: Int, right: Int)
    switch padding {
    case .valid: own = (0, 0, 0, 0)
    case .explicit(let top, let bottom, let left, let right): own = (top, bottom, left, right)
    case .same: return nil
    }
    let padding = Padding.explicit(
      top: own.top + amounts[2], bottom: own.bottom + amounts[3], left: own.left + amounts[4],
      right: own.right + amounts[5])
    return ConvolutionWindow(strides: strides, padding: padding, dataFormat: dataFormat, dilations: dilations)
  }
}

extension Rewriter {
  /// Emits a node whose first input are padded images as one that pads by itself, or returns nil.
  fileprivate mutating func emitPadded(
    _ node: Program.Node, _ window: ConvolutionWindow, _ operation: (ConvolutionWindow) -> any Operation
  ) throws(ExecutionError) -> [TensorID]? {
    let pad = producer(of: node.inputs[0])
    guard pad.operation is Pad, pad.control.isEmpty, let amounts = type(of: pad.inputs[1]).knownValue,
      let wider = window.padding(by: amounts)
    else { return nil }
    return try emit(operation(wider), [pad.inputs[0]] + node.inputs.dropFirst(), like: node)
  }

  /// Emits a part of the gradient of padded images as the gradient of a convolution that pads, or returns nil.
  fileprivate mutating func emitUnpaddedGradient(_ node: Program.Node) throws(ExecutionError) -> [TensorID]? {
    let source = producer(of: node.inputs[0])
    guard let gradient = source.operation as? Conv2DBackpropInput, source.control.isEmpty,
      let begin = type(of: node.inputs[1]).knownValue, begin.count == 4, let inner = node.outputs[0].shape.known,
      let outer = source.outputs[0].shape.known
    else { return nil }
    let amounts = (0..<4).flatMap { [begin[$0], outer[$0] - inner[$0] - begin[$0]] }
    guard let wider = gradient.window.padding(by: amounts) else { return nil }
    let sizes = emit(constant: HostTensor(inner.map(Int32.init(truncatingIfNeeded:))), like: node)
    return try emit(Conv2DBackpropInput(wider), [sizes] + source.inputs.dropFirst(), like: node)
  }
}
