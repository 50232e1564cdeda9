/* Pointwise work on the way into and out of convolutions. A stage's results lie in a buffer of the unit's rows; the
   kernels get the address at which the whole tensor would begin. */

#include "convolution.h"

#include <stdint.h>

#include "winograd.h"

/* Parts of both gradients whose tensors take more than this are better done band by band. */
static const ptrdiff_t part_target = 640 * 1024;
/* More images than this at a time leave workers idle at the end. */
static const ptrdiff_t most_images = 16;

int esp_f32_conv_takes_stages(const esp_conv_plan *plan) {
  return plan->splits == 1 && plan->units > 0 && plan->shape.n > 0 && plan->shape.h > 0 && plan->shape.w > 0
         && plan->source_c > 0;
}

static ptrdiff_t clipped(ptrdiff_t row, ptrdiff_t extent) { return esp_greatest(0, esp_least(row, extent)); }

/* The positions along the rows, and the images, of a unit. */
static esp_conv_rows positions_of(const esp_conv_plan *plan, ptrdiff_t unit) {
  ptrdiff_t index = unit / plan->splits;
  ptrdiff_t step = plan->algorithm == ESP_CONV_WINOGRAD ? ESP_WINOGRAD_TILE : 1;
  ptrdiff_t image = index / plan->bands * plan->group;
  ptrdiff_t begin = plan->rows.first + index % plan->bands * plan->band * step;
  ptrdiff_t end = esp_least(begin + plan->band * step, plan->rows.first + plan->rows.count);
  return (esp_conv_rows){image, esp_least(image + plan->group, plan->shape.n), begin, end};
}

esp_conv_rows esp_conv_source_rows(const esp_conv_plan *plan, ptrdiff_t unit) {
  const esp_conv_axis *axis = &plan->rows;
  esp_conv_rows rows = positions_of(plan, unit);
  if (plan->algorithm == ESP_CONV_WINOGRAD) {
    rows.row_end = rows.row_begin + esp_round_up(rows.row_end - rows.row_begin, ESP_WINOGRAD_TILE);
  }
  ptrdiff_t first = rows.row_begin * axis->stride + axis->low;
  ptrdiff_t last = first + esp_axis_reach(axis, rows.row_end - rows.row_begin) - 1;
  rows.row_begin = clipped(first * axis->gather + axis->origin, axis->source);
  rows.row_end = clipped(last * axis->gather + axis->origin + 1, axis->source);
  return rows;
}

esp_conv_rows esp_conv_destination_rows(const esp_conv_plan *plan, ptrdiff_t unit) {
  const esp_conv_axis *axis = &plan->rows;
  esp_conv_rows rows = positions_of(plan, unit);
  ptrdiff_t shift = axis->backward ? axis->pad : 0;
  rows.row_begin = clipped(axis->phases * rows.row_begin - shift, axis->destination);
  rows.row_end = clipped(axis->phases * rows.row_end - shift, axis->destination);
  return rows;
}

/* Returns the source rows that a unit stores: all rows are some unit's. */
static esp_conv_rows owned_rows(const esp_conv_plan *plan, ptrdiff_t unit) {
  esp_conv_rows rows = esp_conv_source_rows(plan, unit);
  ptrdiff_t band = unit / plan->splits % plan->bands;
  ptrdiff_t next = band + 1 < plan->bands ? esp_conv_source_rows(plan, unit + plan->splits).row_begin : 0;
  rows.row_begin = band == 0 ? 0 : rows.row_begin;
  rows.row_end = band + 1 < plan->bands ? next : plan->rows.source;
  return rows;
}

/* Elements of a tensor of images, `row` elements a row and `rows` rows an image. */
typedef struct {
  ptrdiff_t begin, end;
} range;

static range elements(esp_conv_rows rows, ptrdiff_t extent, ptrdiff_t row) {
  if (rows.image_begin >= rows.image_end) {
    return (range){0, 0};
  }
  return (range){(rows.image_begin * extent + rows.row_begin) * row, ((rows.image_end - 1) * extent + rows.row_end) * row};
}

