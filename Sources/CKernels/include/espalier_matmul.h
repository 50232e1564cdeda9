#ifndef ESPALIER_MATMUL_H
#define ESPALIER_MATMUL_H

#include <stddef.h>
#include <stdint.h>

#include "espalier_convolution.h"

/* Matrix products c [m, n] = op(a) [m, k] · op(b) [k, n], where op transposes what is marked so. Row-major; lda, ldb
   and ldc are the distances between the rows of a, b and c as stored: a is [m, k], or [k, m] if transpose_a. */
typedef struct {
  ptrdiff_t m, n, k;
  ptrdiff_t transpose_a, transpose_b; /* 0 or 1 */
  ptrdiff_t lda, ldb, ldc;
} esp_matmul_shape;

typedef struct {
  esp_matmul_shape shape;
  int isa;
  ptrdiff_t units;         /* independent units of …_run */
  ptrdiff_t scratch_bytes; /* per thread; 64-byte aligned, no initial value */
  ptrdiff_t packed_bytes;  /* the packed b; 64-byte aligned */

  /* Private to the kernels. */
  ptrdiff_t copy_a;        /* 1 if rows of a are copied before they are multiplied */
  ptrdiff_t pitch;         /* floats between rows of a, copied or not */
  ptrdiff_t rows;          /* rows of c per unit */
  ptrdiff_t splits;        /* units along n */
  ptrdiff_t blocks, panel; /* blocks of 16 columns, blocks per packed panel */
} esp_matmul_plan;

/* The same three steps and rules as a convolution's; see espalier_convolution.h. b is packed. */
void esp_f32_matmul_plan(const esp_matmul_shape *shape, int isa, esp_matmul_plan *plan);
void esp_f32_matmul_pack(const esp_matmul_plan *plan, const float *b, float *packed, ptrdiff_t part, ptrdiff_t parts);
/* Computes units unit_begin ..< unit_end of c. `epilogue` may be null; its bias is [n], its residual is laid out as c
   (and may be c), its stats are not used. */
void esp_f32_matmul_run(const esp_matmul_plan *plan, const float *a, const float *packed, float *c,
                        ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_epilogue *epilogue);

/* Plain loops, for rows row_begin ..< row_end of c. Integers wrap around. */
void esp_f64_matmul(const esp_matmul_shape *shape, const double *a, const double *b, double *c, ptrdiff_t row_begin,
                    ptrdiff_t row_end);
void esp_i32_matmul(const esp_matmul_shape *shape, const int32_t *a, const int32_t *b, int32_t *c, ptrdiff_t row_begin,
                    ptrdiff_t row_end);
void esp_i64_matmul(const esp_matmul_shape *shape, const int64_t *a, const int64_t *b, int64_t *c,
                    ptrdiff_t row_begin, ptrdiff_t row_end);

#endif
