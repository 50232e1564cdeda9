/* Pools and depthwise convolutions of one number type, included once per type by pool_body.h, which defines
     NUMBER, VECTOR         float, v16 or double, v8d
     INDEX, MASK            integers and vectors of integers of the same width
     LANES                  numbers in a VECTOR
     NAME(what)             esp_f32_what_<isa> or esp_f64_what_<isa>
   Channels are worked on in blocks of LANES; the last block of a pixel may have fewer, its missing lanes read as 0. */

ESP_INLINE VECTOR NAME(load)(const NUMBER *p, ptrdiff_t count) {
  VECTOR v = {0};
  if (count == LANES) {
    memcpy(&v, p, sizeof v);
  } else {
    for (ptrdiff_t i = 0; i < count; i++) {
      v[i] = p[i];
    }
  }
  return v;
}

/* Every stride-th number. */
ESP_INLINE VECTOR NAME(load_strided)(const NUMBER *p, ptrdiff_t stride, ptrdiff_t count) {
  if (stride == 1) {
    return NAME(load)(p, count);
  }
  VECTOR v = {0};
  for (ptrdiff_t i = 0; i < count; i++) {
    v[i] = p[i * stride];
  }
  return v;
}

/* Numbers first / repeat, (first + 1) / repeat, … of p. */
ESP_INLINE VECTOR NAME(load_repeated)(const NUMBER *p, ptrdiff_t first, ptrdiff_t repeat, ptrdiff_t count) {
  if (repeat == 1) {
    return NAME(load)(p + first, count);
  }
  VECTOR v = {0};
  for (ptrdiff_t i = 0; i < count; i++) {
    v[i] = p[(first + i) / repeat];
  }
  return v;
}

ESP_INLINE void NAME(store)(NUMBER *p, VECTOR v, ptrdiff_t count) {
  if (count == LANES) {
    memcpy(p, &v, sizeof v);
  } else {
    for (ptrdiff_t i = 0; i < count; i++) {
      p[i] = v[i];
    }
  }
}

ESP_INLINE ptrdiff_t NAME(block)(ptrdiff_t channels, ptrdiff_t first) {
  return channels - first < LANES ? channels - first : LANES;
}

ESP_INLINE VECTOR NAME(select)(MASK mask, VECTOR a, VECTOR b) { return (VECTOR)((mask & (MASK)a) | (~mask & (MASK)b)); }

/* Returns a window's largest pixels, and in *tap how many pixels of the window come before them. */
ESP_INLINE VECTOR NAME(window_max)(const esp_pool_shape *s, const NUMBER *image, esp_pool_window window, ptrdiff_t c,
                                   ptrdiff_t count, MASK *tap) {
  VECTOR best = (VECTOR){0} - (NUMBER)INFINITY;
  MASK at = {0};
  MASK current = {0};
  for (ptrdiff_t y = window.top; y < window.bottom; y++) {
    for (ptrdiff_t x = window.left; x < window.right; x++) {
      VECTOR pixel = NAME(load)(image + (y * s->w + x) * s->c + c, count);
      MASK larger = (MASK)(pixel > best) | (MASK)(pixel != pixel);
      best = NAME(select)(larger, pixel, best);
      at = (larger & current) | (~larger & at);
      current += 1;
    }
  }
  *tap = at;
  return best;
}

void NAME(max_pool_forward)(const esp_pool_shape *s, const NUMBER *x, NUMBER *y, ptrdiff_t row_begin,
                            ptrdiff_t row_end) {
  for (ptrdiff_t pixel = row_begin * s->ow; pixel < row_end * s->ow; pixel++) {
    const NUMBER *image = x + pixel / s->ow / s->oh * s->h * s->w * s->c;
    esp_pool_window window = esp_pool_window_at(s, pixel / s->ow % s->oh, pixel % s->ow);
    for (ptrdiff_t c = 0; c < s->c; c += LANES) {
      ptrdiff_t count = NAME(block)(s->c, c);
      MASK tap;
      NAME(store)(y + pixel * s->c + c, NAME(window_max)(s, image, window, c, count, &tap), count);
    }
  }
}

