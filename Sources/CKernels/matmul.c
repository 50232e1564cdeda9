#include "espalier_matmul.h"

#include <math.h>
#include <string.h>

#include "convolution.h"

/* A unit's rows of a stay in the second-level cache while all panels of b pass, */
static const ptrdiff_t rows_target = 256 * 1024;
/* and a panel's run of products stays there while all rows pass. */
static const ptrdiff_t longest_run = 2048;
static const ptrdiff_t least_units = 16;

void esp_f32_matmul_plan(const esp_matmul_shape *shape, int isa, esp_matmul_plan *plan) {
  *plan = (esp_matmul_plan){.shape = *shape, .isa = isa};
  const esp_tile_table *table = esp_tiles(isa);
  plan->blocks = esp_ceil_div(shape->n, 16);
  plan->panel = esp_least(table->blocks, esp_greatest(1, plan->blocks));
  // Rows a multiple of 4 KB apart would share one set of the first-level cache.
  plan->copy_a = shape->transpose_a || (shape->lda % 1024 == 0 && shape->m > 1);
  plan->pitch = plan->copy_a ? esp_round_up(shape->k, 16) + (esp_ceil_div(shape->k, 16) % 2 == 0 ? 16 : 0) : shape->lda;
  ptrdiff_t tile = table->pixels[plan->panel - 1];
  ptrdiff_t row_bytes = esp_greatest(1, plan->pitch) * (ptrdiff_t)sizeof(float);
  ptrdiff_t rows = esp_greatest(tile, rows_target / row_bytes);
  rows = esp_least(rows, esp_greatest(tile, esp_ceil_div(shape->m, least_units)));
  plan->rows = esp_greatest(1, esp_least(esp_round_up(rows, tile), shape->m));
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t regions = esp_ceil_div(shape->m, plan->rows);
  plan->splits = regions == 0 ? 1 : esp_greatest(1, esp_least(panels, esp_ceil_div(least_units, regions)));
  plan->units = shape->n == 0 ? 0 : regions * plan->splits;
  plan->packed_bytes = plan->blocks * 16 * shape->k * (ptrdiff_t)sizeof(float);
  plan->scratch_bytes = plan->copy_a ? plan->rows * plan->pitch * (ptrdiff_t)sizeof(float) : 0;
}

/* Packs one panel of b: [k, width], zeros past column `kept`. */
static void pack_panel(const esp_matmul_shape *s, const float *b, ptrdiff_t first, ptrdiff_t width, float *to) {
  ptrdiff_t kept = esp_least(width, s->n - first);
  if (!s->transpose_b) {
    for (ptrdiff_t i = 0; i < s->k; i++) {
      memcpy(to + i * width, b + i * s->ldb + first, (size_t)kept * sizeof(float));
      memset(to + i * width + kept, 0, (size_t)(width - kept) * sizeof(float));
    }
    return;
  }
  for (ptrdiff_t lane = 0; lane < width; lane++) {
    for (ptrdiff_t i = 0; i < s->k; i++) {
      to[i * width + lane] = lane < kept ? b[(first + lane) * s->ldb + i] : 0;
    }
  }
}

void esp_f32_matmul_pack(const esp_matmul_plan *plan, const float *b, float *packed, ptrdiff_t part, ptrdiff_t parts) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t end = esp_part_begin(panels, part + 1, parts);
  for (ptrdiff_t panel = esp_part_begin(panels, part, parts); panel < end; panel++) {
    ptrdiff_t first = panel * plan->panel;
    ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first);
    pack_panel(&plan->shape, b, 16 * first, width, packed + 16 * first * plan->shape.k);
  }
}

/* Returns rows `begin` ..< `end` of op(a), copied if the plan says so. */
static const float *view_rows(const esp_matmul_plan *plan, const float *a, ptrdiff_t begin, ptrdiff_t end,
                              float *copy) {
  const esp_matmul_shape *s = &plan->shape;
  if (!plan->copy_a) {
    return a + begin * s->lda;
  }
  if (!s->transpose_a) {
    for (ptrdiff_t row = begin; row < end; row++) {
      memcpy(copy + (row - begin) * plan->pitch, a + row * s->lda, (size_t)s->k * sizeof(float));
    }
    return copy;
  }
  // In strips of 16 columns: a strip's lines of the copy stay in the cache until they are full.
  for (ptrdiff_t strip = 0; strip < s->k; strip += 16) {
    ptrdiff_t strip_end = esp_least(strip + 16, s->k);
    for (ptrdiff_t row = begin; row < end; row++) {
      for (ptrdiff_t i = strip; i < strip_end; i++) {
        copy[(row - begin) * plan->pitch + i] = a[i * s->lda + row];
      }
    }
  }
  return copy;
}

/* The parts of an epilogue; see esp_conv_epilogue. */
typedef struct {
  const float *bias, *residual;
  float low, high;
} matmul_finish;