/* Returns where element 0 would lie if element `begin` lay at the start of a buffer. */
static float *origin(void *buffer, ptrdiff_t begin) {
  return (float *)((uintptr_t)buffer - (uintptr_t)begin * sizeof(float));
}

static ptrdiff_t padded(ptrdiff_t bytes) { return esp_round_up(bytes, 64); }

static ptrdiff_t stage_scratch(const esp_conv_stage *stage) {
  return stage ? padded((ptrdiff_t)esp_pointwise_scratch_size(stage->plan)) : 0;
}

static void *partial(const esp_conv_stage *stage, ptrdiff_t part) {
  return stage->partials ? (char *)stage->partials + part * (ptrdiff_t)esp_pointwise_part_size(stage->plan) : NULL;
}

/* Runs elements of a result stage that reads `result`. */
static void run_result(const esp_conv_stage *stage, const float *result, range range, ptrdiff_t part, void *scratch) {
  const void *inputs[ESP_CONV_STAGE_ADDRESSES];
  for (ptrdiff_t i = 0; i < stage->input_count; i++) {
    inputs[i] = stage->inputs[i];
  }
  inputs[stage->input_count] = result;
  esp_pointwise_run_part(stage->plan, inputs, stage->outputs, partial(stage, part), range.begin, range.end, scratch);
}

/* Runs elements of a source stage into `buffer`; its other outputs go where they belong, or, if `waste` is not null, to
   places of their own `waste_bytes` apart. */
static void run_source(const esp_conv_stage *stage, float *buffer, float *waste, ptrdiff_t waste_bytes, range range,
                       void *sums, void *scratch) {
  if (range.begin >= range.end && !sums) {
    return;
  }
  void *outputs[ESP_CONV_STAGE_ADDRESSES];
  for (ptrdiff_t i = 0; i < stage->output_count; i++) {
    outputs[i] = waste ? (void *)((uintptr_t)waste + (uintptr_t)(i * waste_bytes)) : stage->outputs[i];
  }
  outputs[stage->output_count] = buffer;
  esp_pointwise_run_part(stage->plan, stage->inputs, outputs, sums, range.begin, range.end, scratch);
}

/* The elements that a unit's source stage computes: what it reads, and what it stores for others. */
static range needed(const esp_conv_plan *plan, const esp_conv_stage *stage, ptrdiff_t unit) {
  esp_conv_rows rows = esp_conv_source_rows(plan, unit);
  if (stage->output_count > 0 || stage->partials) {
    esp_conv_rows owned = owned_rows(plan, unit);
    rows.row_begin = esp_least(rows.row_begin, owned.row_begin);
    rows.row_end = esp_greatest(rows.row_end, owned.row_end);
  }
  rows.row_end = esp_greatest(rows.row_begin, rows.row_end);
  return elements(rows, plan->rows.source, plan->columns.source * plan->source_c);
}

static ptrdiff_t between(ptrdiff_t a, ptrdiff_t low, ptrdiff_t high) { return esp_greatest(low, esp_least(a, high)); }

/* Computes a unit's source; returns where the whole source would begin. */
static const float *prepare_source(const esp_conv_plan *plan, const esp_conv_stage *stage, ptrdiff_t unit, char *buffer,
                                   void *scratch) {
  range all = needed(plan, stage, unit);
  float *source = origin(buffer, all.begin);
  if (plan->bands == 1 || stage->output_count == 0) {
    run_source(stage, source, NULL, 0, all, stage->partials ? partial(stage, unit) : NULL, scratch);
    return source;
  }
  range own = elements(owned_rows(plan, unit), plan->rows.source, plan->columns.source * plan->source_c);
  own.begin = between(own.begin, all.begin, all.end);
  own.end = between(own.end, own.begin, all.end);
  ptrdiff_t bytes = padded((all.end - all.begin) * (ptrdiff_t)sizeof(float));
  float *waste = origin(buffer + bytes, all.begin);
  run_source(stage, source, waste, bytes, (range){all.begin, own.begin}, NULL, scratch);
  run_source(stage, source, NULL, 0, own, NULL, scratch);
  run_source(stage, source, waste, bytes, (range){own.end, all.end}, NULL, scratch);
  return source;
}

