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
    "Tdim": .type(.int32), "Tidx": .type(.int32), "Tlabels": .type(.int64), "Tmultiples": .type(.int32),
    "Tnumsegments": .type(.int32), "Tpaddings": .type(.int32), "Tperm": .type(.int32), "Tshape": .type(.int32),
    "adj_x": .bool(false), "adj_y": .bool(false), "align_corners": .bool(false), "axis": .int(0),
    "batch_dims": .int(0), "begin_mask": .int(0), "channels": .int(0), "container": .string(""),
    "data_format": .string("NHWC"),
    "dilations": .ints([1, 1, 1, 1]), "ellipsis_mask": .int(0), "end_mask": .int(0), "epsilon": .float(0.0001),
    "exclusive": .bool(false), "exponential_avg_factor": .float(1), "extrapolation_value": .float(0),
    "half_pixel_centers": .bool(false), "index_type": .type(.int32), "is_training": .bool(true),
    "keep_dims": .bool(false), "little_endian": .bool(true), "message": .string(""), "method": .string("bilinear"),
    "new_axis_mask": .int(0), "out_idx": .type(.int32), "out_type": .type(.int32), "output_type": .type(.int64),
    "precision": .int(-1), "reverse": .bool(false), "seed": .int(0), "seed2": .int(0), "shape": .shape(.unknown),
    "shared_name": .string(""), "shortest": .bool(false), "scientific": .bool(false), "shrink_axis_mask": .int(0),
    "sorted": .bool(true), "squeeze_dims": .ints([]), "transpose_a": .bool(false), "transpose_b": .bool(false),
    "update_slots": .bool(true), "use_locking": .bool(false), "use_nesterov": .bool(false),
    "validate_shape": .bool(true), "width": .int(-1), "fill": .string(""),
  ]

  private static let special: [String: [String: AttributeValue]] = [
    "ArgMax": ["Tidx": .type(.int32)],
    "Assign": ["use_locking": .bool(true)],
    "CheckNumerics": ["message": .bool(false)],
    "DecodeRaw": ["out_type": .bool(false)],
    "AudioSummaryV2": ["max_outputs": .int(3)],
    "ImageSummary": ["max_images": .int(3), "T": .type(.float32)],
    "LRN": ["depth_radius": .int(5), "bias": .float(1), "alpha": .float(1), "beta": .float(0.5)],
    "LeakyRelu": ["alpha": .float(0.2), "T": .type(.float32)],
    "LeakyReluGrad": ["alpha": .float(0.2), "T": .type(.float32)],
    "OneHot": ["axis": .int(-1), "TI": .type(.int64)],
    "PlaceholderWithDefault": ["shape": .bool(false)],
    "Range": ["Tidx": .type(.int32)],
    "SplitV": ["Tlen": .type(.int64)],
    "VariableV2": ["shape": .bool(false)],
  ]
}