void NAME(max_pool_gather)(const esp_pool_shape *s, const NUMBER *x, const NUMBER *g, NUMBER *y, ptrdiff_t row_begin,
                           ptrdiff_t row_end) {
  for (ptrdiff_t pixel = row_begin * s->ow; pixel < row_end * s->ow; pixel++) {
    ptrdiff_t image = pixel / s->ow / s->oh * s->h * s->w * s->c;
    esp_pool_window window = esp_pool_window_at(s, pixel / s->ow % s->oh, pixel % s->ow);
    for (ptrdiff_t c = 0; c < s->c; c += LANES) {
      ptrdiff_t count = NAME(block)(s->c, c);
      MASK tap;
      NAME(window_max)(s, x + image, window, c, count, &tap);
      VECTOR found = {0};
      MASK current = {0};
      for (ptrdiff_t iy = window.top; iy < window.bottom; iy++) {
        for (ptrdiff_t ix = window.left; ix < window.right; ix++) {
          VECTOR value = NAME(load)(g + image + (iy * s->w + ix) * s->c + c, count);
          found = NAME(select)((MASK)(tap == current), value, found);
          current += 1;
        }
      }
      NAME(store)(y + pixel * s->c + c, found, count);
    }
  }
}

/* Adds to rows row_begin ..< row_end of an image's dx what one window gives them. */
ESP_INLINE void NAME(max_pool_scatter)(const esp_pool_shape *s, const NUMBER *image, const NUMBER *dy, NUMBER *dx,
                                       ptrdiff_t row_begin, ptrdiff_t row_end, esp_pool_window window) {
  ptrdiff_t top = window.top > row_begin ? window.top : row_begin;
  ptrdiff_t bottom = window.bottom < row_end ? window.bottom : row_end;
  for (ptrdiff_t c = 0; c < s->c; c += LANES) {
    ptrdiff_t count = NAME(block)(s->c, c);
    MASK tap;
    NAME(window_max)(s, image, window, c, count, &tap);
    VECTOR gradient = NAME(load)(dy + c, count);
    MASK current = (MASK){0} + (INDEX)((top - window.top) * (window.right - window.left));
    for (ptrdiff_t iy = top; iy < bottom; iy++) {
      for (ptrdiff_t ix = window.left; ix < window.right; ix++) {
        NUMBER *to = dx + (iy * s->w + ix) * s->c + c;
        VECTOR share = NAME(select)((MASK)(tap == current), gradient, (VECTOR){0});
        NAME(store)(to, NAME(load)(to, count) + share, count);
        current += 1;
      }
    }
  }
}

/* Clears rows begin ..< end of an image, if there are any; returns up to where rows are clear. */
ESP_INLINE ptrdiff_t NAME(clear_rows)(const esp_pool_shape *s, NUMBER *image, ptrdiff_t begin, ptrdiff_t end) {
  if (begin >= end) {
    return begin;
  }
  memset(image + begin * s->w * s->c, 0, (size_t)((end - begin) * s->w * s->c) * sizeof(NUMBER));
  return end;
}

/* Rows row_begin ..< row_end of the dx of one image; each is cleared just before the first window that reaches it. */
ESP_INLINE void NAME(max_pool_backward_rows)(const esp_pool_shape *s, const NUMBER *image, const NUMBER *dy, NUMBER *dx,
                                             ptrdiff_t row_begin, ptrdiff_t row_end) {
  ptrdiff_t first, last, ignored, cleared = row_begin;
  esp_pool_windows_over(row_begin, s->kh, s->stride_h, s->pad_top, s->oh, &first, &ignored);
  esp_pool_windows_over(row_end - 1, s->kh, s->stride_h, s->pad_top, s->oh, &ignored, &last);
  for (ptrdiff_t oy = first; oy < last; oy++) {
    ptrdiff_t bottom = esp_pool_window_at(s, oy, 0).bottom;
    cleared = NAME(clear_rows)(s, dx, cleared, bottom < row_end ? bottom : row_end);
    for (ptrdiff_t ox = 0; ox < s->ow; ox++) {
      const NUMBER *from = dy + (oy * s->ow + ox) * s->c;
      NAME(max_pool_scatter)(s, image, from, dx, row_begin, row_end, esp_pool_window_at(s, oy, ox));
    }
  }
  NAME(clear_rows)(s, dx, cleared, row_end);
}

