import EspalierGraph

/// The default values of attributes of TensorFlow's operations.
///
/// Source: TensorFlow's operation definitions, as `tf.raw_ops` documents them.
enum DefaultAttributes {
  /// Returns the attributes without those that have their default value.
  static func removed(
    from attributes: [String: AttributeValue], of operation: String
  ) -> [String: AttributeValue] {
    attributes.filter { name, value in (special[operation]?[name] ?? common[name]) != value }
  }

  /// What holds for most operations that have an attribute of this name.
  private static let common: [String: AttributeValue] = [
    "acceptable_fraction": .float(1), "adj_x": .bool(false), "adj_y": .bool(false), "align_corners": .bool(false),
    "axis": .int(0), "batch_dims": .int(0), "begin_mask": .int(0), "channels": .int(0),
    "chroma_downsampling": .bool(true), "compression": .int(-1), "container": .string(""),
    "data_format": .string("NHWC"), "dct_method": .string(""), "density_unit": .string("in"),
    "dilations": .ints([1, 1, 1, 1]), "ellipsis_mask": .int(0), "end_mask": .int(0), "epsilon": .float(0.0001),
    "exclusive": .bool(false), "expand_animations": .bool(true), "explicit_paddings": .ints([]),
    "exponential_avg_factor": .float(1), "extrapolation_value": .float(0), "fancy_upscaling": .bool(true),
    "fill": .string(""), "format": .string(""), "half_pixel_centers": .bool(false),
    "incompatible_shape_error": .bool(true), "index_type": .type(.int32), "is_training": .bool(true),
    "keep_dims": .bool(false), "little_endian": .bool(true), "message": .string(""), "method": .string("bilinear"),
    "multiply_linear_by_lr": .bool(false), "new_axis_mask": .int(0), "optimize_size": .bool(false),
    "out_idx": .type(.int32), "out_type": .type(.int32), "output_type": .type(.int64), "precision": .int(-1),
    "progressive": .bool(false), "quality": .int(95), "ratio": .int(1), "reverse": .bool(false),
    "scientific": .bool(false), "seed": .int(0), "seed2": .int(0), "shape": .shape(.unknown),
    "shared_name": .string(""), "shortest": .bool(false), "shrink_axis_mask": .int(0), "sorted": .bool(true),
    "squeeze_dims": .ints([]), "Tdim": .type(.int32), "Tidx": .type(.int32), "Tk": .type(.int32),
    "Tlabels": .type(.int64), "Tmultiples": .type(.int32), "Tnumsegments": .type(.int32), "Tpaddings": .type(.int32),
    "Tperm": .type(.int32), "transpose_a": .bool(false), "transpose_b": .bool(false), "Truncate": .bool(false),
    "try_recover_truncated": .bool(false), "Tshape": .type(.int32), "update_slots": .bool(true),
    "use_cudnn_on_gpu": .bool(true), "use_locking": .bool(false), "use_nesterov": .bool(false),
    "validate_shape": .bool(true), "width": .int(-1), "x_density": .int(300), "xmp_metadata": .string(""),
    "y_density": .int(300),
  ]

  private static let special: [String: [String: AttributeValue]] = [
    "ArgMax": ["Tidx": .type(.int32)],
    "Assign": ["use_locking": .bool(true)],
    "AudioSummaryV2": ["max_outputs": .int(3)],
    "BroadcastGradientArgs": ["T": .type(.int32)],
    "CheckNumerics": ["message": .bool(false)],
    "DecodeImage": ["dtype": .type(.uint8)],
    "DecodePng": ["dtype": .type(.uint8)],
    "DecodeRaw": ["out_type": .bool(false)],
    "EncodePng": ["T": .type(.uint8)],
    "HSVToRGB": ["T": .type(.float32)],
    "HistogramSummary": ["T": .type(.float32)],
    "ImageSummary": ["max_images": .int(3), "T": .type(.float32)],
    "InTopKV2": ["T": .type(.int32)],
    "InvertPermutation": ["T": .type(.int32)],
    "LRN": ["depth_radius": .int(5), "bias": .float(1), "alpha": .float(1), "beta": .float(0.5), "T": .type(.float32)],
    "LeakyRelu": ["alpha": .float(0.2), "T": .type(.float32)],
    "LeakyReluGrad": ["alpha": .float(0.2), "T": .type(.float32)],
    "MatrixBandPart": ["Tindex": .type(.int64)],
    "MaxPool": ["T": .type(.float32)],
    "MaxPoolGrad": ["T": .type(.float32)],
    "OneHot": ["axis": .int(-1), "TI": .type(.int64)],
    "PlaceholderWithDefault": ["shape": .bool(false)],
    "RGBToHSV": ["T": .type(.float32)],
    "Range": ["Tidx": .type(.int32)],
    "SampleDistortedBoundingBoxV2": [
      "aspect_ratio_range": .floats([0.75, 1.33]), "area_range": .floats([0.05, 1]), "max_attempts": .int(100),
      "use_image_if_no_bounding_boxes": .bool(false),
    ],
    "SplitV": ["Tlen": .type(.int64)],
    "VariableV2": ["shape": .bool(false)],
    "Where": ["T": .type(.bool)],
  ]
}
