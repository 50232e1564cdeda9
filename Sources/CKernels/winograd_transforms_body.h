#include "transpose_body.h"

/* The transforms of winograd.h for one instruction set. A transform along one axis acts on 6 (or 4) vectors of 16
   channels; a tile's transform applies it to the columns, then to the rows of the result. */

#define esp_input_low ESP_ISA_NAME(esp_input_low)
#define esp_input_high ESP_ISA_NAME(esp_input_high)
#define esp_input_block ESP_ISA_NAME(esp_input_block)
#define esp_input_border ESP_ISA_NAME(esp_input_border)
#define esp_output_line ESP_ISA_NAME(esp_output_line)
#define esp_output_block ESP_ISA_NAME(esp_output_block)
#define esp_gradient_line ESP_ISA_NAME(esp_gradient_line)
#define esp_gradient_block ESP_ISA_NAME(esp_gradient_block)
#define esp_filter_line ESP_ISA_NAME(esp_filter_line)
#define esp_filter_gradient_line ESP_ISA_NAME(esp_filter_gradient_line)

/* Points 0 ... 2 of Bᵀ d. */
ESP_INLINE void esp_input_low(v16 d0, v16 d1, v16 d2, v16 d3, v16 d4, v16 *to) {
  v16 even = d4 - 4 * d2;
  v16 odd = d3 - 4 * d1;
  to[0] = 4 * d0 + (d4 - 5 * d2);
  to[1] = even + odd;
  to[2] = even - odd;
}

/* Points 3 ... 5 of Bᵀ d. */
ESP_INLINE void esp_input_high(v16 d1, v16 d2, v16 d3, v16 d4, v16 d5, v16 *to) {
  v16 even = d4 - d2;
  v16 odd = d3 - d1;
  to[0] = even + 2 * odd;
  to[1] = even - 2 * odd;
  to[2] = 4 * d1 + (d5 - 5 * d3);
}

/* In two passes, points 0 ... 2 and then 3 ... 5 along the rows: 18 temporaries fit the registers, 36 would not. */
ESP_INLINE void esp_input_block(const float *x, ptrdiff_t row, ptrdiff_t pixel, float *v, ptrdiff_t plane) {
  ESP_UNROLL for (int half = 0; half < 2; half++) {
    v16 t[6][3];
    ESP_UNROLL for (int j = 0; j < 6; j++) {
      const float *from = x + j * pixel + half * row;
      v16 d0 = v16_load(from);
      v16 d1 = v16_load(from + row);
      v16 d2 = v16_load(from + 2 * row);
      v16 d3 = v16_load(from + 3 * row);
      v16 d4 = v16_load(from + 4 * row);
      if (half == 0) {
        esp_input_low(d0, d1, d2, d3, d4, t[j]);
      } else {
        esp_input_high(d0, d1, d2, d3, d4, t[j]);
      }
    }
    ESP_UNROLL for (int i = 0; i < 3; i++) {
      v16 o[6];
      esp_input_low(t[0][i], t[1][i], t[2][i], t[3][i], t[4][i], o);
      esp_input_high(t[1][i], t[2][i], t[3][i], t[4][i], t[5][i], o + 3);
      ESP_UNROLL for (int j = 0; j < 6; j++) { v16_store(v + ((3 * half + i) * 6 + j) * plane, o[j]); }
    }
  }
}

/* Copies 16 channels of a patch, zeros where it has no pixel. */
ESP_INLINE void esp_input_border(const esp_winograd_patch *patch, ptrdiff_t b, float *to) {
  for (ptrdiff_t i = 0; i < 6; i++) {
    for (ptrdiff_t j = 0; j < 6; j++) {
      int exists = i >= patch->top && i < patch->bottom && j >= patch->left && j < patch->right;
      const float *from = patch->image + (exists ? patch->at + i * patch->row + j * patch->pixel + 16 * b : 0);
      v16_store(to + (6 * i + j) * 16, exists ? v16_load(from) : (v16){0});
    }
  }
}

static void ESP_ISA_NAME(esp_winograd_input)(const esp_winograd_patch *patch, float *v, ptrdiff_t plane) {
  int whole = patch->top == 0 && patch->bottom == 6 && patch->left == 0 && patch->right == 6;
  if (whole) {
    for (ptrdiff_t b = 0; b < patch->blocks; b++) {
      esp_input_block(patch->image + patch->at + 16 * b, patch->row, patch->pixel, v + 16 * b, plane);
    }
    return;
  }
  float border[36 * 16];
  for (ptrdiff_t b = 0; b < patch->blocks; b++) {
    esp_input_border(patch, b, border);
    esp_input_block(border, 6 * 16, 16, v + 16 * b, plane);
  }
}

