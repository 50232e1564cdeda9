#ifndef ESP_WINOGRAD_H
#define ESP_WINOGRAD_H

#include "convolution.h"

/* Winograd's minimal filtering F(4×4, 3×3), points 0, ±1, ±2, ∞ (Lavin and Gray, "Fast Algorithms for Convolutional
   Neural Networks", 2015), for 3×3 filters of stride 1 and channels in whole blocks of 16.

   With 1-D matrices B (6×6), G (6×3), A (6×4), a 4×4 tile of y comes from a 6×6 patch of x through 36 products per
   channel pair instead of 144:   y = Aᵀ [ Σ_c (G w G ᵀ) ∘ (Bᵀ x B) ] A.
   For each of the 36 points ξ this is a matrix product M[ξ] = V[ξ] U[ξ] over tiles × channels, run by the register
   tiles of tile.h. The filter's gradient is dw = Gᵀ [ Σ_tiles V[ξ] ᵀ (A dy Aᵀ)[ξ] ] G.

   V and M are [36, tiles, channels], planes an odd number of cache lines apart: the transforms write or read all 36
   planes at once, and planes 4 KB apart would share one set of the first-level cache (6 times slower). */

enum { ESP_WINOGRAD_POINTS = 36, ESP_WINOGRAD_TILE = 4 };

/* A patch of 6×6 pixels of which some may not exist, those beyond an image's border: rows top ..< bottom and columns
   left ..< right do. Others count as 0. */
typedef struct {
  const float *image;
  ptrdiff_t at;         /* where pixel (0, 0) would be, in floats from `image` on; may be negative */
  ptrdiff_t row, pixel; /* floats between rows and pixels */
  ptrdiff_t top, bottom, left, right;
  ptrdiff_t blocks; /* of 16 channels */
} esp_winograd_patch;

/* Where an output transform stores one tile; as esp_tile, for `blocks` blocks of 16 channels. */
typedef struct {
  const float *m;
  ptrdiff_t plane, blocks;
  float *y;
  ptrdiff_t y_row, y_pixel;
  ptrdiff_t rows, columns; /* of the 4×4 pixels, those that exist */
  const float *residual, *bias;
  float low, high;
  float *sums, *squares;
  int plain;
} esp_winograd_output;

/* The transforms of one instruction set. */
typedef struct {
  /* v[ξ · plane + c] = (Bᵀ x B)[ξ] for 16 · blocks channels. */
  void (*input)(const esp_winograd_patch *patch, float *v, ptrdiff_t plane);
  /* w[ξ · plane + k] = (A dy Aᵀ)[ξ]; pixels beyond rows × columns count as 0. */
  void (*gradient)(const float *dy, ptrdiff_t dy_row, ptrdiff_t dy_pixel, ptrdiff_t blocks, ptrdiff_t rows,
                   ptrdiff_t columns, float *w, ptrdiff_t plane);
  /* y = Aᵀ m A, then the epilogue. */
  void (*output)(const esp_winograd_output *output);
  /* u[ξ · plane + i · width + lane] = (G g Gᵀ)[ξ] for i, lane < 16, where tap (ky, kx) of a filter is
     g[(3·ky + kx) · tap + i · line + lane]. */
  void (*filter)(const float *g, ptrdiff_t tap, ptrdiff_t line, float *u, ptrdiff_t plane, ptrdiff_t width);
  /* dfilter[(3·ky + kx) · tap + lane] = (Gᵀ d G) for 16 lanes, where d is the sum, in order, of `shares` arrays
     du[share · stride + ξ · plane + lane]. */
  void (*filter_gradient)(const float *du, ptrdiff_t plane, ptrdiff_t stride, ptrdiff_t shares, float *dfilter,
                          ptrdiff_t tap);
  /* y[r · y_row + j] = x[j · x_row + r] for r, j < 16. */
  void (*transpose)(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row);
} esp_winograd_table;

/* Returns the transforms of an instruction set. */
const esp_winograd_table *esp_winograd(int isa);

