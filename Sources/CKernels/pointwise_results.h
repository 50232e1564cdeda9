#ifndef ESP_POINTWISE_RESULTS_H
#define ESP_POINTWISE_RESULTS_H

#include "pointwise_plan.h"

/* What reductions accumulate in: `real` for floats, `integer` for integers. */
typedef union {
  double real;
  int64_t integer;
} esp_accumulator;

/* Returns the accumulator of nothing. */
esp_accumulator esp_reduction_identity(int type, int kind);

/* Sets all accumulators of a chunk to that of nothing. */
void esp_reduction_clear(const esp_pointwise_plan *plan, esp_accumulator *partial);

/* Writes output[index]. */
void esp_reduction_write(int type, const esp_pointwise_reduction *reduction, void *output, int64_t index,
                         esp_accumulator accumulator);

#endif