/* Where things lie in a thread's scratch memory, in bytes from its start. */
typedef struct {
  ptrdiff_t machine, source, result, end;
} places;

static places place(const esp_conv_plan *plan, const esp_conv_stage *source, const esp_conv_stage *result,
                    int keeps) {
  places p;
  ptrdiff_t longest_source = 0, longest_result = 0;
  for (ptrdiff_t unit = 0; unit < plan->bands * plan->splits && unit < plan->units; unit++) {
    if (source) {
      range range = needed(plan, source, unit);
      longest_source = esp_greatest(longest_source, range.end - range.begin);
    }
    range range = elements(esp_conv_destination_rows(plan, unit), plan->rows.destination,
                           plan->columns.destination * plan->destination_c);
    longest_result = esp_greatest(longest_result, range.end - range.begin);
  }
  ptrdiff_t copies = source && plan->bands > 1 ? 1 + source->output_count : 1;
  p.machine = padded(plan->scratch_bytes);
  // Buffers begin a few cache lines apart from the multiples of 4 KB at which tensors and other scratch begin.
  p.source = p.machine + esp_greatest(stage_scratch(source), stage_scratch(result)) + 7 * 64;
  p.result = p.source + (source ? copies * padded(longest_source * (ptrdiff_t)sizeof(float)) : 0) + 11 * 64;
  p.end = p.result + (result && !keeps ? padded(longest_result * (ptrdiff_t)sizeof(float)) : 0);
  return p;
}

ptrdiff_t esp_f32_conv_staged_scratch(const esp_conv_plan *plan, const esp_conv_stage *source,
                                      const esp_conv_stage *result, int keeps) {
  return place(plan, source, result, keeps).end;
}

void esp_f32_conv_run_staged(const esp_conv_plan *plan, const float *source_memory, const float *packed,
                             float *destination, ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch,
                             const esp_conv_epilogue *epilogue, const esp_conv_stage *source,
                             const esp_conv_stage *result) {
  esp_conv_finish finish = esp_conv_finish_of(epilogue);
  places p = place(plan, source, result, destination != NULL);
  char *memory = scratch;
  for (ptrdiff_t unit = unit_begin; unit < unit_end; unit++) {
    const float *from = source ? prepare_source(plan, source, unit, memory + p.source, memory + p.machine) : source_memory;
    range made = elements(esp_conv_destination_rows(plan, unit), plan->rows.destination,
                          plan->columns.destination * plan->destination_c);
    float *to = destination ? destination : origin(memory + p.result, made.begin);
    esp_conv_run(plan, from, packed, to, unit, unit + 1, scratch, &finish);
    if (result) {
      run_result(result, to, made, unit, memory + p.machine);
    }
  }
}

/* Returns the least number of images that is a whole number of units of both plans. */
static ptrdiff_t common_group(ptrdiff_t a, ptrdiff_t b) {
  ptrdiff_t group = a;
  while (group % b != 0) {
    group += a;
  }
  return group;
}

void esp_f32_conv_backward_plan(const esp_conv_shape *shape, esp_conv_options options, int has_data,
                                esp_conv_backward_plan *plan) {
  *plan = (esp_conv_backward_plan){.has_data = has_data};
  esp_f32_conv_backward_filter_plan(shape, options, &plan->filter);
  esp_f32_conv_backward_data_plan(shape, options, &plan->data);
  int whole = plan->filter.splits == 1 && plan->filter.partial_floats > 0 && shape->n > 0 && shape->h > 0
              && shape->w > 0 && shape->oh > 0 && shape->ow > 0;
  if (!whole || (has_data && !esp_f32_conv_takes_stages(&plan->data))) {
    return;
  }
  plan->group = has_data ? common_group(plan->filter.group, plan->data.group) : plan->filter.group;
  ptrdiff_t image = shape->h * shape->w * shape->c + shape->oh * shape->ow * shape->k;
  ptrdiff_t parts = esp_ceil_div(shape->n, plan->group);
  if (plan->group > most_images || plan->group * image * (ptrdiff_t)sizeof(float) > part_target
      || parts < plan->filter.workers) {
    return;
  }
  plan->parts = parts;
}

