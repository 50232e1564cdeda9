import EspalierGraph

extension ImportTable {
  /// Constants, shapes, and operations that move elements about.
  static let arrays: [String: ImportRow] = [
    "Const": .operation { a throws(GraphError) in
      let value = try a.tensor("value")
      guard try a.type("dtype") == value.dataType else { throw GraphError("attribute dtype contradicts value") }
      return Constant(value)
    },
    "Placeholder": .operation { a throws(GraphError) in
      Placeholder(dataType: try a.type("dtype"), shape: try a.shape("shape", .unknown))
    },
    "Cast": .operation { a throws(GraphError) in
      guard try !a.bool("Truncate", false) else { throw GraphError("attribute Truncate is not supported") }
      return Cast(to: try a.type("DstT"))
    },
    "Shape": .operation { a throws(GraphError) in ShapeOf(outType: try a.type("out_type", .int32)) },
    "Size": .operation { a throws(GraphError) in Size(outType: try a.type("out_type", .int32)) },
    "Squeeze": .operation { a throws(GraphError) in Squeeze(axes: try a.ints("squeeze_dims")) },
    "Pack": .operation { a throws(GraphError) in Pack(axis: try a.int("axis", 0)) },
    "Unpack": .operation { a throws(GraphError) in
      Unpack(count: try a.count("num"), axis: try a.int("axis", 0))
    },
    "Split": .operation { a throws(GraphError) in Split(count: try a.count("num_split")) },
    "SplitV": .operation { a throws(GraphError) in SplitV(count: try a.count("num_split")) },
    "OneHot": .operation { a throws(GraphError) in OneHot(axis: try a.int("axis", -1)) },
    "GatherV2": .operation { a throws(GraphError) in GatherV2(batchDims: try a.int("batch_dims", 0)) },
    "StridedSlice": .operation { a throws(GraphError) in StridedSlice(try a.sliceMasks()) },
    "StridedSliceGrad": .operation { a throws(GraphError) in StridedSliceGrad(try a.sliceMasks()) },
    "MirrorPad": .operation { a throws(GraphError) in MirrorPad(mode: try a.named("mode")) },
    "MirrorPadGrad": .operation { a throws(GraphError) in MirrorPadGrad(mode: try a.named("mode")) },
    "SpaceToDepth": .operation { a throws(GraphError) in SpaceToDepth(blockSize: try a.blockSize()) },
    "DepthToSpace": .operation { a throws(GraphError) in DepthToSpace(blockSize: try a.blockSize()) },
    "Unique": .operation { a throws(GraphError) in Unique(outIndex: try a.type("out_idx", .int32)) },
    "DecodeRaw": .operation { a throws(GraphError) in
      DecodeRaw(outType: try a.type("out_type"), littleEndian: try a.bool("little_endian", true))
    },
    "RandomUniform": .operation { a throws(GraphError) in RandomUniform(try draw(a, try a.type("dtype"))) },
    "RandomStandardNormal": .operation { a throws(GraphError) in
      RandomStandardNormal(try draw(a, try a.type("dtype")))
    },
    "SampleDistortedBoundingBoxV2": .operation { a throws(GraphError) in try distortedBoundingBox(a) },
    // The first version has as an attribute what is an input of the second.
    "SampleDistortedBoundingBox": .nodes { node throws(GraphError) in
      let covered = try node.attributes.float("min_object_covered", 0.1)
      let operation = try distortedBoundingBox(node.attributes, covered: covered)
      let share = try node.constant(HostTensor(covered), part: "min_object_covered")
      return try node.add(operation, node.inputs + [share])
    },
    "TruncatedNormal": .operation { a throws(GraphError) in TruncatedNormal(try draw(a, try a.type("dtype"))) },
  ]

  private static func draw(_ a: NodeAttributes, _ dataType: DataType) throws(GraphError) -> RandomDraw {
    RandomDraw(seed: try a.int("seed", 0), seed2: try a.int("seed2", 0), dataType: dataType)
  }

  /// Returns an operation that draws parts of images.
  private static func distortedBoundingBox(
    _ a: NodeAttributes, covered: Float = 0.1
  ) throws(GraphError) -> SampleDistortedBoundingBox {
    func range(_ name: String, _ fallback: [Float]) throws(GraphError) -> ClosedRange<Double> {
      let ends = try a.floats(name, fallback)
      guard ends.count == 2, ends[0] > 0, ends[0] <= ends[1], ends[1].isFinite else {
        throw GraphError("attribute \(name) must be two positive numbers in order, not \(ends)")
      }
      return Double(ends[0])...Double(ends[1])
    }
    let rule = DistortedBoundingBox(
      minObjectCovered: Double(covered), aspectRatioRange: try range("aspect_ratio_range", [0.75, 1.33]),
      areaRange: try range("area_range", [0.05, 1]), maxAttempts: try a.int("max_attempts", 100))
    guard rule.areaRange.upperBound <= 1, (1...1 << 20).contains(rule.maxAttempts) else {
      throw GraphError("area_range must end at 1 at most, and max_attempts be 1 to 1048576")
    }
    return SampleDistortedBoundingBox(
      try draw(a, .float32), rule: rule, usesImageIfNoBoundingBoxes: try a.bool("use_image_if_no_bounding_boxes", false)
    )
  }

  /// Resampling of images.
  static let images: [String: ImportRow] = [
    "ResizeBilinear": .operation { a throws(GraphError) in ResizeBilinear(try a.resizing()) },
    "ResizeBilinearGrad": .operation { a throws(GraphError) in ResizeBilinearGrad(try a.resizing()) },
    "ResizeBicubic": .operation { a throws(GraphError) in ResizeBicubic(try a.resizing()) },
    "ResizeBicubicGrad": .operation { a throws(GraphError) in ResizeBicubicGrad(try a.resizing()) },
    "ResizeNearestNeighbor": .operation { a throws(GraphError) in ResizeNearestNeighbor(try a.resizing()) },
    "ResizeNearestNeighborGrad": .operation { a throws(GraphError) in ResizeNearestNeighborGrad(try a.resizing()) },
    "ResizeArea": .operation { a throws(GraphError) in ResizeArea(alignCorners: try a.bool("align_corners", false)) },
    "CropAndResize": .operation { a throws(GraphError) in
      CropAndResize(
        method: try a.named("method", .bilinear), extrapolationValue: try a.float("extrapolation_value", 0))
    },
    "CropAndResizeGradImage": .operation { a throws(GraphError) in
      CropAndResizeGradImage(method: try a.named("method", .bilinear))
    },
    "CropAndResizeGradBoxes": .operation { a throws(GraphError) in
      a.ignore("method")
      return CropAndResizeGradBoxes()
    },
  ]
}