/* Aᵀ m. */
ESP_INLINE void esp_output_line(v16 m0, v16 m1, v16 m2, v16 m3, v16 m4, v16 m5, v16 *to) {
  v16 sum1 = m1 + m2;
  v16 difference1 = m1 - m2;
  v16 sum2 = m3 + m4;
  v16 difference2 = m3 - m4;
  to[0] = m0 + sum1 + sum2;
  to[1] = difference1 + 2 * difference2;
  to[2] = sum1 + 4 * sum2;
  to[3] = difference1 + 8 * difference2 + m5;
}

/* `rows` and `columns` are constants 4 for a whole tile, and `plain` is constant, so that the compiler sees no test per
   pixel. */
ESP_INLINE void esp_output_block(const esp_winograd_output *output, ptrdiff_t rows, ptrdiff_t columns, int plain,
                                 ptrdiff_t b) {
  v16 t[6][4];
  ESP_UNROLL for (int j = 0; j < 6; j++) {
    const float *m = output->m + 16 * b + j * output->plane;
    const ptrdiff_t row = 6 * output->plane;
    esp_output_line(v16_load(m), v16_load(m + row), v16_load(m + 2 * row), v16_load(m + 3 * row),
                    v16_load(m + 4 * row), v16_load(m + 5 * row), t[j]);
  }
  v16 bias = output->bias ? v16_load(output->bias + 16 * b) : (v16){0};
  v16 low = v16_broadcast(output->low);
  v16 high = v16_broadcast(output->high);
  v16 sum = {0};
  v16 squares = {0};
  ESP_UNROLL for (int i = 0; i < 4; i++) {
    v16 line[4];
    esp_output_line(t[0][i], t[1][i], t[2][i], t[3][i], t[4][i], t[5][i], line);
    ESP_UNROLL for (int j = 0; j < 4; j++) {
      if (i < rows && j < columns) {
        ptrdiff_t at = i * output->y_row + j * output->y_pixel + 16 * b;
        if (plain) {
          v16_store(output->y + at, line[j]);
          continue;
        }
        v16 y = line[j] + bias;
        if (output->residual) {
          y += v16_load(output->residual + at);
        }
        y = v16_min(v16_max(y, low), high);
        v16_store(output->y + at, y);
        sum += y;
        squares = v16_fma(y, y, squares);
      }
    }
  }
  if (!plain && output->sums) {
    v16_store(output->sums + 16 * b, v16_load(output->sums + 16 * b) + sum);
    v16_store(output->squares + 16 * b, v16_load(output->squares + 16 * b) + squares);
  }
}

static void ESP_ISA_NAME(esp_winograd_output)(const esp_winograd_output *output) {
  int whole = output->rows >= 4 && output->columns >= 4;
  for (ptrdiff_t b = 0; b < output->blocks; b++) {
    if (whole && output->plain) {
      esp_output_block(output, 4, 4, 1, b);
    } else if (whole) {
      esp_output_block(output, 4, 4, 0, b);
    } else {
      esp_output_block(output, output->rows, output->columns, 0, b);
    }
  }
}

/* A d, the adjoint of esp_output_line. */
ESP_INLINE void esp_gradient_line(v16 d0, v16 d1, v16 d2, v16 d3, v16 *to) {
  v16 even1 = d0 + d2;
  v16 odd1 = d1 + d3;
  v16 even2 = d0 + 4 * d2;
  v16 odd2 = d1 + 4 * d3;
  to[0] = d0;
  to[1] = even1 + odd1;
  to[2] = even1 - odd1;
  to[3] = even2 + 2 * odd2;
  to[4] = even2 - 2 * odd2;
  to[5] = d3;
}

ESP_INLINE void esp_gradient_block(const float *dy, ptrdiff_t row, ptrdiff_t pixel, ptrdiff_t rows, ptrdiff_t columns,
                                   float *w, ptrdiff_t plane) {
  v16 t[4][6];
  ESP_UNROLL for (int j = 0; j < 4; j++) {
    v16 d[4];
    ESP_UNROLL for (int i = 0; i < 4; i++) {
      d[i] = i < rows && j < columns ? v16_load(dy + i * row + j * pixel) : (v16){0};
    }
    esp_gradient_line(d[0], d[1], d[2], d[3], t[j]);
  }
  ESP_UNROLL for (int i = 0; i < 6; i++) {
    v16 o[6];
    esp_gradient_line(t[0][i], t[1][i], t[2][i], t[3][i], o);
    ESP_UNROLL for (int j = 0; j < 6; j++) { v16_store(w + (6 * i + j) * plane, o[j]); }
  }
}

