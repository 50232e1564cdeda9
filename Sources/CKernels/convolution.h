#ifndef ESP_CONVOLUTION_H
#define ESP_CONVOLUTION_H

#include "espalier_convolution.h"
#include "isa.h"
#include "tile.h"

/* How every direct convolution runs.

   Forward and backward-data convolutions are the same *correlation*: each destination pixel sums filter taps times
   source pixels at fixed offsets. A forward convolution steps through the source by its stride and sees all taps; a
   gradient with respect to x steps through dx by the stride, and its residue modulo the stride (its *phase*) says which
   taps it sees, so nothing is multiplied by inserted zeros. Per spatial axis, position i of phase r is
     destination index  r + phases·i − pad (backward)  or  i (forward, one phase)
     source index       (i·stride + offset(tap, r))·gather + origin
   A unit copies the source rows of a band of positions of a group of images to a padded scratch [rows, columns, pixel],
   (or reads the source in place where no padding is needed), and runs tiles over it. */

/* Most images of a unit. */
enum { ESP_CONV_GROUP = 8 };

/* Returns ceil(a / b) of a ≥ 0, b > 0. */
static inline ptrdiff_t esp_ceil_div(ptrdiff_t a, ptrdiff_t b) { return (a + b - 1) / b; }

static inline ptrdiff_t esp_round_up(ptrdiff_t a, ptrdiff_t multiple) { return esp_ceil_div(a, multiple) * multiple; }

static inline ptrdiff_t esp_least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

static inline ptrdiff_t esp_greatest(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

/* Returns the first of the items of part `part` when `count` items are cut into `parts` nearly equal parts. */
static inline ptrdiff_t esp_part_begin(ptrdiff_t count, ptrdiff_t part, ptrdiff_t parts) {
  return count / parts * part + esp_least(part, count % parts);
}

/* Returns whether a phase's destinations see tap k of an axis. */
static inline int esp_axis_sees(const esp_conv_axis *axis, ptrdiff_t phase, ptrdiff_t k) {
  return (phase - k * axis->tap_step) % axis->phases == 0;
}

/* Returns the scratch offset of tap k, relative to position · stride. */
static inline ptrdiff_t esp_axis_offset(const esp_conv_axis *axis, ptrdiff_t phase, ptrdiff_t k) {
  if (axis->backward) {
    return (phase - k * axis->tap_step) / axis->phases;
  }
  return axis->gather > 1 ? 0 : k * axis->tap_step - axis->pad;
}

/* Returns the t-th tap in the order of rising scratch offset. */
static inline ptrdiff_t esp_axis_tap(const esp_conv_axis *axis, ptrdiff_t t) {
  return axis->backward ? axis->taps - 1 - t : t;
}

/* Returns how many taps a phase sees. */
ptrdiff_t esp_axis_taps_seen(const esp_conv_axis *axis, ptrdiff_t phase);

/* Returns the destination index of a position; it may lie outside 0 ..< destination. */
static inline ptrdiff_t esp_axis_destination(const esp_conv_axis *axis, ptrdiff_t phase, ptrdiff_t position) {
  return axis->backward ? phase + axis->phases * position - axis->pad : position;
}

/* Narrows positions *begin ..< *end to those of `phase` whose destination exists. */
void esp_axis_clip(const esp_conv_axis *axis, ptrdiff_t phase, ptrdiff_t *begin, ptrdiff_t *end);

/* Returns the scratch pixels that `positions` positions of an axis reach. */
static inline ptrdiff_t esp_axis_reach(const esp_conv_axis *axis, ptrdiff_t positions) {
  return (positions - 1) * axis->stride + axis->high - axis->low + 1;
}

/* Plans the axes, the summation order and the source's layout, which all directions share. */
void esp_conv_plan_correlation(const esp_conv_shape *shape, esp_conv_options options, int backward,
                               esp_conv_plan *plan);

/* Plans units and scratch of a direct forward or backward-data convolution. */
void esp_conv_plan_units(esp_conv_plan *plan);

/* Returns the scratch bytes in front of the padded copy, which hold the segments' offsets. */
static inline ptrdiff_t esp_conv_segment_bytes(const esp_conv_plan *plan) {
  return esp_round_up(plan->segments * (ptrdiff_t)sizeof(ptrdiff_t), 64);
}

/* Copies one image: scratch rows first_row ..< first_row + rows of the source at `from`, zeros where it has no
   pixel. */
void esp_conv_copy_rows(const esp_conv_plan *plan, const float *from, ptrdiff_t first_row, ptrdiff_t rows, float *to);

/* What a correlation does to its results; see esp_conv_epilogue. */
typedef struct {
  const float *bias, *residual;
  float low, high;
  float *stats;
} esp_conv_finish;

/* Returns whether results are stored as they are. */
int esp_conv_is_plain(const esp_conv_finish *finish);

/* Computes units unit_begin ..< unit_end of the destination. */
void esp_conv_correlate(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                        ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_finish *finish);

/* Rows of images: image_begin ..< image_end, and of each row_begin ..< row_end. */
typedef struct {
  ptrdiff_t image_begin, image_end, row_begin, row_end;
} esp_conv_rows;

/* Returns the rows of the source that a unit reads, and those of the destination that it computes. */
esp_conv_rows esp_conv_source_rows(const esp_conv_plan *plan, ptrdiff_t unit);
esp_conv_rows esp_conv_destination_rows(const esp_conv_plan *plan, ptrdiff_t unit);

/* Computes units of the destination by the plan's algorithm. */
void esp_conv_run(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                  ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_finish *finish);

/* Returns what an epilogue, which may be null, asks for. */
esp_conv_finish esp_conv_finish_of(const esp_conv_epilogue *epilogue);

/* A virtual worker's sums of the filter's gradient. */
typedef struct {
  float *sums;
  ptrdiff_t split; /* which part of dy's channels */
  int fresh;       /* 1 until something has been stored */
} esp_conv_share;

/* Adds the products of regions region_begin ..< region_end to a worker's sums by the plan's algorithm. */
void esp_conv_filter_add(const esp_conv_plan *plan, const float *x, const float *dy, esp_conv_share *share,
                         ptrdiff_t region_begin, ptrdiff_t region_end, void *scratch);

/* Sets the sums to 0 if there was nothing to add. */
void esp_conv_share_finish(const esp_conv_plan *plan, esp_conv_share *share);

/* The filter's gradient: plan, the products of regions (groups · bands), added to one virtual worker's sums, and the
   sum of the workers' sums. */
void esp_conv_plan_filter(esp_conv_plan *plan, ptrdiff_t workers);
void esp_conv_filter_run(const esp_conv_plan *plan, const float *x, const float *dy, esp_conv_share *share,
                         ptrdiff_t region_begin, ptrdiff_t region_end, void *scratch);
void esp_conv_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter, ptrdiff_t part,
                            ptrdiff_t parts);

/* Packs part `part` of `parts` of the filter: [panel, phase, chunk, ky, kx, channel, 16 · blocks of the panel], in the
   order in which tiles read it. */
void esp_conv_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part, ptrdiff_t parts);

/* Writes the source offset of every segment, phase after phase, in the order of summation. */
void esp_conv_write_segments(const esp_conv_plan *plan, ptrdiff_t *segments);

#endif
