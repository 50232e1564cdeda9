import EspalierGraph

extension Operands {
  fileprivate func size() throws(ConformanceError) -> (height: Int, width: Int) {
    let values = try ints("size")
    guard values.count == 2 else { throw ConformanceError("size is height and width") }
    return (values[0], values[1])
  }
}

extension Cases {
  private static func resize(_ method: ResizeMethod) -> Builder {
    function { x, o in
      let size = try o.size()
      let batch = x.shape.rank == 3 ? expandDims(x, axis: 0) : x
      return resizeImages(
        batch, height: size.height, width: size.width, method: method,
        geometry: ResizeGeometry(
          alignCorners: o.flag("align_corners"), halfPixelCenters: o.flag("half_pixel_centers")))
    }
  }

  static let resizing: [String: Builder] = [
    "ResizeBilinear": resize(.bilinear),
    "ResizeNearestNeighbor": resize(.nearestNeighbor),
    "ResizeBicubic": resize(.bicubic),
    "ResizeArea": resize(.area),
    "image.resize": function { x, o in
      let size = try o.size()
      return resizeImages(
        x, height: size.height, width: size.width, geometry: ResizeGeometry(halfPixelCenters: true))
    },
    "resize_with_pad": function { x, o in
      let size = try o.size()
      return resizeWithPad(x, height: size.height, width: size.width)
    },
    "CropAndResize": function { x, o in
      let size = try o.ints("crop_size")
      guard size.count == 2 else { throw ConformanceError("crop_size is height and width") }
      return cropAndResize(
        x, boxes: try o.tensor("boxes"), boxIndices: try o.tensor("ids"), height: size[0], width: size[1],
        method: CropMethod(rawValue: try o.string("method")) ?? .bilinear,
        extrapolationValue: Float(try o.double("extrapolation_value")))
    },
  ]

  static let imageGeometry: [String: Builder] = [
    "resize_with_crop_or_pad": function { x, o in
      let size = try o.size()
      return resizeWithCropOrPad(x, height: size.height, width: size.width)
    },
    "flip_left_right": unary { flipLeftRight($0) },
    "flip_up_down": unary { flipUpDown($0) },
    "transpose": unary { transposeImages($0) },
    "rot90": unary { rotate90($0) },
    "central_crop": function { x, o in centralCrop(x, fraction: try o.double("fraction")) },
    "crop_to_bounding_box": function { x, o in
      cropToBoundingBox(
        x, offsetHeight: try o.int("offset_height"), offsetWidth: try o.int("offset_width"),
        height: try o.int("target_height"), width: try o.int("target_width"))
    },
    "pad_to_bounding_box": function { x, o in
      padToBoundingBox(
        x, offsetHeight: try o.int("offset_height"), offsetWidth: try o.int("offset_width"),
        height: try o.int("target_height"), width: try o.int("target_width"))
    },
  ]

  static let colors: [String: Builder] = [
    "per_image_standardization": unary { perImageStandardization($0) },
    "adjust_brightness": function { x, o in adjustBrightness(x, delta: try o.double("value")) },
    "adjust_contrast": function { x, o in adjustContrast(x, factor: try o.double("value")) },
    "adjust_saturation": function { x, o in adjustSaturation(x, factor: try o.double("value")) },
    "adjust_hue": function { x, o in adjustHue(x, delta: try o.double("value")) },
    "rgb_to_grayscale": unary { rgbToGrayscale($0) },
    "grayscale_to_rgb": unary { grayscaleToRGB($0) },
    "rgb_to_hsv": unary { rgbToHSV($0) },
    "hsv_to_rgb": unary { hsvToRGB($0) },
    "convert_image_dtype": function { x, o in
      convertImageDataType(x, to: try o.dataType("dtype"), saturate: o.flag("saturate"))
    },
  ]
}
