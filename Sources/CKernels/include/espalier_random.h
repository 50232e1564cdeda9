#ifndef ESPALIER_RANDOM_H
#define ESPALIER_RANDOM_H

/* Random numbers from Philox 4x32-10, a counter-based generator: element i depends on the seeds, the start and i alone,
   so any split into ranges gives the same bits.

   The streams are those of TensorFlow's CPU kernels RandomUniform, RandomUniformInt, RandomStandardNormal and
   TruncatedNormal with the attributes seed and seed2 (graph seed and op seed): the key is `seed`, the upper half of the
   counter `seed2`, and `start` the blocks of 128 bits that earlier runs of the same op took, 256 for each element.
   Uniform numbers match bit for bit, normal ones up to the last digits of the C library's log, sin and cos.

   Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011);
   tensorflow/core/lib/random/philox_random.h, random_distributions.h; tensorflow/core/util/guarded_philox_random.h. */

#include <stdint.h>

typedef struct {
  uint64_t seed, seed2;
  uint64_t start; /* in blocks */
} esp_random_stream;

/* Returns `stream` as the run after one that made `count` elements finds it. */
esp_random_stream esp_random_next(esp_random_stream stream, int64_t count);

/* Fills elements [begin, end) of y: y points to element 0. Uniform floats are in [0, 1), with 23 or 52 random bits. */
void esp_random_uniform_f32(esp_random_stream stream, long begin, long end, float *y);
void esp_random_uniform_f64(esp_random_stream stream, long begin, long end, double *y);

/* Integers in [low, high); low < high. */
void esp_random_uniform_i32(esp_random_stream stream, int32_t low, int32_t high, long begin, long end, int32_t *y);
void esp_random_uniform_i64(esp_random_stream stream, int64_t low, int64_t high, long begin, long end, int64_t *y);

/* Normal with mean 0 and deviation 1 (Box–Muller); truncated: drawn anew until within two deviations. */
void esp_random_normal_f32(esp_random_stream stream, long begin, long end, float *y);
void esp_random_normal_f64(esp_random_stream stream, long begin, long end, double *y);
void esp_random_truncated_normal_f32(esp_random_stream stream, long begin, long end, float *y);
void esp_random_truncated_normal_f64(esp_random_stream stream, long begin, long end, double *y);

/* Writes the four words of one block. */
void esp_random_block(esp_random_stream stream, uint32_t words[4]);

#endif
