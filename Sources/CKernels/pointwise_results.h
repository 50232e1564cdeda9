#ifndef ESP_POINTWISE_RESULTS_H
#define ESP_POINTWISE_RESULTS_H

#include "pointwise_plan.h"

/* What reductions accumulate in: `real` for floats, `integer` for integers. */
typedef union {
  double real;
  int64_t integer;
} esp_accumulator;

/* Returns how many accumulators of a part a reduction has. A variance has the number of rows, and for each column what
   was subtracted, Σ and Σ² of the differences. */
int64_t esp_partial_length(const esp_pointwise_plan *plan, const esp_planned_reduction *reduction);

/* Returns the accumulator of nothing. */
esp_accumulator esp_reduction_identity(int type, int kind);

/* Sets all accumulators of a part of so many elements to that of nothing. */
void esp_reduction_clear(const esp_pointwise_plan *plan, esp_accumulator *partial, int64_t count);

/* Writes output[index]. */
void esp_reduction_write(int type, const esp_pointwise_reduction *reduction, void *output, int64_t index,
                         esp_accumulator accumulator);

#endif