static void ESP_ISA_NAME(esp_winograd_gradient)(const float *dy, ptrdiff_t dy_row, ptrdiff_t dy_pixel,
                                                ptrdiff_t blocks, ptrdiff_t rows, ptrdiff_t columns, float *w,
                                                ptrdiff_t plane) {
  int whole = rows >= 4 && columns >= 4;
  for (ptrdiff_t b = 0; b < blocks; b++) {
    if (whole) {
      esp_gradient_block(dy + 16 * b, dy_row, dy_pixel, 4, 4, w + 16 * b, plane);
    } else {
      esp_gradient_block(dy + 16 * b, dy_row, dy_pixel, rows, columns, w + 16 * b, plane);
    }
  }
}

/* G g. */
ESP_INLINE void esp_filter_line(v16 g0, v16 g1, v16 g2, v16 *to) {
  v16 outer = g0 + g2;
  v16 far = g0 + 4 * g2;
  to[0] = g0 * 0.25f;
  to[1] = (outer + g1) * (-1.0f / 6);
  to[2] = (outer - g1) * (-1.0f / 6);
  to[3] = (far + 2 * g1) * (1.0f / 24);
  to[4] = (far - 2 * g1) * (1.0f / 24);
  to[5] = g2;
}

static void ESP_ISA_NAME(esp_winograd_filter)(const float *g, ptrdiff_t tap, ptrdiff_t line, float *u, ptrdiff_t plane,
                                              ptrdiff_t width) {
  for (ptrdiff_t c = 0; c < 16; c++) {
    v16 t[3][6];
    ESP_UNROLL for (int j = 0; j < 3; j++) {
      const float *from = g + j * tap + c * line;
      esp_filter_line(v16_load(from), v16_load(from + 3 * tap), v16_load(from + 6 * tap), t[j]);
    }
    ESP_UNROLL for (int i = 0; i < 6; i++) {
      v16 o[6];
      esp_filter_line(t[0][i], t[1][i], t[2][i], o);
      ESP_UNROLL for (int j = 0; j < 6; j++) { v16_store(u + (6 * i + j) * plane + c * width, o[j]); }
    }
  }
}

/* Gᵀ d. */
ESP_INLINE void esp_filter_gradient_line(const v16 *d, v16 *to) {
  v16 sum1 = d[1] + d[2];
  v16 difference1 = d[1] - d[2];
  v16 sum2 = d[3] + d[4];
  v16 difference2 = d[3] - d[4];
  to[0] = d[0] * 0.25f - sum1 * (1.0f / 6) + sum2 * (1.0f / 24);
  to[1] = difference2 * (1.0f / 12) - difference1 * (1.0f / 6);
  to[2] = d[5] + sum2 * (1.0f / 6) - sum1 * (1.0f / 6);
}

static void ESP_ISA_NAME(esp_winograd_filter_gradient)(const float *du, ptrdiff_t plane, ptrdiff_t stride,
                                                       ptrdiff_t shares, float *dfilter, ptrdiff_t tap) {
  v16 t[6][3];
  ESP_UNROLL for (int j = 0; j < 6; j++) {
    v16 d[6];
    ESP_UNROLL for (int i = 0; i < 6; i++) {
      const float *from = du + (6 * i + j) * plane;
      d[i] = v16_load(from);
      for (ptrdiff_t share = 1; share < shares; share++) {
        d[i] += v16_load(from + share * stride);
      }
    }
    esp_filter_gradient_line(d, t[j]);
  }
  ESP_UNROLL for (int i = 0; i < 3; i++) {
    v16 line[6] = {t[0][i], t[1][i], t[2][i], t[3][i], t[4][i], t[5][i]};
    v16 o[3];
    esp_filter_gradient_line(line, o);
    ESP_UNROLL for (int j = 0; j < 3; j++) { v16_store(dfilter + (3 * i + j) * tap, o[j]); }
  }
}

static const esp_winograd_table ESP_ISA_NAME(esp_winograd_table) = {
    .input = ESP_ISA_NAME(esp_winograd_input),
    .gradient = ESP_ISA_NAME(esp_winograd_gradient),
    .output = ESP_ISA_NAME(esp_winograd_output),
    .filter = ESP_ISA_NAME(esp_winograd_filter),
    .filter_gradient = ESP_ISA_NAME(esp_winograd_filter_gradient),
    .transpose = ESP_ISA_NAME(esp_transpose_16x16),
};

#undef esp_input_low
#undef esp_input_high
#undef esp_input_block
#undef esp_input_border
#undef esp_output_line
#undef esp_output_block
#undef esp_gradient_line
#undef esp_gradient_block
#undef esp_filter_line
#undef esp_filter_gradient_line