/* The same for both gradients: x is computed where dx was. */
typedef struct {
  ptrdiff_t machine, dy, other, end;
} backward_places;

static backward_places place_backward(const esp_conv_backward_plan *plan, const esp_conv_backward_work *work) {
  const esp_conv_shape *s = &plan->filter.shape;
  ptrdiff_t kernels = esp_greatest(plan->filter.scratch_bytes, plan->has_data ? plan->data.scratch_bytes : 0);
  ptrdiff_t dy_bytes = plan->group * s->oh * s->ow * s->k * (ptrdiff_t)sizeof(float);
  ptrdiff_t x_bytes = plan->group * s->h * s->w * s->c * (ptrdiff_t)sizeof(float);
  int has_other = work->x_stage || (plan->has_data && !work->dx);
  backward_places p;
  p.machine = padded(kernels);
  ptrdiff_t machine = esp_greatest(stage_scratch(work->x_stage), stage_scratch(work->dy_stage));
  p.dy = p.machine + esp_greatest(machine, stage_scratch(work->dx_stage)) + 7 * 64;
  p.other = p.dy + (work->dy_stage ? padded(dy_bytes) : 0) + 11 * 64;
  p.end = p.other + (has_other ? padded(x_bytes) : 0);
  return p;
}

ptrdiff_t esp_f32_conv_backward_scratch(const esp_conv_backward_plan *plan, const esp_conv_backward_work *work) {
  return place_backward(plan, work).end;
}

/* Computes dx of images, and runs its stage. */
static void run_data(const esp_conv_backward_plan *plan, const esp_conv_backward_work *work, const float *dy,
                     range images, range made, ptrdiff_t part, backward_places p, char *scratch) {
  const esp_conv_plan *data = &plan->data;
  esp_conv_finish finish = esp_conv_finish_of(NULL);
  finish.residual = work->residual;
  float *dx = work->dx ? work->dx : origin(scratch + p.other, made.begin);
  esp_conv_run(data, dy, work->packed, dx, images.begin / data->group * data->bands,
               esp_ceil_div(images.end, data->group) * data->bands, scratch, &finish);
  if (work->dx_stage) {
    run_result(work->dx_stage, dx, made, part, scratch + p.machine);
  }
}

void esp_f32_conv_backward_run(const esp_conv_backward_plan *plan, const esp_conv_backward_work *work,
                               ptrdiff_t worker, void *scratch) {
  const esp_conv_plan *filter = &plan->filter;
  const esp_conv_shape *s = &filter->shape;
  backward_places p = place_backward(plan, work);
  char *memory = scratch;
  esp_conv_share share = {work->partials + worker * filter->partial_floats, 0, 1};
  ptrdiff_t end = esp_part_begin(plan->parts, worker + 1, filter->workers);
  for (ptrdiff_t part = esp_part_begin(plan->parts, worker, filter->workers); part < end; part++) {
    range images = {part * plan->group, esp_least((part + 1) * plan->group, s->n)};
    range x_range = {images.begin * s->h * s->w * s->c, images.end * s->h * s->w * s->c};
    range dy_range = {images.begin * s->oh * s->ow * s->k, images.end * s->oh * s->ow * s->k};
    const float *dy = work->dy, *x = work->x;
    if (work->dy_stage) {
      float *buffer = origin(memory + p.dy, dy_range.begin);
      run_source(work->dy_stage, buffer, NULL, 0, dy_range, partial(work->dy_stage, part), memory + p.machine);
      dy = buffer;
    }
    if (plan->has_data) {
      run_data(plan, work, dy, images, x_range, part, p, memory);
    }
    if (work->x_stage) {
      float *buffer = origin(memory + p.other, x_range.begin);
      run_source(work->x_stage, buffer, NULL, 0, x_range, partial(work->x_stage, part), memory + p.machine);
      x = buffer;
    }
    esp_conv_filter_add(filter, x, dy, &share, images.begin / filter->group * filter->bands,
                        esp_ceil_div(images.end, filter->group) * filter->bands, scratch);
  }
  esp_conv_share_finish(filter, &share);
}
