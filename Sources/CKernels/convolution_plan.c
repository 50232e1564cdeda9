#include "convolution.h"

/* Copies of a unit's source stay within this, a quarter of a 1 MB second-level cache. */
static const ptrdiff_t scratch_target = 256 * 1024;
/* A panel of weights longer than this is read once for several images. */
static const ptrdiff_t panel_target = 256 * 1024;
/* Fewer units than this leave threads idle at the end of an operation. */
static const ptrdiff_t least_units = 16;
/* Channels summed in one run: their source lines stay in the first-level cache for all taps. */
static const ptrdiff_t longest_chunk = 64;
/* Up to this many channels the taps of a filter row are one run of memory. */
static const ptrdiff_t merged_channels = 48;

ptrdiff_t esp_axis_taps_seen(const esp_conv_axis *axis, ptrdiff_t phase) {
  ptrdiff_t seen = 0;
  for (ptrdiff_t k = 0; k < axis->taps; k++) {
    seen += esp_axis_sees(axis, phase, k);
  }
  return seen;
}

void esp_axis_clip(const esp_conv_axis *axis, ptrdiff_t phase, ptrdiff_t *begin, ptrdiff_t *end) {
  while (*begin < *end && esp_axis_destination(axis, phase, *begin) < 0) {
    (*begin)++;
  }
  while (*end > *begin && esp_axis_destination(axis, phase, *end - 1) >= axis->destination) {
    (*end)--;
  }
}

static esp_conv_axis forward_axis(ptrdiff_t source, ptrdiff_t destination, ptrdiff_t taps, ptrdiff_t stride,
                                  ptrdiff_t dilation, ptrdiff_t pad) {
  esp_conv_axis axis = {.source = source, .destination = destination, .taps = taps, .tap_step = dilation};
  axis.pad = pad;
  axis.phases = 1;
  axis.first = 0;
  axis.count = destination;
  if (taps == 1 && stride > 1) {
    // A single tap: copy only the pixels it meets.
    axis.stride = 1;
    axis.gather = stride;
    axis.origin = -pad;
  } else {
    axis.stride = stride;
    axis.gather = 1;
    axis.low = -pad;
    axis.high = (taps - 1) * dilation - pad;
  }
  return axis;
}

static esp_conv_axis backward_axis(ptrdiff_t source, ptrdiff_t destination, ptrdiff_t taps, ptrdiff_t stride,
                                   ptrdiff_t dilation, ptrdiff_t pad) {
  esp_conv_axis axis = {.source = source, .destination = destination, .taps = taps, .tap_step = dilation};
  axis.backward = 1;
  axis.pad = pad;
  axis.phases = stride;
  axis.stride = 1;
  axis.gather = 1;
  axis.first = pad / stride;
  axis.count = destination == 0 ? 0 : (pad + destination - 1) / stride - axis.first + 1;
  axis.low = -((taps - 1) * dilation / stride);
  axis.high = 0;
  return axis;
}

/* Returns whether every scratch pixel of an axis is a source pixel, so that the source needs no padding. */
static int axis_is_inside(const esp_conv_axis *axis) {
  if (axis->count == 0) {
    return 1;
  }
  ptrdiff_t begin = axis->first * axis->stride + axis->low;
  ptrdiff_t end = begin + esp_axis_reach(axis, axis->count);
  return begin * axis->gather + axis->origin >= 0 && (end - 1) * axis->gather + axis->origin < axis->source;
}

static void plan_source(esp_conv_plan *plan) {
  const esp_conv_axis *rows = &plan->rows;
  const esp_conv_axis *columns = &plan->columns;
  ptrdiff_t channels = plan->source_c;
  plan->chunks = esp_greatest(1, esp_ceil_div(channels, longest_chunk));
  plan->chunk = esp_ceil_div(channels, plan->chunks);
  plan->merged = channels <= merged_channels && (columns->tap_step == 1 || columns->taps == 1);
  // In place, pixels a multiple of 4 KB apart would share one set of the first-level cache.
  plan->view = axis_is_inside(rows) && axis_is_inside(columns) && plan->chunks * plan->chunk == channels
               && (channels * columns->gather * columns->stride) % 1024 != 0;
  if (plan->view) {
    plan->merged = plan->merged && columns->gather == 1;
    plan->pixel = channels * columns->gather;
    plan->row = columns->source * channels * rows->gather;
    plan->image = rows->source * columns->source * channels;
    return;
  }
  plan->pixel = channels;
  if (!plan->merged) {
    // An odd number of cache lines: neighbouring pixels never share a set.
    plan->pixel = esp_round_up(plan->chunks * plan->chunk, 16);
    plan->pixel += plan->pixel / 16 % 2 == 0 ? 16 : 0;
  }
  plan->row = esp_greatest(0, esp_axis_reach(columns, columns->count)) * plan->pixel;
  plan->image = 0;
}

static void plan_segments(esp_conv_plan *plan) {
  ptrdiff_t taps = plan->rows.taps * plan->columns.taps;
  plan->reduction = taps * plan->chunks * plan->chunk;
  plan->segments = taps * plan->chunks;
}

