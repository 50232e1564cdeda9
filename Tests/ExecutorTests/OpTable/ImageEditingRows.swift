import EspalierGraph

extension OperationTable {
  private static func resize(_ name: String, _ method: ResizeMethod, _ geometry: ResizeGeometry) -> OperationRow {
    OperationRow(
      name, [.real(2, 3, 4, 5)], order: method == .area ? 0 : 2, isSingle: true
    ) { [resizeImages($0[0], height: 7, width: 6, method: method, geometry: geometry)] }
  }

  static let resizing: [OperationRow] = [
    resize("ResizeBilinear", .bilinear, ResizeGeometry()),
    resize("ResizeBilinear of half pixels", .bilinear, ResizeGeometry(halfPixelCenters: true)),
    resize("ResizeBicubic", .bicubic, ResizeGeometry(alignCorners: true)),
    resize("ResizeBicubic of half pixels", .bicubic, ResizeGeometry(halfPixelCenters: true)),
    resize("ResizeNearestNeighbor", .nearestNeighbor, ResizeGeometry()),
    resize("ResizeArea", .area, ResizeGeometry()),
    OperationRow("CropAndResize", [.real(2, 6, 7, 3), .exactly([1, 0, 1])], isSingle: true) { inputs in
      let boxes = constant([0, 0, 1, 1, 0.1, 0.2, 0.7, 1.3, 0.5, 0.9, 0.2, 0.1] as [Float], shape: [3, 4])
      return [cropAndResize(inputs[0], boxes: boxes, boxIndices: inputs[1], height: 4, width: 5)]
    },
  ]

  static let imageGeometry: [OperationRow] = [
    row("resize_with_crop_or_pad", .real(2, 3, 8, 5), needs: .extents) {
      resizeWithCropOrPad($0, height: 6, width: 4)
    },
    row("central_crop", .real(8, 10, 3), needs: .extents) { centralCrop($0, fraction: 0.5) },
    row("flip_left_right", .real(2, 3, 4, 5)) { flipLeftRight($0) },
    row("flip_up_down", .real(3, 4, 5)) { flipUpDown($0) },
    row("rot90", .real(3, 4, 5), needs: .ranks) { rotate90($0) },
    row("rot90 three times", .real(3, 4, 5), needs: .ranks) { rotate90($0, quarterTurns: 3) },
  ]

  static let colors: [OperationRow] = [
    row("RGBToHSV", .real(2, 4, 3, in: 0...1), order: 0) { rgbToHSV($0) },
    row("HSVToRGB", .real(2, 4, 3, in: 0...1), order: 0) { hsvToRGB($0) },
    row("rgb_to_grayscale", .real(2, 4, 3)) { rgbToGrayscale($0) },
    row("grayscale_to_rgb", .real(2, 4, 1), needs: .ranks) { grayscaleToRGB($0) },
    row("adjust_contrast", .real(2, 4, 5, 3)) { adjustContrast($0, factor: 1.7) },
    row("adjust_brightness", .real(2, 4, 3)) { adjustBrightness($0, delta: 0.3) },
    row("per_image_standardization", .real(2, 4, 5, 3)) { perImageStandardization($0) },
    row("convert_image_dtype", .integers(4, 3, in: 0..<256, type: .uint8), order: 0) {
      convertImageDataType($0, to: .float32)
    },
  ]
}