void NAME(max_pool_backward)(const esp_pool_shape *s, const NUMBER *x, const NUMBER *dy, NUMBER *dx,
                             ptrdiff_t row_begin, ptrdiff_t row_end) {
  for (ptrdiff_t row = row_begin; row < row_end;) {
    ptrdiff_t n = row / s->h, first = row - n * s->h;
    ptrdiff_t end = row_end - n * s->h < s->h ? row_end - n * s->h : s->h;
    ptrdiff_t image = n * s->h * s->w * s->c;
    NAME(max_pool_backward_rows)(s, x + image, dy + n * s->oh * s->ow * s->c, dx + image, first, end);
    row += end - first;
  }
}

ESP_INLINE NUMBER NAME(window_scale)(esp_pool_window window) {
  ptrdiff_t pixels = esp_pool_area(window);
  return pixels == 0 ? 0 : 1 / (NUMBER)pixels;
}

void NAME(average_pool_forward)(const esp_pool_shape *s, const NUMBER *x, NUMBER *y, ptrdiff_t row_begin,
                                ptrdiff_t row_end) {
  esp_pool_window last = {0};
  NUMBER scale = 0;
  for (ptrdiff_t row = row_begin; row < row_end; row++) {
    const NUMBER *image = x + row / s->oh * s->h * s->w * s->c;
    for (ptrdiff_t ox = 0; ox < s->ow; ox++) {
      esp_pool_window window = esp_pool_window_at(s, row % s->oh, ox);
      scale = esp_pool_area(window) == esp_pool_area(last) ? scale : NAME(window_scale)(window);
      last = window;
      NUMBER *to = y + (row * s->ow + ox) * s->c;
      for (ptrdiff_t c = 0; c < s->c; c += LANES) {
        ptrdiff_t count = NAME(block)(s->c, c);
        VECTOR sum = {0};
        for (ptrdiff_t iy = window.top; iy < window.bottom; iy++) {
          for (ptrdiff_t ix = window.left; ix < window.right; ix++) {
            sum += NAME(load)(image + (iy * s->w + ix) * s->c + c, count);
          }
        }
        NAME(store)(to + c, sum * scale, count);
      }
    }
  }
}

/* Adds to the row dx [W, C] of an image what one window over it gives it. */
ESP_INLINE void NAME(average_pool_scatter)(const esp_pool_shape *s, const NUMBER *dy, NUMBER *dx,
                                           esp_pool_window window) {
  NUMBER scale = NAME(window_scale)(window);
  for (ptrdiff_t c = 0; c < s->c; c += LANES) {
    ptrdiff_t count = NAME(block)(s->c, c);
    VECTOR value = NAME(load)(dy + c, count) * scale;
    for (ptrdiff_t ix = window.left; ix < window.right; ix++) {
      NUMBER *to = dx + ix * s->c + c;
      NAME(store)(to, NAME(load)(to, count) + value, count);
    }
  }
}

void NAME(average_pool_backward)(const esp_pool_shape *s, const NUMBER *dy, NUMBER *dx, ptrdiff_t row_begin,
                                 ptrdiff_t row_end) {
  for (ptrdiff_t row = row_begin; row < row_end; row++) {
    ptrdiff_t oy_begin, oy_end;
    esp_pool_windows_over(row % s->h, s->kh, s->stride_h, s->pad_top, s->oh, &oy_begin, &oy_end);
    NUMBER *to = dx + row * s->w * s->c;
    memset(to, 0, (size_t)(s->w * s->c) * sizeof(NUMBER));
    for (ptrdiff_t oy = oy_begin; oy < oy_end; oy++) {
      const NUMBER *from = dy + (row / s->h * s->oh + oy) * s->ow * s->c;
      for (ptrdiff_t ox = 0; ox < s->ow; ox++) {
        NAME(average_pool_scatter)(s, from + ox * s->c, to, esp_pool_window_at(s, oy, ox));
      }
    }
  }
}
