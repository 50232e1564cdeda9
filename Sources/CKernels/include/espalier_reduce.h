#ifndef ESPALIER_REDUCE_H
#define ESPALIER_REDUCE_H

/* Reductions and scans of the middle axis of x [outer, axis, inner]. Every function handles the outer indices
   [begin, end); results do not depend on the split. For outer = 1, or to reduce what a cluster computes, the tile
   machine's reductions (espalier_pointwise.h) cut the work finer. */

#include <stddef.h>
#include <stdint.h>

#include "espalier_dtype.h"
#include "espalier_pointwise.h"

/* Returns the bytes of scratch that esp_reduce needs, 8-byte aligned. */
size_t esp_reduce_scratch_size(long inner);

/* Writes y [outer, inner] of x's type, f32, f64, i32 or i64, by ESP_REDUCE_SUM, MAX, MIN or PROD; floats are multiplied
   by `scale`. An empty axis gives 0, the least, the greatest, or 1. */
void esp_reduce(int type, int kind, long axis, long inner, const void *x, double scale, void *y, long begin, long end,
                void *scratch);

/* Whether all, or any, of the bools are true: y [outer, inner] of bools. */
void esp_reduce_bool(int all, long axis, long inner, const uint8_t *x, uint8_t *y, long begin, long end);

/* Writes the index of the greatest element (or the least), the first of several, as i32 or i64: y [outer, inner].
   NaNs are passed over. x has any type but f16 and bf16; axis ≥ 1. Returns 0 for a type that it does not have, else
   1. */
int esp_arg_max(int type, int minimum, int index_type, long axis, long inner, const void *x, void *y, long begin,
                long end);

/* Sums (or products) of the elements up to each along the axis, `exclusive` of itself, from the end with `reverse`.
   f32, f64, i32 or i64; x and y may be the same. Returns 0 for another type, else 1. */
int esp_scan(int type, int product, int exclusive, int reverse, long axis, long inner, const void *x, void *y,
             long begin, long end);

#endif
