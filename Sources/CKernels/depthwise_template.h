/* Depthwise convolutions; see pool_template.h for the names used. Output channel o = c·M + m reads channel o / M. */

/* Returns whether tap k of output o meets a pixel of an axis, and which one. */
ESP_INLINE int NAME(tap_meets)(ptrdiff_t o, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t dilation, ptrdiff_t pad,
                               ptrdiff_t extent, ptrdiff_t *i) {
  *i = o * stride + k * dilation - pad;
  return *i >= 0 && *i < extent;
}

/* Returns whether tap k of pixel i meets an output of an axis, and which one. */
ESP_INLINE int NAME(tap_reaches)(ptrdiff_t i, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t dilation, ptrdiff_t pad,
                                 ptrdiff_t extent, ptrdiff_t *o) {
  ptrdiff_t distance = i + pad - k * dilation;
  *o = distance / stride;
  return distance >= 0 && distance % stride == 0 && *o < extent;
}

void NAME(depthwise_forward)(const esp_conv_shape *s, const NUMBER *x, const NUMBER *filter, NUMBER *y,
                             ptrdiff_t row_begin, ptrdiff_t row_end) {
  ptrdiff_t channels = s->c * s->k;
  for (ptrdiff_t pixel = row_begin * s->ow; pixel < row_end * s->ow; pixel++) {
    ptrdiff_t n = pixel / s->ow / s->oh;
    for (ptrdiff_t c = 0; c < channels; c += LANES) {
      ptrdiff_t count = NAME(block)(channels, c);
      VECTOR sum = {0};
      for (ptrdiff_t tap = 0; tap < s->kh * s->kw; tap++) {
        ptrdiff_t iy, ix;
        if (NAME(tap_meets)(pixel / s->ow % s->oh, tap / s->kw, s->stride_h, s->dilation_h, s->pad_top, s->h, &iy)
            && NAME(tap_meets)(pixel % s->ow, tap % s->kw, s->stride_w, s->dilation_w, s->pad_left, s->w, &ix)) {
          VECTOR in = NAME(load_repeated)(x + ((n * s->h + iy) * s->w + ix) * s->c, c, s->k, count);
          sum += in * NAME(load)(filter + tap * channels + c, count);
        }
      }
      NAME(store)(y + pixel * channels + c, sum, count);
    }
  }
}

void NAME(depthwise_backward_data)(const esp_conv_shape *s, const NUMBER *dy, const NUMBER *filter, NUMBER *dx,
                                   ptrdiff_t row_begin, ptrdiff_t row_end) {
  for (ptrdiff_t pixel = row_begin * s->w; pixel < row_end * s->w; pixel++) {
    ptrdiff_t n = pixel / s->w / s->h;
    for (ptrdiff_t c = 0; c < s->c; c += LANES) {
      ptrdiff_t count = NAME(block)(s->c, c);
      VECTOR sum = {0};
      for (ptrdiff_t tap = 0; tap < s->kh * s->kw; tap++) {
        ptrdiff_t oy, ox;
        if (!NAME(tap_reaches)(pixel / s->w % s->h, tap / s->kw, s->stride_h, s->dilation_h, s->pad_top, s->oh, &oy)
            || !NAME(tap_reaches)(pixel % s->w, tap % s->kw, s->stride_w, s->dilation_w, s->pad_left, s->ow, &ox)) {
          continue;
        }
        const NUMBER *gradient = dy + (((n * s->oh + oy) * s->ow + ox) * s->c + c) * s->k;
        const NUMBER *weights = filter + (tap * s->c + c) * s->k;
        for (ptrdiff_t m = 0; m < s->k; m++) {
          sum += NAME(load_strided)(gradient + m, s->k, count) * NAME(load_strided)(weights + m, s->k, count);
        }
      }
      NAME(store)(dx + pixel * s->c + c, sum, count);
    }
  }
}

/* Returns the sum, over one image, of a tap's products for a block of output channels. Rows are summed apart: sums of
   sums lose less than one long sum. */
ESP_INLINE VECTOR NAME(depthwise_image_sum)(const esp_conv_shape *s, const NUMBER *x, const NUMBER *dy, ptrdiff_t tap,
                                            ptrdiff_t c, ptrdiff_t count) {
  VECTOR total = {0};
  for (ptrdiff_t oy = 0; oy < s->oh; oy++) {
    VECTOR sum = {0};
    ptrdiff_t iy, ix;
    if (!NAME(tap_meets)(oy, tap / s->kw, s->stride_h, s->dilation_h, s->pad_top, s->h, &iy)) {
      continue;
    }
    for (ptrdiff_t ox = 0; ox < s->ow; ox++) {
      if (NAME(tap_meets)(ox, tap % s->kw, s->stride_w, s->dilation_w, s->pad_left, s->w, &ix)) {
        VECTOR in = NAME(load_repeated)(x + (iy * s->w + ix) * s->c, c, s->k, count);
        sum += in * NAME(load)(dy + (oy * s->ow + ox) * s->c * s->k + c, count);
      }
    }
    total += sum;
  }
  return total;
}

void NAME(depthwise_backward_filter)(const esp_conv_shape *s, const NUMBER *x, const NUMBER *dy, NUMBER *dfilter,
                                     ptrdiff_t row_begin, ptrdiff_t row_end) {
  ptrdiff_t channels = s->c * s->k;
  for (ptrdiff_t tap = row_begin; tap < row_end; tap++) {
    for (ptrdiff_t c = 0; c < channels; c += LANES) {
      ptrdiff_t count = NAME(block)(channels, c);
      VECTOR total = {0};
      for (ptrdiff_t n = 0; n < s->n; n++) {
        const NUMBER *image = x + n * s->h * s->w * s->c;
        total += NAME(depthwise_image_sum)(s, image, dy + n * s->oh * s->ow * channels, tap, c, count);
      }
      NAME(store)(dfilter + tap * channels + c, total, count);
    }
  }
}
