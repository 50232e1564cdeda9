/* The public functions of espalier_convolution.h: each plan runs through the direct or Winograd's algorithm. */

#include "convolution.h"

#include <math.h>
#include <string.h>

#include "winograd.h"

static const esp_conv_finish plain_finish = {.low = -INFINITY, .high = INFINITY};

int esp_conv_is_plain(const esp_conv_finish *finish) {
  return !finish->bias && !finish->residual && !finish->stats && finish->low == -INFINITY && finish->high == INFINITY;
}

static int choose_algorithm(const esp_conv_shape *shape, int asked) {
  if (asked == ESP_CONV_DIRECT || !esp_winograd_applies(shape)) {
    return ESP_CONV_DIRECT;
  }
  return asked == ESP_CONV_WINOGRAD || esp_winograd_pays(shape) ? ESP_CONV_WINOGRAD : ESP_CONV_DIRECT;
}

static void plan_correlation(const esp_conv_shape *shape, esp_conv_options options, int backward, esp_conv_plan *plan) {
  esp_conv_plan_correlation(shape, options, backward, plan);
  plan->algorithm = choose_algorithm(shape, options.algorithm);
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    esp_winograd_plan(plan);
  } else {
    esp_conv_plan_units(plan);
  }
}

static void pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part, ptrdiff_t parts) {
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    esp_winograd_pack(plan, filter, packed, part, parts);
  } else {
    esp_conv_pack(plan, filter, packed, part, parts);
  }
}

void esp_conv_run(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                  ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_finish *finish) {
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    esp_winograd_run(plan, source, packed, destination, unit_begin, unit_end, scratch, finish);
  } else {
    esp_conv_correlate(plan, source, packed, destination, unit_begin, unit_end, scratch, finish);
  }
}

esp_conv_finish esp_conv_finish_of(const esp_conv_epilogue *epilogue) {
  esp_conv_finish finish = plain_finish;
  if (epilogue) {
    finish.bias = epilogue->bias;
    finish.residual = epilogue->residual;
    finish.stats = epilogue->stats;
    finish.low = epilogue->activation == ESP_ACTIVATION_NONE ? -INFINITY : 0;
    finish.high = epilogue->activation == ESP_ACTIVATION_RELU6 ? 6 : INFINITY;
  }
  return finish;
}

void esp_f32_conv_forward_plan(const esp_conv_shape *shape, esp_conv_options options, esp_conv_plan *plan) {
  plan_correlation(shape, options, 0, plan);
}

void esp_f32_conv_forward_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part,
                               ptrdiff_t parts) {
  pack(plan, filter, packed, part, parts);
}

void esp_f32_conv_forward_run(const esp_conv_plan *plan, const float *x, const float *packed, float *y,
                              ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch,
                              const esp_conv_epilogue *epilogue) {
  esp_conv_finish finish = esp_conv_finish_of(epilogue);
  esp_conv_run(plan, x, packed, y, unit_begin, unit_end, scratch, &finish);
}

void esp_f32_conv_backward_data_plan(const esp_conv_shape *shape, esp_conv_options options, esp_conv_plan *plan) {
  plan_correlation(shape, options, 1, plan);
}

void esp_f32_conv_backward_data_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part,
                                     ptrdiff_t parts) {
  pack(plan, filter, packed, part, parts);
}

void esp_f32_conv_backward_data_run(const esp_conv_plan *plan, const float *dy, const float *packed, float *dx,
                                    ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const float *residual) {
  esp_conv_finish finish = plain_finish;
  finish.residual = residual;
  esp_conv_run(plan, dy, packed, dx, unit_begin, unit_end, scratch, &finish);
}

void esp_f32_conv_backward_filter_plan(const esp_conv_shape *shape, esp_conv_options options, esp_conv_plan *plan) {
  ptrdiff_t workers = esp_greatest(1, options.workers);
  esp_conv_plan_correlation(shape, options, 0, plan);
  plan->algorithm = choose_algorithm(shape, options.algorithm);
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    esp_winograd_plan_filter(plan, workers);
  } else {
    esp_conv_plan_filter(plan, workers);
  }
}

void esp_conv_filter_add(const esp_conv_plan *plan, const float *x, const float *dy, esp_conv_share *share,
                         ptrdiff_t region_begin, ptrdiff_t region_end, void *scratch) {
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    esp_winograd_filter_run(plan, x, dy, share, region_begin, region_end, scratch);
  } else {
    esp_conv_filter_run(plan, x, dy, share, region_begin, region_end, scratch);
  }
}

void esp_conv_share_finish(const esp_conv_plan *plan, esp_conv_share *share) {
  if (share->fresh) {
    memset(share->sums, 0, (size_t)plan->partial_floats * sizeof(float));
  }
}

void esp_f32_conv_backward_filter_run(const esp_conv_plan *plan, const float *x, const float *dy, float *partials,
                                      ptrdiff_t worker, void *scratch) {
  if (plan->stores) {
    esp_winograd_filter_store(plan, x, dy, partials, worker, scratch);
    return;
  }
  esp_conv_share share = {partials + worker * plan->partial_floats, worker % plan->splits, 1};
  ptrdiff_t regions = plan->groups * plan->bands, part = worker / plan->splits;
  esp_conv_filter_add(plan, x, dy, &share, esp_part_begin(regions, part, plan->image_splits),
                      esp_part_begin(regions, part + 1, plan->image_splits), scratch);
  esp_conv_share_finish(plan, &share);
}

void esp_f32_conv_backward_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter,
                                         ptrdiff_t part, ptrdiff_t parts) {
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    esp_winograd_filter_reduce(plan, partials, dfilter, part, parts);
  } else {
    esp_conv_filter_reduce(plan, partials, dfilter, part, parts);
  }
}
