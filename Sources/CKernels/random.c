#include "espalier_random.h"

#include <math.h>
#include <string.h>

/* Blocks that TensorFlow reserves for each element, whatever the distribution; a truncated normal may take many. */
enum { RESERVED = 256, ROUNDS = 10 };

esp_random_stream esp_random_next(esp_random_stream stream, int64_t count) {
  stream.start += (uint64_t)count * RESERVED;
  return stream;
}

static void block(esp_random_stream stream, uint64_t index, uint32_t words[4]) {
  uint64_t low = stream.start + index, high = stream.seed2 + (low < index);
  uint32_t c0 = (uint32_t)low, c1 = (uint32_t)(low >> 32), c2 = (uint32_t)high, c3 = (uint32_t)(high >> 32);
  uint32_t k0 = (uint32_t)stream.seed, k1 = (uint32_t)(stream.seed >> 32);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  words[0] = c0, words[1] = c1, words[2] = c2, words[3] = c3;
}

void esp_random_block(esp_random_stream stream, uint32_t words[4]) { block(stream, 0, words); }

/* Random bits as the fraction of a number in [1, 2), less 1. */
static float uniform_f32(uint32_t word) {
  uint32_t bits = 0x3F800000 | (word & 0x7FFFFF);
  float x;
  memcpy(&x, &bits, sizeof x);
  return x - 1;
}

static double uniform_f64(uint32_t upper, uint32_t lower) {
  uint64_t bits = (uint64_t)1023 << 52 | (uint64_t)(upper & 0xFFFFF) << 32 | lower;
  double x;
  memcpy(&x, &bits, sizeof x);
  return x - 1;
}

static const double two_pi = 6.283185307179586;

/* Box–Muller; the logarithm is kept from very small numbers. */
static void normal_f32(const uint32_t *words, float pair[2]) {
  float u = uniform_f32(words[0]), angle = (float)(two_pi * uniform_f32(words[1]));
  float radius = sqrtf(-2 * logf(u < 1.0e-7f ? 1.0e-7f : u));
  pair[0] = sinf(angle) * radius;
  pair[1] = cosf(angle) * radius;
}

static void normal_f64(const uint32_t *words, double pair[2]) {
  double u = uniform_f64(words[0], words[1]), angle = two_pi * uniform_f64(words[2], words[3]);
  double radius = sqrt(-2 * log(u < 1.0e-7 ? 1.0e-7 : u));
  pair[0] = sin(angle) * radius;
  pair[1] = cos(angle) * radius;
}

/* Defines a distribution that makes a group of `size` elements g from each block of words w. */
#define DISTRIBUTION(name, T, size, parameters, statements)                             \
  void esp_random_##name parameters {                                                   \
    for (long group = begin / size; group * size < end; group++) {                      \
      uint32_t w[4];                                                                    \
      T g[size];                                                                        \
      block(stream, (uint64_t)group, w);                                                \
      statements;                                                                       \
      for (long i = 0; i < size; i++) {                                                 \
        if (group * size + i >= begin && group * size + i < end) {                      \
          y[group * size + i] = g[i];                                                   \
        }                                                                               \
      }                                                                                 \
    }                                                                                   \
  }

DISTRIBUTION(uniform_f32, float, 4, (esp_random_stream stream, long begin, long end, float *y),
             for (int i = 0; i < 4; i++) { g[i] = uniform_f32(w[i]); })

DISTRIBUTION(uniform_f64, double, 2, (esp_random_stream stream, long begin, long end, double *y),
             g[0] = uniform_f64(w[0], w[1]);
             g[1] = uniform_f64(w[2], w[3]))

DISTRIBUTION(uniform_i32, int32_t, 4,
             (esp_random_stream stream, int32_t low, int32_t high, long begin, long end, int32_t *y),
             uint32_t range = (uint32_t)high - (uint32_t)low;
             for (int i = 0; i < 4; i++) { g[i] = (int32_t)((uint32_t)low + w[i] % range); })

DISTRIBUTION(uniform_i64, int64_t, 2,
             (esp_random_stream stream, int64_t low, int64_t high, long begin, long end, int64_t *y),
             uint64_t range = (uint64_t)high - (uint64_t)low;
             for (int i = 0; i < 2; i++) {
               uint64_t x = w[2 * i] | (uint64_t)w[2 * i + 1] << 32;
               g[i] = (int64_t)((uint64_t)low + x % range);
             })

DISTRIBUTION(normal_f32, float, 4, (esp_random_stream stream, long begin, long end, float *y), normal_f32(w, g);
             normal_f32(w + 2, g + 2))

DISTRIBUTION(normal_f64, double, 2, (esp_random_stream stream, long begin, long end, double *y), normal_f64(w, g))

/* A group of `size` elements draws from its own reserve of blocks, `words` words for each pair. */
#define TRUNCATED(T, size, words)                                                                                  \
  void esp_random_truncated_normal_##T(esp_random_stream stream, long begin, long end, truncated_##T *y) {         \
    for (long group = begin / size; group * size < end; group++) {                                                 \
      uint64_t next = (uint64_t)group * (size * RESERVED / 4);                                                     \
      uint32_t w[4];                                                                                               \
      long made = 0;                                                                                               \
      for (int used = 4; made < size; used += words) {                                                             \
        if (used == 4) {                                                                                           \
          block(stream, next++, w);                                                                                \
          used = 0;                                                                                                \
        }                                                                                                          \
        truncated_##T pair[2];                                                                                     \
        normal_##T(w + used, pair);                                                                                \
        for (int i = 0; i < 2 && made < size; i++) {                                                               \
          if (pair[i] > -2 && pair[i] < 2) {                                                                       \
            long at = group * size + made++;                                                                       \
            if (at >= begin && at < end) {                                                                         \
              y[at] = pair[i];                                                                                     \
            }                                                                                                      \
          }                                                                                                        \
        }                                                                                                          \
      }                                                                                                            \
    }                                                                                                              \
  }

typedef float truncated_f32;
typedef double truncated_f64;
TRUNCATED(f32, 4, 2)
TRUNCATED(f64, 2, 4)
