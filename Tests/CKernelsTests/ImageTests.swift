import CKernels
import Testing

@Suite struct ImageTests {
  func crop(_ crop: esp_image_crop, _ x: [UInt8]) -> [Float] {
    let count = Int(crop.out_height * crop.out_width * crop.channels)
    let y = GuardedBuffer(count: count, canary: Float.canary, offset: 1)
    withUnsafePointer(to: crop) { esp_image_crop_u8_f32($0, x, y.pointer) }
    #expect(y.isIntact)
    return y.values
  }

  func reference(_ crop: esp_image_crop, _ x: [UInt8]) -> [Float] {
    let (height, width, channels) = (Int(crop.height), Int(crop.width), Int(crop.channels))
    var y: [Float] = []
    for row in 0..<Int(crop.out_height) {
      for column in 0..<Int(crop.out_width) {
        let r = row + Int(crop.top)
        let c = (crop.flip == 1 ? Int(crop.out_width) - 1 - column : column) + Int(crop.left)
        for k in 0..<channels {
          let inside = r >= 0 && r < height && c >= 0 && c < width
          let at = r * Int(crop.row_stride) + c * Int(crop.column_stride) + k * Int(crop.channel_stride)
          y.append((inside ? Float(x[at]) : 0) * crop.scale + crop.offset)
        }
      }
    }
    return y
  }

  func image(_ count: Int) -> [UInt8] {
    var numbers = Numbers(1)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
  }

  @Test func cropsPadsAndFlips() {
    for isPlanar in [false, true] {
      for channels in [1, 3, 4] {
        let x = image(9 * 7 * channels)
        let strides = isPlanar ? (7, 1, 63) : (7 * channels, channels, 1)
        for (top, left, height, width) in [
          (0, 0, 9, 7), (-4, -3, 9, 7), (5, 4, 9, 7), (1, 2, 3, 4), (-20, 0, 9, 7), (0, 30, 2, 2),
        ] {
          for flip in 0...1 {
            let shape = esp_image_crop(
              height: 9, width: 7, channels: Int32(channels), row_stride: Int32(strides.0),
              column_stride: Int32(strides.1), channel_stride: Int32(strides.2), out_height: Int32(height),
              out_width: Int32(width), top: Int32(top), left: Int32(left), flip: Int32(flip), scale: 0.5, offset: -1)
            #expect(crop(shape, x) == reference(shape, x))
          }
        }
      }
    }
  }

  /// What a CIFAR pipeline does to a record: pad to 40, crop 32 at (dy, dx), flip.
  @Test func augmentsARecordOfCIFAR() {
    let x = image(3072)
    let shape = esp_image_crop(
      height: 32, width: 32, channels: 3, row_stride: 32, column_stride: 1, channel_stride: 1024, out_height: 32,
      out_width: 32, top: 7 - 4, left: 1 - 4, flip: 1, scale: 1, offset: 0)
    let y = crop(shape, x)
    #expect(y == reference(shape, x))
    #expect(y[(0 * 32 + 31) * 3] == 0)  // column 0 of the crop is padding, mirrored to the end
    #expect(y[(0 * 32 + 28) * 3 + 1] == Float(x[1024 + 3 * 32]))
  }

  /// Of 3 x 2 pixels inside an image, the pixels around them must not show.
  @Test func padsAPartOfAnImage() {
    let x = image(9 * 7 * 2)
    let shape = esp_image_crop(
      height: 3, width: 2, channels: 2, row_stride: 14, column_stride: 2, channel_stride: 1, out_height: 5,
      out_width: 4, top: -1, left: -1, flip: 0, scale: 1, offset: 0)
    let part = Array(x[(2 * 14 + 3 * 2)...])
    let y = crop(shape, part)
    #expect(y == reference(shape, part))
    #expect(y[(1 * 4 + 3) * 2] == 0 && y[(4 * 4 + 1) * 2] == 0)
  }

  @Test func standardizesAnImage() {
    var y: [Float] = [0, 0, 0, 0]
    esp_image_standardize_f32(4, [1, 2, 3, 4], &y)
    #expect(zip(y, [-1.3416408, -0.4472136, 0.4472136, 1.3416408]).allSatisfy { abs($0 - $1) < 1e-6 })
    // A flat image is divided by 1/√n instead of 0.
    esp_image_standardize_f32(4, [7, 7, 7, 7], &y)
    #expect(y == [0, 0, 0, 0])
    var channels = (0..<3072).map { Float($0 / 1024) }
    esp_image_standardize_f32(3072, channels, &channels)
    #expect(abs(channels[0] + 1.2247449) < 1e-6 && channels[1024] == 0 && abs(channels[3071] - 1.2247449) < 1e-6)
  }
}
