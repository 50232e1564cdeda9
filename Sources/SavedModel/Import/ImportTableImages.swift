import EspalierGraph

extension ImportTable {
  /// Operations on image files.
  static let imageFiles: [String: ImportRow] = [
    "DecodeBmp": .operation { a throws(GraphError) in DecodeBmp(channels: try a.int("channels", 0)) },
    "DecodeGif": .plain(DecodeGif()),
    "DecodeImage": .operation { a throws(GraphError) in
      DecodeImage(
        channels: try a.int("channels", 0), dataType: try a.type("dtype", .uint8),
        expandAnimations: try a.bool("expand_animations", true))
    },
    "DecodeJpeg": .operation { a throws(GraphError) in
      DecodeJpeg(
        channels: try a.int("channels", 0), ratio: try a.int("ratio", 1),
        fancyUpscaling: try a.bool("fancy_upscaling", true),
        tryRecoverTruncated: try a.bool("try_recover_truncated", false),
        acceptableFraction: try a.float("acceptable_fraction", 1), transform: try a.named("dct_method", .unspecified))
    },
    "DecodePng": .operation { a throws(GraphError) in
      DecodePng(channels: try a.int("channels", 0), dataType: try a.type("dtype", .uint8))
    },
    "EncodeJpeg": .operation { a throws(GraphError) in
      EncodeJpeg(
        format: try a.string("format", ""), quality: try a.int("quality", 95),
        progressive: try a.bool("progressive", false), optimizeSize: try a.bool("optimize_size", false),
        chromaDownsampling: try a.bool("chroma_downsampling", true),
        densityUnit: try a.string("density_unit", "in"), xDensity: try a.int("x_density", 300),
        yDensity: try a.int("y_density", 300), xmpMetadata: try a.string("xmp_metadata", ""))
    },
    "EncodePng": .operation { a throws(GraphError) in
      EncodePng(compression: try a.int("compression", -1))
    },
    "EncodeJpegVariableQuality": .plain(EncodeJpegVariableQuality()),
  ]
}
