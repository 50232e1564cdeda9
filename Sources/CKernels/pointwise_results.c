/* From accumulators to results. */

#include "pointwise_results.h"

#include <math.h>

#include "pointwise_accumulators.h"

static int is_floating(int type) { return type == ESP_F32 || type == ESP_F64; }

esp_accumulator esp_reduction_identity(int type, int kind) {
  int64_t least = type == ESP_I32 ? INT32_MIN : INT64_MIN, most = type == ESP_I32 ? INT32_MAX : INT64_MAX;
  int floating = is_floating(type);
  switch (kind) {
  case ESP_REDUCE_MAX:
    return floating ? (esp_accumulator){.real = -INFINITY} : (esp_accumulator){.integer = least};
  case ESP_REDUCE_MIN:
    return floating ? (esp_accumulator){.real = INFINITY} : (esp_accumulator){.integer = most};
  case ESP_REDUCE_PROD:
    return floating ? (esp_accumulator){.real = 1} : (esp_accumulator){.integer = 1};
  default:
    return floating ? (esp_accumulator){.real = 0} : (esp_accumulator){.integer = 0};
  }
}

static int64_t partial_length(const esp_pointwise_plan *plan, const esp_planned_reduction *reduction) {
  return reduction->reduction.scope == ESP_SCOPE_CHANNEL ? plan->row_length : 1;
}

void esp_reduction_clear(const esp_pointwise_plan *plan, esp_accumulator *partial) {
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_planned_reduction *reduction = &plan->reductions[i];
    esp_accumulator identity = esp_reduction_identity(plan->type, reduction->reduction.kind);
    for (int64_t k = 0; reduction->partial >= 0 && k < partial_length(plan, reduction); k++) {
      partial[reduction->partial + k] = identity;
    }
  }
}

void esp_reduction_write(int type, const esp_pointwise_reduction *reduction, void *output, int64_t index,
                         esp_accumulator accumulator) {
  switch (type) {
  case ESP_I32:
    ((int32_t *)output)[index] = (int32_t)accumulator.integer;
    break;
  case ESP_I64:
    ((int64_t *)output)[index] = accumulator.integer;
    break;
  default:
    if (reduction->dtype == ESP_F32) {
      ((float *)output)[index] = (float)(accumulator.real * reduction->scale);
    } else {
      ((double *)output)[index] = accumulator.real * reduction->scale;
    }
  }
}

static double joined_real(int kind, double x, double y) {
  switch (kind) {
  case ESP_REDUCE_MAX:
    return esp_f64_accumulate_max(x, y);
  case ESP_REDUCE_MIN:
    return esp_f64_accumulate_min(x, y);
  case ESP_REDUCE_PROD:
    return esp_f64_accumulate_prod(x, y);
  default:
    return esp_f64_accumulate_sum(x, y);
  }
}

static int64_t joined_integer(int kind, int64_t x, int64_t y) {
  switch (kind) {
  case ESP_REDUCE_MAX:
    return esp_i64_accumulate_max(x, y);
  case ESP_REDUCE_MIN:
    return esp_i64_accumulate_min(x, y);
  case ESP_REDUCE_PROD:
    return esp_i64_accumulate_prod(x, y);
  default:
    return esp_i64_accumulate_sum(x, y);
  }
}

void esp_pointwise_combine(const esp_pointwise_plan *plan, const void *partials, void *const *outputs) {
  long chunks = esp_pointwise_chunk_count(plan);
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_planned_reduction *planned = &plan->reductions[i];
    const esp_pointwise_reduction *reduction = &planned->reduction;
    for (int64_t k = 0; planned->partial >= 0 && k < partial_length(plan, planned); k++) {
      esp_accumulator result = esp_reduction_identity(plan->type, reduction->kind);
      for (long chunk = 0; chunk < chunks; chunk++) {
        const esp_accumulator *next = (const esp_accumulator *)partials + chunk * plan->partial_count;
        next += planned->partial + k;
        if (is_floating(plan->type)) {
          result.real = joined_real(reduction->kind, result.real, next->real);
        } else {
          result.integer = joined_integer(reduction->kind, result.integer, next->integer);
        }
      }
      esp_reduction_write(plan->type, reduction, outputs[reduction->output], k, result);
    }
  }
}