/* Returns the bytes of all weights in transformed form, and the number of tiles of a batch. */
static inline ptrdiff_t esp_winograd_weight_bytes(const esp_conv_shape *s) {
  return ESP_WINOGRAD_POINTS * s->c * s->k * (ptrdiff_t)sizeof(float);
}

static inline ptrdiff_t esp_winograd_tiles(const esp_conv_shape *s) {
  return s->n * esp_ceil_div(s->oh, ESP_WINOGRAD_TILE) * esp_ceil_div(s->ow, ESP_WINOGRAD_TILE);
}

/* Returns whether a shape can run through Winograd's algorithm, and whether that is likely to be faster. */
int esp_winograd_applies(const esp_conv_shape *shape);
int esp_winograd_pays(const esp_conv_shape *shape);

/* Turns a correlation planned by esp_conv_plan_correlation into a Winograd plan of a forward or backward-data
   convolution, or of a filter's gradient. */
void esp_winograd_plan(esp_conv_plan *plan);
void esp_winograd_plan_filter(esp_conv_plan *plan, ptrdiff_t workers);

/* Plans the source, the regions of about `tiles` tiles and the scratch of a filter's gradient, for plan->chunk of x's
   channels and `channels` of dy's at a time. */
void esp_winograd_plan_filter_regions(esp_conv_plan *plan, ptrdiff_t channels, ptrdiff_t tiles);

/* As esp_conv_pack, esp_conv_correlate and the filter gradient's run and reduce. */
void esp_winograd_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part, ptrdiff_t parts);
void esp_winograd_run(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                      ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_finish *finish);
void esp_winograd_filter_run(const esp_conv_plan *plan, const float *x, const float *dy, esp_conv_share *share,
                             ptrdiff_t region_begin, ptrdiff_t region_end, void *scratch);
void esp_winograd_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter, ptrdiff_t part,
                                ptrdiff_t parts);
void esp_winograd_filter_store(const esp_conv_plan *plan, const float *x, const float *dy, float *dfilter,
                               ptrdiff_t worker, void *scratch);

/* A unit's tiles: those of rows row_begin ..< row_end of tiles, of images image_begin ..< image_end. */
typedef struct {
  ptrdiff_t image_begin, image_end;
  ptrdiff_t row_begin, row_end;
} esp_winograd_region;

/* Returns the tiles of unit `index` along batch and bands. */
esp_winograd_region esp_winograd_region_at(const esp_conv_plan *plan, ptrdiff_t index);

/* Rows of tiles of a region, counted through its images, that are worked on at once. */
typedef struct {
  ptrdiff_t begin, end;
} esp_winograd_rows;

/* Returns the rows of tiles of a region. */
static inline ptrdiff_t esp_winograd_row_count(esp_winograd_region region) {
  return (region.image_end - region.image_begin) * (region.row_end - region.row_begin);
}

/* Where row `index` of tiles of a region lies: its image, and the first row of its pixels in the destination. */
typedef struct {
  ptrdiff_t image, y;
} esp_winograd_place;

static inline esp_winograd_place esp_winograd_place_of(esp_winograd_region region, ptrdiff_t index) {
  ptrdiff_t rows_of_image = region.row_end - region.row_begin;
  return (esp_winograd_place){region.image_begin + index / rows_of_image,
                              (region.row_begin + index % rows_of_image) * ESP_WINOGRAD_TILE};
}

/* Channels begin ..< end, whole blocks of 16. */
typedef struct {
  ptrdiff_t begin, end;
} esp_winograd_channels;

/* Returns run `index` of the source's channels. */
static inline esp_winograd_channels esp_winograd_chunk(const esp_conv_plan *plan, ptrdiff_t index) {
  return (esp_winograd_channels){index * plan->chunk, esp_least((index + 1) * plan->chunk, plan->source_c)};
}

/* Cuts the source's channels into runs of about `chunk`. */
void esp_winograd_plan_chunks(esp_conv_plan *plan, ptrdiff_t chunk);

/* Transforms channels of the source of rows of a region to V; returns their number of tiles. */
ptrdiff_t esp_winograd_transform_source(const esp_conv_plan *plan, const float *source, esp_winograd_region region,
                                        esp_winograd_rows rows, esp_winograd_channels channels, float *v);

#endif
