#ifndef ESPALIER_PEAK_H
#define ESPALIER_PEAK_H

/* What the processor's arithmetic units can do at most: for measuring how near kernels come. */

/* Multiplies and adds float32 numbers in registers `rounds` times over, and returns the number of operations that were
   done, a multiplication with its addition counting as two. `x` holds 16 numbers before and after: the results. */
double esp_multiply_add_f32(long rounds, float *x);

#endif