/* Multiplies all rows of a unit by one panel of b. */
static void run_panel(const esp_matmul_plan *plan, const float *a, const float *packed, float *c, ptrdiff_t begin,
                      ptrdiff_t end, ptrdiff_t first_block, const matmul_finish *finish) {
  const esp_matmul_shape *s = &plan->shape;
  const esp_tile_table *table = esp_tiles(plan->isa);
  ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - first_block);
  ptrdiff_t column = 16 * first_block;
  ptrdiff_t segment = 0;
  esp_tile tile = {.x_pixel = plan->pitch, .segments = &segment, .segment_count = 1, .count = 1, .y_pixel = s->ldc};
  tile.channels = esp_least(16 * blocks, s->n - column);
  ptrdiff_t tile_rows = esp_ceil_div(end - begin, esp_ceil_div(end - begin, table->pixels[blocks - 1]));
  ptrdiff_t runs = esp_greatest(1, esp_ceil_div(s->k, longest_run));
  for (ptrdiff_t run = 0; run < runs; run++) {
    int last = run == runs - 1;
    segment = esp_part_begin(s->k, run, runs);
    tile.segment_length = esp_part_begin(s->k, run + 1, runs) - segment;
    tile.weights = packed + column * s->k + segment * 16 * blocks;
    tile.bias = last && finish->bias ? finish->bias + column : NULL;
    tile.low = last ? finish->low : -INFINITY;
    tile.high = last ? finish->high : INFINITY;
    const float *added = run > 0 ? c : finish->residual;
    tile.plain = !added && !tile.bias && tile.low == -INFINITY && tile.high == INFINITY;
    for (ptrdiff_t row = begin; row < end; row += tile_rows) {
      tile.x = a + (row - begin) * plan->pitch;
      tile.y = c + row * s->ldc + column;
      tile.residual = added ? added + row * s->ldc + column : NULL;
      table->tile[blocks - 1][0][esp_least(tile_rows, end - row) - 1](&tile);
    }
  }
}

void esp_f32_matmul_run(const esp_matmul_plan *plan, const float *a, const float *packed, float *c,
                        ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_epilogue *epilogue) {
  matmul_finish finish = {.low = -INFINITY, .high = INFINITY};
  if (epilogue) {
    finish.bias = epilogue->bias;
    finish.residual = epilogue->residual;
    finish.low = epilogue->activation == ESP_ACTIVATION_NONE ? -INFINITY : 0;
    finish.high = epilogue->activation == ESP_ACTIVATION_RELU6 ? 6 : INFINITY;
  }
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  for (ptrdiff_t unit = unit_begin; unit < unit_end; unit++) {
    ptrdiff_t split = unit % plan->splits;
    ptrdiff_t begin = unit / plan->splits * plan->rows;
    ptrdiff_t end = esp_least(begin + plan->rows, plan->shape.m);
    const float *rows = view_rows(plan, a, begin, end, scratch);
    ptrdiff_t panel_end = esp_part_begin(panels, split + 1, plan->splits);
    for (ptrdiff_t panel = esp_part_begin(panels, split, plan->splits); panel < panel_end; panel++) {
      run_panel(plan, rows, packed, c, begin, end, panel * plan->panel, &finish);
    }
  }
}

/* Plain products of any arithmetic type T whose sums are of type S (unsigned for integers: their overflow wraps). */
#define ESP_DEFINE_MATMUL(NAME, T, S)                                                                          \
  void NAME(const esp_matmul_shape *s, const T *a, const T *b, T *c, ptrdiff_t row_begin, ptrdiff_t row_end) { \
    ptrdiff_t a_row = s->transpose_a ? 1 : s->lda;                                                             \
    ptrdiff_t a_column = s->transpose_a ? s->lda : 1;                                                          \
    for (ptrdiff_t row = row_begin; row < row_end; row++) {                                                    \
      T *to = c + row * s->ldc;                                                                                \
      for (ptrdiff_t j = 0; j < s->n; j++) {                                                                   \
        to[j] = 0;                                                                                             \
      }                                                                                                        \
      for (ptrdiff_t i = 0; i < s->k && !s->transpose_b; i++) {                                                \
        S factor = (S)a[row * a_row + i * a_column];                                                           \
        for (ptrdiff_t j = 0; j < s->n; j++) {                                                                 \
          to[j] = (T)((S)to[j] + factor * (S)b[i * s->ldb + j]);                                               \
        }                                                                                                      \
      }                                                                                                        \
      for (ptrdiff_t j = 0; j < s->n && s->transpose_b; j++) {                                                 \
        S sum = 0;                                                                                             \
        for (ptrdiff_t i = 0; i < s->k; i++) {                                                                 \
          sum += (S)a[row * a_row + i * a_column] * (S)b[j * s->ldb + i];                                      \
        }                                                                                                      \
        to[j] = (T)sum;                                                                                        \
      }                                                                                                        \
    }                                                                                                          \
  }

ESP_DEFINE_MATMUL(esp_f64_matmul, double, double)
ESP_DEFINE_MATMUL(esp_i32_matmul, int32_t, uint32_t)
ESP_DEFINE_MATMUL(esp_i64_matmul, int64_t, uint64_t)
