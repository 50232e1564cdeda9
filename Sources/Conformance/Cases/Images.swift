import EspalierGraph

extension Operands {
  /// The padding, by name or in pixels around each axis.
  fileprivate func padding() throws(ConformanceError) -> Padding {
    switch try string("padding") {
    case "SAME": return .same
    case "VALID": return .valid
    case "EXPLICIT":
      guard let pairs = attributes["explicit_paddings"]?.elements?.compactMap(\.ints), pairs.count == 4,
        pairs.allSatisfy({ $0.count == 2 })
      else { throw ConformanceError("explicit_paddings are four pairs") }
      let first = try dataFormat() == .nhwc ? 1 : 2
      let (rows, columns) = (pairs[first], pairs[first + 1])
      return .explicit(top: rows[0], bottom: rows[1], left: columns[0], right: columns[1])
    case let other: throw ConformanceError("\(other) is no padding")
    }
  }

  fileprivate func dataFormat() throws(ConformanceError) -> DataFormat {
    guard let format = DataFormat(rawValue: attributes["data_format"]?.text ?? "NHWC") else {
      throw ConformanceError("data_format is NHWC or NCHW")
    }
    return format
  }

  fileprivate func pair(_ name: String) throws(ConformanceError) -> (Int, Int) {
    guard attributes[name] != nil else { return (1, 1) }
    let values = try ints(name)
    guard let first = values.first, let last = values.last else { throw ConformanceError("\(name) is a pair") }
    return (first, last)
  }
}

extension Cases {
  static let convolutions: [String: Builder] = [
    "Conv2D": { o in
      let y = conv2D(
        try o.tensor("x"), filter: try o.tensor("filter"), strides: try o.pair("strides"), padding: try o.padding(),
        dataFormat: try o.dataFormat(), dilations: try o.pair("dilations"))
      return ["y": y]
    },
    "Conv2DBackpropInput": { o in
      let y = conv2DTranspose(
        try o.tensor("x"), filter: try o.tensor("filter"), outputShape: try o.ints("output_shape"),
        strides: try o.pair("strides"), padding: try o.padding(), dataFormat: try o.dataFormat())
      return ["y": y]
    },
    "DepthwiseConv2dNative": { o in
      let y = depthwiseConv2D(
        try o.tensor("x"), filter: try o.tensor("filter"), strides: try o.pair("strides"), padding: try o.padding(),
        dataFormat: try o.dataFormat())
      return ["y": y]
    },
    "BiasAdd": { o in
      ["y": biasAdd(try o.tensor("x"), try o.tensor("bias"), dataFormat: try o.dataFormat())]
    },
  ]

  static let pools: [String: Builder] = [
    "MaxPool": { o in
      let y = maxPool2D(
        try o.tensor("x"), size: try o.pair("ksize"), strides: try o.pair("strides"), padding: try o.padding(),
        dataFormat: try o.dataFormat())
      return ["y": y]
    },
    "AvgPool": { o in
      let y = averagePool2D(
        try o.tensor("x"), size: try o.pair("ksize"), strides: try o.pair("strides"), padding: try o.padding(),
        dataFormat: try o.dataFormat())
      return ["y": y]
    },
  ]

  static let normalizations: [String: Builder] = [
    "FusedBatchNormV3": { o in
      let (y, mean, variance) = fusedBatchNorm(
        try o.tensor("x"), scale: try o.tensor("scale"), offset: try o.tensor("offset"), mean: o.tensors["mean"],
        variance: o.tensors["variance"], epsilon: try o.double("epsilon"), isTraining: try o.bool("is_training"),
        dataFormat: try o.dataFormat())
      return ["y": y, "batch_mean": mean, "batch_variance": variance]
    },
    "batch_normalization": { o in
      let y = batchNormalization(
        try o.tensor("x"), mean: try o.tensor("mean"), variance: try o.tensor("variance"),
        offset: try o.tensor("offset"), scale: try o.tensor("scale"), epsilon: try o.double("variance_epsilon"))
      return ["y": y]
    },
    "moments": { o in
      let keepsAxes = o.attributes["keepdims"]?.bool ?? false
      let (mean, variance) = moments(try o.tensor("x"), axes: try o.ints("axes"), keepDims: keepsAxes)
      return ["mean": mean, "variance": variance]
    },
    "l2_normalize": { o in
      ["y": l2Normalize(try o.tensor("x"), axes: try o.ints("axis"), epsilon: try o.double("epsilon"))]
    },
    "LRN": { o in
      let y = localResponseNormalization(
        try o.tensor("x"), depthRadius: try o.int("depth_radius"), bias: try o.double("bias"),
        alpha: try o.double("alpha"), beta: try o.double("beta"))
      return ["y": y]
    },
  ]
}
