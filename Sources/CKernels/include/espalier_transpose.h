#ifndef ESPALIER_TRANSPOSE_H
#define ESPALIER_TRANSPOSE_H

#include <stddef.h>

enum { ESP_TRANSPOSE_RANK = 8 };

/* A permutation of axes, reduced to the fewest axes that still do it. */
typedef struct {
  ptrdiff_t units;        /* independent units of …_run */

  /* Private to the kernels. */
  ptrdiff_t element;      /* bytes of an element, which is a run of numbers where the last axis stays last */
  ptrdiff_t rank;
  ptrdiff_t extent[ESP_TRANSPOSE_RANK];      /* of the result, outermost first */
  ptrdiff_t from_stride[ESP_TRANSPOSE_RANK]; /* elements in the source between neighbours along a result axis */
  ptrdiff_t to_stride[ESP_TRANSPOSE_RANK];
  ptrdiff_t turned;       /* the result axis that is innermost in the source */
} esp_transpose_plan;

/* Plans y = x with axes permuted: y's axis i is x's axis permutation[i]. x is dense with the given extents;
   element_size is any positive number of bytes (1, 2, 4 and 8 are fast). Returns 0, or −1 if rank exceeds
   ESP_TRANSPOSE_RANK or permutation is not a permutation. */
int esp_transpose_plan_make(ptrdiff_t rank, const ptrdiff_t *extents, const ptrdiff_t *permutation,
                            ptrdiff_t element_size, esp_transpose_plan *plan);

/* Computes units unit_begin ..< unit_end of y, which does not overlap x. */
void esp_transpose_bytes(const esp_transpose_plan *plan, const void *x, void *y, ptrdiff_t unit_begin,
                         ptrdiff_t unit_end);

#endif
