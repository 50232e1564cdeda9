#ifndef ESP_TILE_H
#define ESP_TILE_H

#include <stddef.h>

/* The two micro-kernels under every convolution and matrix product.

   A tile computes, for pixels (r, p) of a small rectangle and the 16 · blocks channels k of one panel of weights,
     y[r, p, k] = clamp(residual[r, p, k] + bias[k] + Σ over segments s, i < segment_length:
                        x[segments[s] + r·x_row + p·x_pixel + i] · weights[s · segment_length + i][k])
   A convolution's segments are its filter taps, a matrix product has a single one. The whole is done `count` times, each
   with x, weights and y a step further on; what is added, clamped or summed is for a single one. Nothing overlaps, except
   that residual may be y. A tile that adds starts from y instead of 0. */
typedef struct {
  const float *x;
  ptrdiff_t x_pixel, x_row;
  const ptrdiff_t *segments;
  ptrdiff_t segment_count, segment_length;
  const float *weights; /* [segment_count · segment_length, 16 · blocks], 64-byte aligned */
  ptrdiff_t count, x_step, weights_step, y_step;
  float *y;
  ptrdiff_t y_pixel, y_row;
  ptrdiff_t channels;    /* channels stored: 1 ... 16 · blocks */
  const float *residual; /* strides of y; or null */
  const float *bias;     /* [channels]; or null */
  float low, high;       /* results are clamped to low ... high; a NaN stays */
  float *sums, *squares; /* [16 · blocks] each: Σ y and Σ y² are added; or null */
  int plain;             /* 1 if there is nothing to add, clamp or sum: a third fewer instructions per result */
  int adds;              /* 1 to add to y; only for whole blocks of channels */
} esp_tile;

typedef void (*esp_tile_kernel)(const esp_tile *tile);

/* An outer-product tile adds, over all pixels of a rectangle in each of several images,
     w[i][k] += x[image, r, p, i] · dy[image, r, p, k]   for i < lines, k < 16 · blocks
   or stores the sums, if w is fresh memory. */
typedef struct {
  ptrdiff_t images, rows, pixels;
  const float *x;
  ptrdiff_t x_image, x_row, x_pixel;
  const float *dy;
  ptrdiff_t dy_image, dy_row, dy_pixel;
  float *w;  /* [lines, 16 · blocks], 64-byte aligned */
  int fresh; /* 1 if w holds nothing yet */
} esp_outer;

typedef void (*esp_outer_kernel)(const esp_outer *outer);

enum { ESP_TILE_BLOCKS = 2, ESP_TILE_ROWS = 4, ESP_TILE_PIXELS = 16 };

/* The kernels of one instruction set, null where a tile does not exist. */
typedef struct {
  ptrdiff_t blocks;                     /* blocks of the widest panel */
  ptrdiff_t pixels[ESP_TILE_BLOCKS];    /* most pixels (rows · pixels) of a tile, by blocks − 1 */
  ptrdiff_t lines[ESP_TILE_BLOCKS];     /* most lines of an outer-product tile, by blocks − 1 */
  esp_tile_kernel tile[ESP_TILE_BLOCKS][ESP_TILE_ROWS][ESP_TILE_PIXELS]; /* [blocks − 1][rows − 1][pixels − 1] */
  esp_outer_kernel outer[ESP_TILE_BLOCKS][ESP_TILE_PIXELS];              /* [blocks − 1][lines − 1] */
} esp_tile_table;

/* Returns the kernels of an instruction set. */
const esp_tile_table *esp_tiles(int isa);

#endif
