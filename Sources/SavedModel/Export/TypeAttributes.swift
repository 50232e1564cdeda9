import EspalierGraph

/// The attributes of TensorFlow's operations that only repeat how many inputs there are and of which types.
enum TypeAttributes {
  /// Where an attribute comes from.
  enum Origin {
    /// The element type of this input.
    case input(Int)
    /// The element type of the last input.
    case lastInput
    /// The element types of all inputs.
    case allInputs
    /// The number of inputs, without so many that are not part of the list.
    case count(without: Int)
  }

  static func of(_ node: Node) -> [String: AttributeValue] {
    let inputs = node.inputs
    var result: [String: AttributeValue] = [:]
    for (name, origin) in origins(node.operation.name) {
      switch origin {
      case .input(let index) where inputs.indices.contains(index):
        result[name] = .type(inputs[index].dataType)
      case .allInputs: result[name] = .types(inputs.map(\.dataType))
      case .lastInput: result[name] = inputs.last.map { .type($0.dataType) }
      case .count(let others): result[name] = .int(inputs.count - others)
      default: break
      }
    }
    return result
  }

  static func origins(_ operation: String) -> [String: Origin] {
    if let special = table[operation] { return special }
    if operation.hasPrefix("Logical") { return [:] }
    return ["T": .input(0)]
  }

  private static let reduction: [String: Origin] = ["T": .input(0), "Tidx": .input(1)]
  private static let indexed: [String: Origin] = ["T": .input(0), "Index": .input(1)]
  private static let padded: [String: Origin] = ["T": .input(0), "Tpaddings": .input(1)]
  private static let numberedSegments: [String: Origin] = [
    "T": .input(0), "Tindices": .input(1), "Tnumsegments": .input(2),
  ]
  private static let second: [String: Origin] = ["T": .input(1)]

  private static let table: [String: [String: Origin]] = [
    "AddN": ["T": .input(0), "N": .count(without: 0)],
    "All": ["Tidx": .input(1)],
    "Any": ["Tidx": .input(1)],
    "ArgMax": reduction,
    "ArgMin": reduction,
    "AudioSummaryV2": [:],
    "AvgPoolGrad": second,
    "BroadcastTo": reduction,
    "Cast": ["SrcT": .input(0)],
    "ConcatV2": ["T": .input(0), "N": .count(without: 1), "Tidx": .lastInput],
    "Const": [:],
    "Conv2DBackpropInput": second,
    "CropAndResizeGradBoxes": second,
    "CropAndResizeGradImage": [:],
    "Cumprod": reduction,
    "Cumsum": reduction,
    "DecodeBmp": [:],
    "DecodeGif": [:],
    "DecodeImage": [:],
    "DecodeJpeg": [:],
    "DecodePng": [:],
    "DecodeRaw": [:],
    "DepthwiseConv2dNativeBackpropInput": second,
    "EncodeJpeg": [:],
    "EncodePng": ["T": .input(0)],
    "ExpandDims": ["T": .input(0), "Tdim": .input(1)],
    "Fill": ["T": .input(1), "index_type": .input(0)],
    "FusedBatchNormGradV3": ["T": .input(0), "U": .input(3)],
    "FusedBatchNormV3": ["T": .input(0), "U": .input(1)],
    "GatherNd": ["Tparams": .input(0), "Tindices": .input(1)],
    "GatherV2": ["Tparams": .input(0), "Tindices": .input(1), "Taxis": .input(2)],
    "HistogramSummary": second,
    "IdentityN": ["T": .allInputs],
    "ImageSummary": second,
    "InTopKV2": second,
    "LinSpace": ["T": .input(0), "Tidx": .input(2)],
    "MatrixBandPart": ["T": .input(0), "Tindex": .input(1)],
    "Max": reduction,
    "Mean": reduction,
    "MergeSummary": ["N": .count(without: 0)],
    "Min": reduction,
    "MirrorPad": padded,
    "MirrorPadGrad": padded,
    "NoOp": [:],
    "OneHot": ["T": .input(2), "TI": .input(0)],
    "Pack": ["T": .input(0), "N": .count(without: 0)],
    "Pad": padded,
    "PadV2": padded,
    "ParseExampleV2": [:],
    "Placeholder": [:],
    "PlaceholderWithDefault": ["dtype": .input(0)],
    "Prod": reduction,
    "Range": ["Tidx": .input(0)],
    "Reshape": ["T": .input(0), "Tshape": .input(1)],
    "ResizeBicubicGrad": second,
    "ResizeBilinearGrad": second,
    "ReverseV2": reduction,
    "Roll": ["T": .input(0), "Tshift": .input(1), "Taxis": .input(2)],
    "ScalarSummary": second,
    "ScatterNd": ["T": .input(1), "Tindices": .input(0)],
    "SegmentSum": ["T": .input(0), "Tindices": .input(1)],
    "Select": second,
    "SelectV2": second,
    "Slice": indexed,
    "SparseSoftmaxCrossEntropyWithLogits": ["T": .input(0), "Tlabels": .input(1)],
    "Split": second,
    "SplitV": ["T": .input(0), "Tlen": .input(1)],
    "StridedSlice": indexed,
    "StridedSliceGrad": ["T": .input(4), "Index": .input(0)],
    "Sum": reduction,
    "TensorSummaryV2": second,
    "Tile": ["T": .input(0), "Tmultiples": .input(1)],
    "Transpose": ["T": .input(0), "Tperm": .input(1)],
    "UnsortedSegmentMax": numberedSegments,
    "UnsortedSegmentMin": numberedSegments,
    "UnsortedSegmentSum": numberedSegments,
    "VariableV2": [:],
  ]
}
