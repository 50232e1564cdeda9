#include "convolution.h"

/* Loops that keep the innermost index contiguous in two operands; written for clarity, not for the last cycle. */

/* Returns whether tap k of output o meets a source pixel, and which one. */
static int source_of(ptrdiff_t o, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t dilation, ptrdiff_t pad, ptrdiff_t extent,
                     ptrdiff_t *i) {
  *i = o * stride + k * dilation - pad;
  return *i >= 0 && *i < extent;
}

/* Returns whether tap k of source pixel i meets an output, and which one. */
static int output_of(ptrdiff_t i, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t dilation, ptrdiff_t pad, ptrdiff_t extent,
                     ptrdiff_t *o) {
  ptrdiff_t distance = i + pad - k * dilation;
  *o = distance / stride;
  return distance >= 0 && distance % stride == 0 && *o < extent;
}

/* Adds scale · from to `to`. */
static inline void add_scaled(ptrdiff_t count, double scale, const double *from, double *to) {
  for (ptrdiff_t i = 0; i < count; i++) {
    to[i] += scale * from[i];
  }
}

static inline double dot(ptrdiff_t count, const double *a, const double *b) {
  double sum = 0;
  for (ptrdiff_t i = 0; i < count; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

void esp_f64_conv_forward(const esp_conv_shape *s, const double *x, const double *filter, double *y,
                          ptrdiff_t row_begin, ptrdiff_t row_end) {
  for (ptrdiff_t row = row_begin; row < row_end; row++) {
    ptrdiff_t n = row / s->oh;
    for (ptrdiff_t ox = 0; ox < s->ow; ox++) {
      double *out = y + (row * s->ow + ox) * s->k;
      for (ptrdiff_t k = 0; k < s->k; k++) {
        out[k] = 0;
      }
      for (ptrdiff_t tap = 0; tap < s->kh * s->kw; tap++) {
        ptrdiff_t iy, ix;
        if (!source_of(row % s->oh, tap / s->kw, s->stride_h, s->dilation_h, s->pad_top, s->h, &iy)
            || !source_of(ox, tap % s->kw, s->stride_w, s->dilation_w, s->pad_left, s->w, &ix)) {
          continue;
        }
        const double *in = x + ((n * s->h + iy) * s->w + ix) * s->c;
        for (ptrdiff_t c = 0; c < s->c; c++) {
          add_scaled(s->k, in[c], filter + (tap * s->c + c) * s->k, out);
        }
      }
    }
  }
}

void esp_f64_conv_backward_data(const esp_conv_shape *s, const double *dy, const double *filter, double *dx,
                                ptrdiff_t row_begin, ptrdiff_t row_end) {
  for (ptrdiff_t row = row_begin; row < row_end; row++) {
    ptrdiff_t n = row / s->h;
    for (ptrdiff_t ix = 0; ix < s->w; ix++) {
      double *out = dx + (row * s->w + ix) * s->c;
      for (ptrdiff_t c = 0; c < s->c; c++) {
        out[c] = 0;
      }
      for (ptrdiff_t tap = 0; tap < s->kh * s->kw; tap++) {
        ptrdiff_t oy, ox;
        if (!output_of(row % s->h, tap / s->kw, s->stride_h, s->dilation_h, s->pad_top, s->oh, &oy)
            || !output_of(ix, tap % s->kw, s->stride_w, s->dilation_w, s->pad_left, s->ow, &ox)) {
          continue;
        }
        const double *in = dy + ((n * s->oh + oy) * s->ow + ox) * s->k;
        for (ptrdiff_t c = 0; c < s->c; c++) {
          out[c] += dot(s->k, in, filter + (tap * s->c + c) * s->k);
        }
      }
    }
  }
}

void esp_f64_conv_backward_filter(const esp_conv_shape *s, const double *x, const double *dy, double *dfilter,
                                  ptrdiff_t row_begin, ptrdiff_t row_end) {
  for (ptrdiff_t i = row_begin * s->k; i < row_end * s->k; i++) {
    dfilter[i] = 0;
  }
  for (ptrdiff_t pixel = 0; pixel < s->n * s->oh * s->ow; pixel++) {
    ptrdiff_t n = pixel / (s->oh * s->ow);
    ptrdiff_t oy = pixel / s->ow % s->oh;
    ptrdiff_t ox = pixel % s->ow;
    for (ptrdiff_t row = row_begin; row < row_end; row++) {
      ptrdiff_t tap = row / s->c;
      ptrdiff_t iy, ix;
      if (source_of(oy, tap / s->kw, s->stride_h, s->dilation_h, s->pad_top, s->h, &iy)
          && source_of(ox, tap % s->kw, s->stride_w, s->dilation_w, s->pad_left, s->w, &ix)) {
        double value = x[((n * s->h + iy) * s->w + ix) * s->c + row % s->c];
        add_scaled(s->k, value, dy + pixel * s->k, dfilter + row * s->k);
      }
    }
  }
}
