/* See tile.h for what the kernels compute. Written once over v16; kernel_list.h says which tiles exist. */

#include "kernel_list.h"

#define esp_tile_load ESP_ISA_NAME(esp_tile_load)
#define esp_tile_store_plain ESP_ISA_NAME(esp_tile_store_plain)
#define esp_tile_store ESP_ISA_NAME(esp_tile_store)

/* Loads accumulators from y. */
ESP_INLINE void esp_tile_load(const esp_tile *tile, const float *y, ptrdiff_t rows, ptrdiff_t pixels, v16 *sum) {
  ESP_UNROLL for (ptrdiff_t r = 0; r < rows; r++) {
    ESP_UNROLL for (ptrdiff_t p = 0; p < pixels; p++) {
      sum[r * pixels + p] = v16_load(y + r * tile->y_row + p * tile->y_pixel);
    }
  }
}

/* Stores accumulators as they are. */
ESP_INLINE void esp_tile_store_plain(const esp_tile *tile, float *y, ptrdiff_t rows, ptrdiff_t pixels,
                                     const v16 *sum) {
  ESP_UNROLL for (ptrdiff_t r = 0; r < rows; r++) {
    ESP_UNROLL for (ptrdiff_t p = 0; p < pixels; p++) {
      v16_store(y + r * tile->y_row + p * tile->y_pixel, sum[r * pixels + p]);
    }
  }
}

/* Adds what the epilogue asks for to the accumulators and stores them. */
ESP_INLINE void esp_tile_store(const esp_tile *tile, ptrdiff_t rows, ptrdiff_t pixels, ptrdiff_t block,
                               const v16 *sum) {
  ptrdiff_t count = tile->channels - 16 * block;
  if (count <= 0) {
    return;
  }
  int whole = count >= 16;
  v16 bias = {0};
  if (tile->bias) {
    const float *from = tile->bias + 16 * block;
    bias = whole ? v16_load(from) : v16_load_first(from, count);
  }
  v16 low = v16_broadcast(tile->low);
  v16 high = v16_broadcast(tile->high);
  v16 total = {0};
  v16 squares = {0};
  ESP_UNROLL for (ptrdiff_t r = 0; r < rows; r++) {
    ESP_UNROLL for (ptrdiff_t p = 0; p < pixels; p++) {
      ptrdiff_t at = r * tile->y_row + p * tile->y_pixel + 16 * block;
      v16 y = sum[r * pixels + p] + bias;
      if (tile->residual) {
        y += whole ? v16_load(tile->residual + at) : v16_load_first(tile->residual + at, count);
      }
      y = v16_min(v16_max(y, low), high);
      if (whole) {
        v16_store(tile->y + at, y);
      } else {
        v16_store_first(tile->y + at, y, count);
      }
      total += y;
      squares = v16_fma(y, y, squares);
    }
  }
  if (tile->sums) {
    float *to_sums = tile->sums + 16 * block;
    float *to_squares = tile->squares + 16 * block;
    v16_store(to_sums, v16_load(to_sums) + total);
    v16_store(to_squares, v16_load(to_squares) + squares);
  }
}

/* The loop over i stays rolled: unrolled, the compiler keeps broadcasts in registers and spills accumulators. Pixels
   are addressed in groups of four from at most 4 pointers, whose values the empty assembly hides: the compiler would
   keep a pointer per pixel, more than there are registers, and load them anew for each i. */
