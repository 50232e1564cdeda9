#ifndef ESP_POINTWISE_ACCUMULATORS_H
#define ESP_POINTWISE_ACCUMULATORS_H

#include <stdint.h>

/* How accumulators are joined, for floats (double) and integers (int64_t). A NaN wins. */
static inline double esp_f64_accumulate_sum(double x, double y) { return x + y; }
static inline double esp_f64_accumulate_prod(double x, double y) { return x * y; }
static inline double esp_f64_accumulate_max(double x, double y) { return x > y || x != x ? x : y; }
static inline double esp_f64_accumulate_min(double x, double y) { return x < y || x != x ? x : y; }
static inline int64_t esp_i64_accumulate_sum(int64_t x, int64_t y) { return (int64_t)((uint64_t)x + (uint64_t)y); }
static inline int64_t esp_i64_accumulate_prod(int64_t x, int64_t y) { return (int64_t)((uint64_t)x * (uint64_t)y); }
static inline int64_t esp_i64_accumulate_max(int64_t x, int64_t y) { return x > y ? x : y; }
static inline int64_t esp_i64_accumulate_min(int64_t x, int64_t y) { return x < y ? x : y; }

/* Returns the least common multiple of a row and a block, if rows are to be reduced side by side over that width: when
   they divide a block or are shorter than a vector. Else 0: each row is a few vectors on its own. */
static inline long esp_side_by_side(long period, long block, long tile) {
  if (block % period != 0 && period >= block / 4) {
    return 0;
  }
  long width = block;
  while (width % period != 0) {
    width += block;
  }
  return width <= tile ? width : 0;
}

#endif
