/* Reading the operands of a tile that do not lie in memory as they are wanted. */

#include "pointwise_run.h"

void esp_run_load_repeating(const esp_run *run, const esp_pointwise_load *load, char *to, int64_t index, long count) {
  long size = esp_dtype_size(load->dtype);
  const char *from = run->inputs[load->input];
  for (int64_t phase = index % load->period; count > 0; phase = 0) {
    long n = load->period - phase < count ? (long)(load->period - phase) : count;
    run->functions->load[load->dtype](to, from + phase * size, 1, n);
    to += n * run->plan->element_size;
    count -= n;
  }
}

static void load_rows(const esp_run *run, const esp_pointwise_load *load, char *to, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  int64_t row = index / load->period, phase = index % load->period;
  const char *from = (const char *)run->inputs[load->input] + row * esp_dtype_size(load->dtype);
  int64_t values[ESP_TILE_BYTES / 8];
  long most = (long)sizeof values / plan->element_size;
  while (count > 0) {
    int64_t rows = (phase + count + load->period - 1) / load->period;
    rows = rows < most ? rows : most;
    int64_t covered = rows * load->period - phase;
    long n = covered < count ? (long)covered : count;
    run->functions->load[load->dtype](values, from, 1, (long)rows);
    run->functions->repeat(to, values, (long)load->period, (long)phase, n);
    from += rows * esp_dtype_size(load->dtype);
    to += n * plan->element_size;
    count -= n;
    phase = 0;
  }
}

static void load_strided(const esp_run *run, const esp_pointwise_load *load, char *to, int64_t index, long count) {
  int last = load->rank - 1;
  int64_t coordinates[ESP_LOAD_RANK], offset = 0;
  for (int i = last; i >= 0; i--) {
    coordinates[i] = index % load->extents[i];
    index /= load->extents[i];
    offset += coordinates[i] * load->strides[i];
  }
  long size = esp_dtype_size(load->dtype);
  const char *from = run->inputs[load->input];
  while (count > 0) {
    int64_t left = load->extents[last] - coordinates[last];
    long n = left < count ? (long)left : count;
    run->functions->load[load->dtype](to, from + offset * size, (long)load->strides[last], n);
    to += n * run->plan->element_size;
    count -= n;
    coordinates[last] += n;
    offset += n * load->strides[last];
    for (int i = last; i > 0 && coordinates[i] == load->extents[i]; i--) {
      offset += load->strides[i - 1] - load->extents[i] * load->strides[i];
      coordinates[i] = 0;
      coordinates[i - 1]++;
    }
  }
}

void esp_run_fill_slot(esp_run *run, int value, int64_t index, long count) {
  const esp_pointwise_load *load = &run->plan->loads[value].load;
  char *slot = run->scratch + run->plan->loads[value].offset;
  run->operands[value].pointer = slot;
  const char *memory = run->inputs[load->input];
  switch (load->kind) {
  case ESP_LOAD_FULL:
    run->functions->load[load->dtype](slot, memory + index * esp_dtype_size(load->dtype), 1, count);
    break;
  case ESP_LOAD_ROW:
    load_rows(run, load, slot, index, count);
    break;
  case ESP_LOAD_STRIDED:
    load_strided(run, load, slot, index, count);
    break;
  default: {
    int64_t phase = index % load->period;
    if (load->dtype == run->plan->type && phase + count <= load->period) {
      run->operands[value].pointer = (char *)(uintptr_t)memory + phase * run->plan->element_size;
    } else {
      esp_run_load_repeating(run, load, slot, index, count);
    }
  }
  }
}
