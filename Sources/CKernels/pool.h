#ifndef ESP_POOL_H
#define ESP_POOL_H

#include "espalier_pool.h"
#include "isa.h"

/* The part of a window that lies inside x. */
typedef struct {
  ptrdiff_t top, bottom, left, right;
} esp_pool_window;

static inline ptrdiff_t esp_pool_clip(ptrdiff_t i, ptrdiff_t extent) { return i < 0 ? 0 : i > extent ? extent : i; }

static inline esp_pool_window esp_pool_window_at(const esp_pool_shape *s, ptrdiff_t oy, ptrdiff_t ox) {
  ptrdiff_t y = oy * s->stride_h - s->pad_top;
  ptrdiff_t x = ox * s->stride_w - s->pad_left;
  return (esp_pool_window){esp_pool_clip(y, s->h), esp_pool_clip(y + s->kh, s->h), esp_pool_clip(x, s->w),
                           esp_pool_clip(x + s->kw, s->w)};
}

static inline ptrdiff_t esp_pool_area(esp_pool_window window) {
  return (window.bottom - window.top) * (window.right - window.left);
}

/* Sets *begin ..< *end to the windows along an axis that hold pixel i. */
static inline void esp_pool_windows_over(ptrdiff_t i, ptrdiff_t kernel, ptrdiff_t stride, ptrdiff_t pad,
                                         ptrdiff_t count, ptrdiff_t *begin, ptrdiff_t *end) {
  ptrdiff_t past_first = i + pad - kernel + stride;
  *begin = past_first < 0 ? 0 : past_first / stride;
  *end = (i + pad) / stride + 1 < count ? (i + pad) / stride + 1 : count;
}

#endif
