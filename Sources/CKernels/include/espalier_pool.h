#ifndef ESPALIER_POOL_H
#define ESPALIER_POOL_H

#include <stddef.h>

#include "espalier_convolution.h"

/* Pools over windows of x [N, H, W, C], giving y [N, OH, OW, C]. Window (oy, ox) covers rows oy·stride_h − pad_top ..<
   + kh and columns likewise; pixels outside x take no part. Calls compute rows row_begin ..< row_end of their result:
   N·OH rows of y, or N·H rows of dx, each [W or OW, C]. Any thread may compute any rows. `isa` is as esp_isa_level()
   returns. */
typedef struct {
  ptrdiff_t n, h, w, c;
  ptrdiff_t kh, kw, stride_h, stride_w;
  ptrdiff_t pad_top, pad_left;
  ptrdiff_t oh, ow;
} esp_pool_shape;

/* Depthwise convolutions use esp_conv_shape with k the channel multiplier M: filters are [KH, KW, C, M] and
   y [N, OH, OW, C·M], y[…, c·M + m] = Σ x[…, c] · filter[ky, kx, c, m]. Rows are as above; those of the filter's
   gradient are its KH·KW taps. */

#define ESP_DECLARE_POOL(DTYPE, T)                                                                                     \
  /* The largest pixel of each window; the lowest number if it has none. A NaN in the window is the result. */         \
  void esp_##DTYPE##_max_pool_forward(int isa, const esp_pool_shape *shape, const T *x, T *y, ptrdiff_t row_begin,     \
                                      ptrdiff_t row_end);                                                              \
  /* dx: each window's dy goes to its first largest pixel, in row-major order. */                                      \
  void esp_##DTYPE##_max_pool_backward(int isa, const esp_pool_shape *shape, const T *x, const T *dy, T *dx,           \
                                       ptrdiff_t row_begin, ptrdiff_t row_end);                                        \
  /* y: the value of g, shaped as x, at each window's first largest pixel of x. */                                     \
  void esp_##DTYPE##_max_pool_gather(int isa, const esp_pool_shape *shape, const T *x, const T *g, T *y,               \
                                     ptrdiff_t row_begin, ptrdiff_t row_end);                                          \
  /* The mean of each window's pixels; 0 if it has none. */                                                            \
  void esp_##DTYPE##_average_pool_forward(int isa, const esp_pool_shape *shape, const T *x, T *y, ptrdiff_t row_begin, \
                                          ptrdiff_t row_end);                                                          \
  void esp_##DTYPE##_average_pool_backward(int isa, const esp_pool_shape *shape, const T *dy, T *dx,                   \
                                           ptrdiff_t row_begin, ptrdiff_t row_end);                                    \
  void esp_##DTYPE##_depthwise_forward(int isa, const esp_conv_shape *shape, const T *x, const T *filter, T *y,        \
                                       ptrdiff_t row_begin, ptrdiff_t row_end);                                        \
  void esp_##DTYPE##_depthwise_backward_data(int isa, const esp_conv_shape *shape, const T *dy, const T *filter,       \
                                             T *dx, ptrdiff_t row_begin, ptrdiff_t row_end);                           \
  void esp_##DTYPE##_depthwise_backward_filter(int isa, const esp_conv_shape *shape, const T *x, const T *dy,          \
                                               T *dfilter, ptrdiff_t row_begin, ptrdiff_t row_end);

ESP_DECLARE_POOL(f32, float)
ESP_DECLARE_POOL(f64, double)

#endif