#define ESP_DEFINE_TILE(ROWS, PIXELS, BLOCKS)                                                                          \
  ESP_NOINLINE void ESP_ISA_NAME(esp_f32_tile_##ROWS##x##PIXELS##x##BLOCKS)(const esp_tile *tile) {                    \
    enum { GROUPS = (PIXELS + 3) / 4 };                                                                                \
    const float *first = tile->x;                                                                                      \
    float *y = tile->y;                                                                                                \
    const ptrdiff_t x_pixel = tile->x_pixel;                                                                           \
    const ptrdiff_t length = tile->segment_length;                                                                     \
    for (ptrdiff_t n = 0; n < tile->count; n++) {                                                                      \
      v16 sum[BLOCKS][ROWS * PIXELS];                                                                                  \
      ESP_UNROLL for (int b = 0; b < BLOCKS; b++) {                                                                    \
        ESP_UNROLL for (int q = 0; q < ROWS * PIXELS; q++) { sum[b][q] = (v16){0}; }                                   \
      }                                                                                                                \
      if (tile->adds) {                                                                                                \
        ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { esp_tile_load(tile, y + 16 * b, ROWS, PIXELS, sum[b]); }         \
      }                                                                                                                \
      const float *w = tile->weights + n * tile->weights_step;                                                         \
      for (ptrdiff_t s = 0; s < tile->segment_count; s++) {                                                            \
        const float *x[ROWS * GROUPS];                                                                                 \
        ESP_UNROLL for (int r = 0; r < ROWS; r++) {                                                                    \
          ESP_UNROLL for (int g = 0; g < GROUPS; g++) {                                                                \
            x[r * GROUPS + g] = first + tile->segments[s] + r * tile->x_row + 4 * g * x_pixel;                         \
          }                                                                                                            \
        }                                                                                                              \
        ESP_NO_UNROLL for (ptrdiff_t i = 0; i < length; i++) {                                                         \
          v16 weights[BLOCKS];                                                                                         \
          ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { weights[b] = v16_load(w + 16 * b); }                           \
          w += 16 * BLOCKS;                                                                                            \
          ESP_UNROLL for (int r = 0; r < ROWS; r++) {                                                                  \
            ESP_UNROLL for (int p = 0; p < PIXELS; p++) {                                                              \
              v16 value = v16_broadcast(x[r * GROUPS + p / 4][p % 4 * x_pixel]);                                       \
              ESP_UNROLL for (int b = 0; b < BLOCKS; b++) {                                                            \
                sum[b][r * PIXELS + p] = v16_fma(value, weights[b], sum[b][r * PIXELS + p]);                           \
              }                                                                                                        \
            }                                                                                                          \
          }                                                                                                            \
          ESP_UNROLL for (int q = 0; q < ROWS * GROUPS; q++) {                                                         \
            x[q]++;                                                                                                    \
            __asm__("" : "+r"(x[q]));                                                                                  \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
      if (tile->plain && tile->channels == 16 * BLOCKS) {                                                              \
        ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { esp_tile_store_plain(tile, y + 16 * b, ROWS, PIXELS, sum[b]); }  \
      } else {                                                                                                         \
        ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { esp_tile_store(tile, ROWS, PIXELS, b, sum[b]); }                 \
      }                                                                                                                \
      first += tile->x_step;                                                                                           \
      y += tile->y_step;                                                                                               \
    }                                                                                                                  \
  }

#define ESP_DEFINE_OUTER(LINES, BLOCKS)                                                                    \
  ESP_NOINLINE void ESP_ISA_NAME(esp_f32_outer_##LINES##x##BLOCKS)(const esp_outer *outer) {               \
    v16 sum[LINES][BLOCKS];                                                                                \
    ESP_UNROLL for (int i = 0; i < LINES; i++) {                                                           \
      ESP_UNROLL for (int b = 0; b < BLOCKS; b++) {                                                        \
        sum[i][b] = outer->fresh ? (v16){0} : v16_load(outer->w + 16 * (i * BLOCKS + b));                  \
      }                                                                                                    \
    }                                                                                                      \
    for (ptrdiff_t image = 0; image < outer->images; image++) {                                            \
      for (ptrdiff_t r = 0; r < outer->rows; r++) {                                                        \
        const float *x = outer->x + image * outer->x_image + r * outer->x_row;                             \
        const float *dy = outer->dy + image * outer->dy_image + r * outer->dy_row;                         \
        ESP_NO_UNROLL for (ptrdiff_t p = 0; p < outer->pixels; p++) {                                      \
          v16 gradient[BLOCKS];                                                                            \
          ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { gradient[b] = v16_load(dy + 16 * b); }             \
          ESP_UNROLL for (int i = 0; i < LINES; i++) {                                                     \
            v16 value = v16_broadcast(x[i]);                                                               \
            ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { sum[i][b] = v16_fma(value, gradient[b], sum[i][b]); } \
          }                                                                                                \
          x += outer->x_pixel;                                                                             \
          dy += outer->dy_pixel;                                                                           \
        }                                                                                                  \
      }                                                                                                    \
    }                                                                                                      \
    ESP_UNROLL for (int i = 0; i < LINES; i++) {                                                           \
      ESP_UNROLL for (int b = 0; b < BLOCKS; b++) { v16_store(outer->w + 16 * (i * BLOCKS + b), sum[i][b]); } \
    }                                                                                                      \
  }

ESP_TILES(ESP_DEFINE_TILE)
ESP_OUTERS(ESP_DEFINE_OUTER)

#define ESP_TILE_ENTRY(ROWS, PIXELS, BLOCKS) \
  .tile[BLOCKS - 1][ROWS - 1][PIXELS - 1] = ESP_ISA_NAME(esp_f32_tile_##ROWS##x##PIXELS##x##BLOCKS),
#define ESP_OUTER_ENTRY(LINES, BLOCKS) .outer[BLOCKS - 1][LINES - 1] = ESP_ISA_NAME(esp_f32_outer_##LINES##x##BLOCKS),

static const esp_tile_table ESP_ISA_NAME(esp_tile_table) = {
#if ESP_ISA_LEVEL == 2
    .blocks = 2, .pixels = {16, 12}, .lines = {16, 12},
#elif ESP_ISA_LEVEL == 1
    .blocks = 1, .pixels = {6, 0}, .lines = {6, 0},
#elif !ESP_ISA_X86
    .blocks = 1, .pixels = {5, 0}, .lines = {5, 0},
#else
    .blocks = 1, .pixels = {2, 0}, .lines = {2, 0},
#endif
    ESP_TILES(ESP_TILE_ENTRY) ESP_OUTERS(ESP_OUTER_ENTRY)};

#undef esp_tile_load
#undef esp_tile_store_plain
#undef esp_tile_store
#undef ESP_DEFINE_TILE
#undef ESP_DEFINE_OUTER
#undef ESP_TILE_ENTRY
#undef ESP_OUTER_ENTRY