void esp_conv_plan_correlation(const esp_conv_shape *shape, esp_conv_options options, int backward,
                               esp_conv_plan *plan) {
  *plan = (esp_conv_plan){.shape = *shape, .isa = options.isa, .algorithm = ESP_CONV_DIRECT};
  const esp_conv_shape *s = &plan->shape;
  if (backward) {
    plan->rows = backward_axis(s->oh, s->h, s->kh, s->stride_h, s->dilation_h, s->pad_top);
    plan->columns = backward_axis(s->ow, s->w, s->kw, s->stride_w, s->dilation_w, s->pad_left);
  } else {
    plan->rows = forward_axis(s->h, s->oh, s->kh, s->stride_h, s->dilation_h, s->pad_top);
    plan->columns = forward_axis(s->w, s->ow, s->kw, s->stride_w, s->dilation_w, s->pad_left);
  }
  plan->source_c = backward ? s->k : s->c;
  plan->destination_c = backward ? s->c : s->k;
  plan->blocks = esp_ceil_div(plan->destination_c, 16);
  plan->panel = esp_least(esp_tiles(plan->isa)->blocks, esp_greatest(1, plan->blocks));
  plan_source(plan);
  plan_segments(plan);
}

/* Cuts images into bands of rows whose padded copies fit the cache, and into more if a small batch needs them. */
static void plan_bands(esp_conv_plan *plan) {
  const esp_conv_axis *rows = &plan->rows;
  ptrdiff_t positions = rows->count;
  ptrdiff_t row_bytes = esp_greatest(1, plan->row * (ptrdiff_t)sizeof(float));
  ptrdiff_t fitting = (scratch_target / row_bytes - (rows->high - rows->low + 1)) / rows->stride + 1;
  ptrdiff_t wanted = esp_ceil_div(least_units, esp_greatest(1, plan->shape.n));
  ptrdiff_t band = esp_least(esp_greatest(1, fitting), esp_ceil_div(positions, wanted));
  plan->bands = esp_greatest(1, esp_ceil_div(positions, esp_greatest(1, band)));
  plan->band = esp_ceil_div(positions, plan->bands);
  plan->bands = plan->band == 0 ? 1 : esp_ceil_div(positions, plan->band);
}

/* Puts several images into a unit where one image is too little work for the weights it reads. */
static void plan_groups(esp_conv_plan *plan) {
  ptrdiff_t panel_bytes = plan->reduction * 16 * plan->panel * (ptrdiff_t)sizeof(float);
  ptrdiff_t image_floats = esp_greatest(1, esp_axis_reach(&plan->rows, plan->band) * plan->row);
  ptrdiff_t image_bytes = image_floats * (ptrdiff_t)sizeof(float);
  plan->group = 1;
  while (panel_bytes > panel_target && plan->bands == 1 && plan->group < ESP_CONV_GROUP
         && plan->group * image_bytes <= scratch_target && plan->shape.n / (2 * plan->group) >= least_units / 2) {
    plan->group *= 2;
  }
  plan->groups = esp_ceil_div(plan->shape.n, plan->group);
}

void esp_conv_plan_units(esp_conv_plan *plan) {
  plan_bands(plan);
  plan_groups(plan);
  ptrdiff_t panels = esp_greatest(1, esp_ceil_div(plan->blocks, plan->panel));
  ptrdiff_t regions = plan->groups * plan->bands;
  plan->splits = regions == 0 ? 1 : esp_least(panels, esp_ceil_div(least_units, regions));
  int empty = plan->destination_c == 0 || plan->columns.count == 0 || plan->rows.count == 0;
  plan->units = empty ? 0 : regions * plan->splits;
  ptrdiff_t copy_rows = esp_greatest(0, esp_axis_reach(&plan->rows, plan->band));
  ptrdiff_t copy = plan->view ? 0 : plan->group * copy_rows * plan->row;
  plan->scratch_bytes = esp_conv_segment_bytes(plan) + esp_round_up(copy * (ptrdiff_t)sizeof(float), 64);
  plan->packed_bytes = plan->reduction * plan->blocks * 16 * (ptrdiff_t)sizeof(float);
  plan->stats_floats = 2 * 16 * plan->blocks;
}

/* Writes the segments of one phase of the destination; returns where the next phase's begin. */
static ptrdiff_t *write_phase(const esp_conv_plan *plan, ptrdiff_t phase_y, ptrdiff_t phase_x, ptrdiff_t *to) {
  const esp_conv_axis *rows = &plan->rows;
  const esp_conv_axis *columns = &plan->columns;
  for (ptrdiff_t chunk = 0; chunk < plan->chunks; chunk++) {
    for (ptrdiff_t ty = 0; ty < rows->taps; ty++) {
      ptrdiff_t ky = esp_axis_tap(rows, ty);
      if (!esp_axis_sees(rows, phase_y, ky)) {
        continue;
      }
      ptrdiff_t row = esp_axis_offset(rows, phase_y, ky) * plan->row;
      for (ptrdiff_t tx = 0; tx < columns->taps; tx++) {
        ptrdiff_t kx = esp_axis_tap(columns, tx);
        if (!esp_axis_sees(columns, phase_x, kx)) {
          continue;
        }
        *to++ = row + esp_axis_offset(columns, phase_x, kx) * plan->pixel + chunk * plan->chunk;
        if (plan->merged) {
          break;
        }
      }
    }
  }
  return to;
}

void esp_conv_write_segments(const esp_conv_plan *plan, ptrdiff_t *segments) {
  for (ptrdiff_t phase_y = 0; phase_y < plan->rows.phases; phase_y++) {
    for (ptrdiff_t phase_x = 0; phase_x < plan->columns.phases; phase_x++) {
      segments = write_phase(plan, phase_y, phase_x, segments);
    }
  }
}
