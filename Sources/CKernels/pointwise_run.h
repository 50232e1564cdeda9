#ifndef ESP_POINTWISE_RUN_H
#define ESP_POINTWISE_RUN_H

#include "pointwise_accumulators.h"
#include "pointwise_plan.h"
#include "pointwise_results.h"

/* The state of a call that runs a plan's tiles one after the other. */

typedef struct {
  char *pointer;
  long step;
} esp_run_operand;

typedef struct {
  const esp_pointwise_plan *plan;
  const esp_tile_functions *functions;
  const void *const *inputs;
  void *const *outputs;
  char *scratch;
  esp_accumulator *partial; /* of the chunk */
  long block;               /* elements */
  int64_t begin;            /* of the part, or of the range */
  esp_run_operand operands[ESP_PLAN_VALUES];
  uint8_t direct[ESP_PLAN_INSTRUCTIONS];                   /* the result is computed into the output itself */
  esp_accumulator row_accumulators[ESP_POINTWISE_REDUCTIONS]; /* of a row that is longer than a tile */
} esp_run;

/* Reads `count` elements at `index` of a load whose vector repeats without end. */
void esp_run_load_repeating(const esp_run *run, const esp_pointwise_load *load, char *to, int64_t index, long count);

/* Reads `count` elements at `index` of load `value`, and points its operand at them. */
void esp_run_fill_slot(esp_run *run, int value, int64_t index, long count);

#endif
