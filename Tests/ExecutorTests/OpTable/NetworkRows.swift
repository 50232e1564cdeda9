import EspalierGraph

extension OperationTable {
  static let convolutions: [OperationRow] = [
    OperationRow("conv2D same", [[2, 5, 7, 3], [3, 3, 3, 4]]) { [conv2D($0[0], filter: $0[1])] },
    OperationRow("conv2D same, strides", [[2, 6, 7, 3], [3, 5, 3, 4]]) {
      [conv2D($0[0], filter: $0[1], strides: (2, 3))]
    },
    OperationRow("conv2D valid, dilations", [[2, 8, 7, 3], [3, 2, 3, 4]]) {
      [conv2D($0[0], filter: $0[1], padding: .valid, dilations: (2, 3))]
    },
    OperationRow("conv2D explicit", [[2, 6, 5, 3], [3, 3, 3, 4]]) {
      let padding = Padding.explicit(top: 1, bottom: 0, left: 2, right: 1)
      return [conv2D($0[0], filter: $0[1], strides: (2, 2), padding: padding)]
    },
    OperationRow("conv2D NCHW", [[2, 3, 6, 5], [3, 3, 3, 4]]) {
      [conv2D($0[0], filter: $0[1], strides: (2, 1), dataFormat: .nchw)]
    },
    OperationRow("conv2D 1×1", [[2, 6, 5, 17], [1, 1, 17, 18]]) { [conv2D($0[0], filter: $0[1])] },
    OperationRow("conv2DTranspose", [[2, 3, 4, 5], [3, 3, 6, 5]]) {
      [conv2DTranspose($0[0], filter: $0[1], outputShape: [2, 5, 8, 6], strides: (2, 2))]
    },
    OperationRow("Conv2DBackpropFilter", [[2, 5, 7, 3], [2, 3, 4, 6]]) {
      let window = ConvolutionWindow(strides: Size2D(2, 2))
      return [apply(Conv2DBackpropFilter(window), $0[0], shapeConstant([3, 3, 3, 6]), $0[1])]
    },
    OperationRow("depthwiseConv2D", [[2, 6, 5, 3], [3, 2, 3, 4]]) {
      [depthwiseConv2D($0[0], filter: $0[1], strides: (2, 2))]
    },
    OperationRow("depthwiseConv2D NCHW", [[2, 3, 6, 5], [3, 3, 3, 1]]) {
      [depthwiseConv2D($0[0], filter: $0[1], padding: .valid, dataFormat: .nchw)]
    },
    OperationRow("biasAdd", [[2, 3, 4, 5], [5]]) { [biasAdd($0[0], $0[1])] },
    OperationRow("biasAdd NCHW", [[2, 3, 4, 5], [3]]) { [biasAdd($0[0], $0[1], dataFormat: .nchw)] },
  ]

  static let pools: [OperationRow] = [
    OperationRow("maxPool2D", [[2, 6, 7, 3]]) { [maxPool2D($0[0], size: (3, 3), strides: (2, 2), padding: .same)] },
    OperationRow("maxPool2D NCHW", [[2, 3, 6, 7]]) {
      [maxPool2D($0[0], size: (2, 3), strides: (1, 2), dataFormat: .nchw)]
    },
    OperationRow("averagePool2D", [[2, 6, 7, 3]]) {
      [averagePool2D($0[0], size: (3, 3), strides: (2, 2), padding: .same)]
    },
    OperationRow("averagePool2D NCHW", [[2, 3, 6, 7]]) {
      [averagePool2D($0[0], size: (2, 3), strides: (1, 2), dataFormat: .nchw)]
    },
  ]

  static let normalizations: [OperationRow] = [
    OperationRow("fusedBatchNorm, training", [[2, 4, 5, 3], [3], [3]]) {
      [fusedBatchNorm($0[0], scale: $0[1], offset: $0[2]).y]
    },
    OperationRow("fusedBatchNorm, training, NCHW", [[2, 3, 4, 5], [3], [3]]) {
      [fusedBatchNorm($0[0], scale: $0[1], offset: $0[2], dataFormat: .nchw).y]
    },
    OperationRow("fusedBatchNorm, inference", [[2, 4, 5, 3], [3], [3]]) { inputs in
      let mean = cast(constant([0.1, -0.2, 0.3]), to: inputs[0].dataType)
      let variance = cast(constant([0.5, 1.5, 2]), to: inputs[0].dataType)
      let result = fusedBatchNorm(
        inputs[0], scale: inputs[1], offset: inputs[2], mean: mean, variance: variance, isTraining: false)
      return [result.y]
    },
    OperationRow("batchNormalization", [[2, 4, 3], [3], [3], [3]]) {
      let variance = 1 + square($0[1])
      return [batchNormalization($0[0], mean: $0[2], variance: variance, offset: $0[3], scale: nil, epsilon: 0.01)]
    },
    OperationRow("l2Normalize", [[2, 4, 3]]) { [l2Normalize($0[0], axes: [1, 2])] },
    OperationRow("localResponseNormalization", [[2, 3, 4, 7]]) {
      [localResponseNormalization($0[0], depthRadius: 2, bias: 1, alpha: 0.5, beta: 0.75)]
    },
  ]
}
