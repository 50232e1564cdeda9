import EspalierGraph

/// The operations of TensorFlow that graphs from files may have. What is not listed is refused.
enum ImportTable {
  static let rows: [String: ImportRow] = [
    plain, network, arrays, reductions, images, imageFiles, state, renamed, texts,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  /// Operations that read or write files or run programs: they are refused with a reason of their own.
  ///
  /// The nodes of a model that save and restore variables are among them; a model is restored without them.
  static let reachOutside: Set<String> = [
    "ReadFile", "WriteFile", "MatchingFiles", "Save", "SaveSlices", "SaveV2", "Restore", "RestoreSlice", "RestoreV2",
    "MergeV2Checkpoints", "WholeFileReader", "WholeFileReaderV2", "TFRecordReader", "TFRecordReaderV2",
    "TextLineReader", "TextLineReaderV2", "FixedLengthRecordReader", "FixedLengthRecordReaderV2", "LMDBReader",
    "ReaderRead", "ReaderReadV2", "TFRecordDataset", "TextLineDataset", "FixedLengthRecordDataset", "PyFunc",
    "PyFuncStateless", "EagerPyFunc", "ImmutableConst", "LoadAndRemapMatrix", "InitializeTableFromTextFile",
    "InitializeTableFromTextFileV2", "RemoteCall", "DebugIdentity", "DebugIdentityV2", "DebugNumericSummary",
    "DebugNanCount", "CreateSummaryFileWriter", "DumpTensor",
  ]

  private static func rows(_ operations: [any Operation]) -> [String: ImportRow] {
    Dictionary(uniqueKeysWithValues: operations.map { ($0.name, .plain($0)) })
  }

  /// Operations without attributes.
  private static let plain = rows([
    Abs(), Acos(), Add(), AddN(), Asin(), Atan(), Atan2(), BroadcastGradientArgs(), BroadcastTo(), Ceil(),
    ConcatV2(), Cos(), Cosh(), Diag(), DiagPart(), Digamma(), DivNoNan(), Elu(), EluGrad(), Equal(), Erf(), Erfc(),
    Exp(), ExpandDims(), Expm1(), Fill(), Floor(), FloorDiv(), FloorMod(), GatherNd(), Greater(), GreaterEqual(),
    HSVToRGB(), HistogramSummary(), Identity(), InTopK(), InvertPermutation(), IsFinite(), IsInf(), IsNan(), L2Loss(),
    Less(), LessEqual(), Lgamma(), LinSpace(), Log(), Log1p(), LogSoftmax(), LogicalAnd(), LogicalNot(), LogicalOr(),
    MatrixBandPart(), Maximum(), MergeSummary(), Minimum(), Mul(), Neg(), NoOp(), NotEqual(), OnesLike(), Pad(),
    PadV2(), Pow(), RGBToHSV(), RangeOperation(), Rank(), RealDiv(), Reciprocal(), Relu(), Relu6(),
    Relu6Grad(),
    ReluGrad(), Reshape(), ReverseV2(), Rint(), Roll(), Round(), Rsqrt(), ScalarSummary(), ScatterNd(), SegmentSum(),
    Select(), SelectV2(), Selu(), SeluGrad(), Sigmoid(), SigmoidGrad(), Sign(), Sin(), Sinh(), SliceOperation(),
    Softmax(), SoftmaxCrossEntropy(), Softplus(), SoftplusGrad(), Softsign(), SoftsignGrad(),
    SparseSoftmaxCrossEntropy(), Sqrt(), Square(), SquaredDifference(), StopGradient(), Sub(), Tan(), Tanh(),
    TanhGrad(), TensorSummary(), Tile(), Transpose(), TruncateDiv(), TruncateMod(), UnsortedSegmentMax(),
    UnsortedSegmentMin(),
    UnsortedSegmentSum(), Where(), ZerosLike(),
  ])

  /// Convolutions, pooling, normalisation, products.
  private static let network: [String: ImportRow] = [
    "Conv2D": .operation { a throws(GraphError) in Conv2D(try a.convolution()) },
    "Conv2DBackpropInput": .operation { a throws(GraphError) in Conv2DBackpropInput(try a.convolution()) },
    "Conv2DBackpropFilter": .operation { a throws(GraphError) in Conv2DBackpropFilter(try a.convolution()) },
    "DepthwiseConv2dNative": .operation { a throws(GraphError) in DepthwiseConv2D(try a.convolution()) },
    "DepthwiseConv2dNativeBackpropInput": .operation { a throws(GraphError) in
      DepthwiseConv2DBackpropInput(try a.convolution())
    },
    "DepthwiseConv2dNativeBackpropFilter": .operation { a throws(GraphError) in
      DepthwiseConv2DBackpropFilter(try a.convolution())
    },
    "MaxPool": .operation { a throws(GraphError) in MaxPool(try a.pooling()) },
    "MaxPoolGrad": .operation { a throws(GraphError) in MaxPoolGrad(try a.pooling()) },
    "MaxPoolGradGrad": .operation { a throws(GraphError) in MaxPoolGradGrad(try a.pooling()) },
    "AvgPool": .operation { a throws(GraphError) in AvgPool(try a.pooling()) },
    "AvgPoolGrad": .operation { a throws(GraphError) in AvgPoolGrad(try a.pooling()) },
    "BiasAdd": .operation { a throws(GraphError) in BiasAdd(dataFormat: try a.dataFormat()) },
    "BiasAddGrad": .operation { a throws(GraphError) in BiasAddGrad(dataFormat: try a.dataFormat()) },
    "FusedBatchNorm": .operation { a throws(GraphError) in try a.batchNorm() },
    "FusedBatchNormV2": .operation { a throws(GraphError) in try a.batchNorm() },
    "FusedBatchNormV3": .operation { a throws(GraphError) in try a.batchNorm() },
    "FusedBatchNormGradV3": .operation { a throws(GraphError) in
      FusedBatchNormGrad(
        epsilon: try a.float("epsilon", 1e-4), isTraining: try a.bool("is_training", true),
        dataFormat: try a.dataFormat())
    },
    "LRN": .operation { a throws(GraphError) in
      LocalResponseNormalization(
        depthRadius: try a.int("depth_radius", 5), bias: try a.float("bias", 1), alpha: try a.float("alpha", 1),
        beta: try a.float("beta", 0.5))
    },
    "LeakyRelu": .operation { a throws(GraphError) in LeakyRelu(alpha: try a.float("alpha", 0.2)) },
    "LeakyReluGrad": .operation { a throws(GraphError) in LeakyReluGrad(alpha: try a.float("alpha", 0.2)) },
    "MatMul": .operation { a throws(GraphError) in
      MatMul(transposeA: try a.bool("transpose_a", false), transposeB: try a.bool("transpose_b", false))
    },
    "BatchMatMul": .operation { a throws(GraphError) in try a.batchMatMul() },
    "BatchMatMulV2": .operation { a throws(GraphError) in try a.batchMatMul() },
    "Polygamma": .nodes { node throws(GraphError) in
      try node.expectInputs(2)
      let order = try node.constantInput(0)
      guard order.count == 1, let number = (try? order.doubles())?.first, number >= 1, number <= 100,
        number == number.rounded()
      else { throw GraphError("the number of the derivative must be 1 to 100") }
      return try node.add(Polygamma(order: Int(number)), [node.inputs[1]])
    },
    "PreventGradient": .operation { a throws(GraphError) in PreventGradient(message: try a.string("message", "")) },
    "CheckNumerics": .operation { a throws(GraphError) in CheckNumerics(message: try a.string("message")) },
  ]

  private static let reductions: [String: ImportRow] = [
    "Sum": .operation { a throws(GraphError) in Sum(keepDims: try a.bool("keep_dims", false)) },
    "Mean": .operation { a throws(GraphError) in Mean(keepDims: try a.bool("keep_dims", false)) },
    "Max": .operation { a throws(GraphError) in Max(keepDims: try a.bool("keep_dims", false)) },
    "Min": .operation { a throws(GraphError) in Min(keepDims: try a.bool("keep_dims", false)) },
    "Prod": .operation { a throws(GraphError) in Prod(keepDims: try a.bool("keep_dims", false)) },
    "Any": .operation { a throws(GraphError) in ReduceAny(keepDims: try a.bool("keep_dims", false)) },
    "All": .operation { a throws(GraphError) in ReduceAll(keepDims: try a.bool("keep_dims", false)) },
    "ArgMax": .operation { a throws(GraphError) in ArgMax(outputType: try a.type("output_type", .int64)) },
    "ArgMin": .operation { a throws(GraphError) in ArgMin(outputType: try a.type("output_type", .int64)) },
    "Cumsum": .operation { a throws(GraphError) in
      Cumsum(exclusive: try a.bool("exclusive", false), reverse: try a.bool("reverse", false))
    },
    "Cumprod": .operation { a throws(GraphError) in
      Cumprod(exclusive: try a.bool("exclusive", false), reverse: try a.bool("reverse", false))
    },
    "TopKV2": .operation { a throws(GraphError) in TopKV2(sorted: try a.bool("sorted", true)) },
  ]
}
