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

int64_t esp_partial_length(const esp_pointwise_plan *plan, const esp_planned_reduction *reduction) {
  if (reduction->reduction.scope != ESP_SCOPE_CHANNEL) {
    return reduction->reduction.scope == ESP_SCOPE_ALL;
  }
  if (reduction->reduction.kind == ESP_REDUCE_VARIANCE) {
    return 1 + 3 * plan->row_length;
  }
  return reduction->variance < 0 ? plan->row_length : 0;
}

void esp_reduction_clear(const esp_pointwise_plan *plan, esp_accumulator *partial, int64_t count) {
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_planned_reduction *reduction = &plan->reductions[i];
    esp_accumulator identity = esp_reduction_identity(plan->type, reduction->reduction.kind);
    for (int64_t k = 0; reduction->partial >= 0 && k < esp_partial_length(plan, reduction); k++) {
      partial[reduction->partial + k] = identity;
    }
    if (reduction->reduction.kind == ESP_REDUCE_VARIANCE) {
      partial[reduction->partial].real = (double)(count / plan->row_length);
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

/* Joins the parts' sums of squared deviations, into the first part's place: the mean of each column where it had what
   was subtracted, Σ (a - mean)² where it had Σ². */
static double join_deviations(const esp_pointwise_plan *plan, const esp_planned_reduction *planned,
                              esp_accumulator *partials, long parts) {
  int64_t columns = plan->row_length;
  esp_accumulator *first = partials + planned->partial;
  double *means = &first[1].real, *squares = means + 2 * columns, joined = 0;
  for (long part = 0; part < parts; part++) {
    const esp_accumulator *next = first + part * plan->partial_count;
    const double *shifts = &next[1].real, *sums = shifts + columns, *next_squares = sums + columns;
    double rows = next->real;
    if (rows == 0) {
      continue;
    }
    double inverse = 1 / rows, share = rows / (joined + rows), weight = joined * share;
    int is_first = joined == 0;
    joined += rows;
    for (int64_t k = 0; k < columns; k++) {
      double offset = sums[k] * inverse, mean = shifts[k] + offset, square = next_squares[k] - offset * sums[k];
      double difference = is_first ? 0 : mean - means[k];
      means[k] = is_first ? mean : means[k] + difference * share;
      squares[k] = (is_first ? 0 : squares[k]) + square + difference * difference * weight;
    }
  }
  return joined;
}

static void combine_variance(const esp_pointwise_plan *plan, int number, esp_accumulator *partials, long parts,
                             void *const *outputs) {
  const esp_planned_reduction *planned = &plan->reductions[number];
  double rows = join_deviations(plan, planned, partials, parts);
  const esp_accumulator *means = partials + planned->partial + 1, *squares = means + 2 * plan->row_length;
  for (int64_t k = 0; k < plan->row_length; k++) {
    esp_accumulator variance = {.real = squares[k].real > 0 ? squares[k].real / rows : squares[k].real * 0};
    esp_reduction_write(plan->type, &planned->reduction, outputs[planned->reduction.output], k, variance);
  }
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_pointwise_reduction *sum = &plan->reductions[i].reduction;
    for (int64_t k = 0; plan->reductions[i].variance == number && k < plan->row_length; k++) {
      esp_accumulator total = {.real = means[k].real * rows};
      esp_reduction_write(plan->type, sum, outputs[sum->output], k, total);
    }
  }
}

static void combine(const esp_pointwise_plan *plan, const esp_planned_reduction *planned,
                    const esp_accumulator *partials, long parts, void *const *outputs) {
  const esp_pointwise_reduction *reduction = &planned->reduction;
  for (int64_t k = 0; k < esp_partial_length(plan, planned); k++) {
    esp_accumulator result = esp_reduction_identity(plan->type, reduction->kind);
    for (long part = 0; part < parts; part++) {
      const esp_accumulator *next = partials + part * plan->partial_count + planned->partial + k;
      if (is_floating(plan->type)) {
        result.real = joined_real(reduction->kind, result.real, next->real);
      } else {
        result.integer = joined_integer(reduction->kind, result.integer, next->integer);
      }
    }
    esp_reduction_write(plan->type, reduction, outputs[reduction->output], k, result);
  }
}

void esp_pointwise_combine_parts(const esp_pointwise_plan *plan, void *partials, long parts, void *const *outputs) {
  for (int i = 0; i < plan->reduction_count; i++) {
    if (plan->reductions[i].reduction.kind == ESP_REDUCE_VARIANCE) {
      combine_variance(plan, i, partials, parts, outputs);
    } else {
      combine(plan, &plan->reductions[i], partials, parts, outputs);
    }
  }
}

void esp_pointwise_combine(const esp_pointwise_plan *plan, void *partials, void *const *outputs) {
  esp_pointwise_combine_parts(plan, partials, esp_pointwise_chunk_count(plan), outputs);
}
