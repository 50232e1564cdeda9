import CKernels
import EspalierGraph

extension Operation {
  /// Returns the four extents of images or of a filter.
  func fourExtents(_ type: TensorType) throws(ExecutionError) -> [Int] {
    guard let extents = type.shape.known, extents.count == 4 else {
      throw ExecutionError("\(Self.tfName) needs a tensor of rank 4 and known shape, not \(type)")
    }
    return extents
  }

  /// Throws because no kernel has this element type or layout.
  func refuse(_ type: TensorType) -> ExecutionError {
    ExecutionError("\(Self.tfName) has no kernel for \(type)", kind: .unimplemented)
  }
}

extension ConvolutionWindow {
  /// Returns what the C kernels call the shape of a convolution of images `[N, H, W, C]` with `[KH, KW, C, K]`.
  func shape(images x: [Int], filter: [Int]) throws(ExecutionError) -> esp_conv_shape {
    let rows = self.rows(filter[0])
    let columns = self.columns(filter[1])
    do throws(GraphError) {
      return esp_conv_shape(
        n: x[0], h: x[1], w: x[2], c: x[3], k: filter[3], kh: filter[0], kw: filter[1], stride_h: strides.height,
        stride_w: strides.width, dilation_h: dilations.height, dilation_w: dilations.width,
        pad_top: rows.paddingBefore(x[1]), pad_left: columns.paddingBefore(x[2]), oh: try rows.count(over: x[1]),
        ow: try columns.count(over: x[2]))
    } catch {
      throw ExecutionError(error.message)
    }
  }
}

extension esp_conv_shape {
  /// Multiplications and additions of one pass.
  var flops: Double { 2 * Double(n * oh * ow) * Double(kh * kw) * Double(c * k) }
}

extension PoolingWindow {
  /// Returns what the C kernels call the shape of pooling images `[N, H, W, C]`.
  func shape(images x: [Int]) throws(ExecutionError) -> esp_pool_shape {
    do throws(GraphError) {
      return esp_pool_shape(
        n: x[0], h: x[1], w: x[2], c: x[3], kh: size.height, kw: size.width, stride_h: strides.height,
        stride_w: strides.width, pad_top: rows.paddingBefore(x[1]), pad_left: columns.paddingBefore(x[2]),
        oh: try rows.count(over: x[1]), ow: try columns.count(over: x[2]))
    } catch {
      throw ExecutionError(error.message)
    }
  }
}

/// Returns the number of units that make up some 20 µs if each takes so many nanoseconds.
func grain(nanosecondsPerUnit: Int) -> Int { max(1, 20_000 / max(nanosecondsPerUnit, 1)) }
