#ifndef ESPALIER_COPY_H
#define ESPALIER_COPY_H

/* Moving elements of any size. */

#include <stddef.h>
#include <stdint.h>

enum { ESP_COPY_RANK = 32 };

/* Copies dst[Σ c · dst_stride] = src[Σ c · src_stride] for every coordinate c below the extents. Strides are in
   elements and may be negative or, for the source, 0. Any element size; the two do not overlap. Rank ≤ ESP_COPY_RANK,
   and a wider one is not copied: returns 0 then, else 1. */
int esp_copy_strided(size_t element_size, int rank, const int64_t *extents, const int64_t *dst_strides,
                     const int64_t *src_strides, void *dst, const void *src);

/* Writes `count` copies of one element. */
void esp_fill(size_t element_size, int64_t count, const void *value, void *dst);

#endif
