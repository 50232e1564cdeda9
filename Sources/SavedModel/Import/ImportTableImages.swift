import EspalierGraph

extension ImportTable {
  /// Operations on image files.
  static let imageFiles: [String: ImportRow] = [
    "DecodeBmp": .operation { a throws(GraphError) in DecodeBmp(channels: try a.int("channels", 0)) },
    "DecodeGif": .plain(DecodeGif()),
    "DecodeImage": .operation { a throws(GraphError) in
      try a.expectBytes()
      return DecodeImage(
        channels: try a.int("channels", 0), expandAnimations: try a.bool("expand_animations", true))
    },
    "DecodeJpeg": .operation { a throws(GraphError) in
      guard try a.int("ratio", 1) == 1 else { throw GraphError("attribute ratio is not 1") }
      a.ignore("fancy_upscaling", "try_recover_truncated", "acceptable_fraction", "dct_method")
      return DecodeJpeg(channels: try a.int("channels", 0))
    },
    "DecodePng": .operation { a throws(GraphError) in
      try a.expectBytes()
      return DecodePng(channels: try a.int("channels", 0))
    },
    "EncodeJpeg": .operation { a throws(GraphError) in
      // It only makes the file smaller.
      a.ignore("optimize_size")
      return EncodeJpeg(
        format: try a.string("format", ""), quality: try a.int("quality", 95),
        progressive: try a.bool("progressive", false), chromaDownsampling: try a.bool("chroma_downsampling", true),
        densityUnit: try a.string("density_unit", "in"), xDensity: try a.int("x_density", 300),
        yDensity: try a.int("y_density", 300), xmpMetadata: try a.string("xmp_metadata", ""))
    },
    "EncodePng": .operation { a throws(GraphError) in
      a.ignore("compression")
      return EncodePng()
    },
  ]
}

extension NodeAttributes {
  fileprivate func expectBytes() throws(GraphError) {
    guard try type("dtype", .uint8) == .uint8 else { throw GraphError("attribute dtype is not uint8") }
  }
}
