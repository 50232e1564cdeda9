#include "convolution.h"

#include <stdint.h>
#include <string.h>

/* The gradient with respect to the filter: one outer-product tile per (panel of dy's channels, tap, lines of x's
   channels), over the rows of a strip of a unit's images. Each virtual worker owns a fixed range of (group of images,
   band of rows) and of panels, and its own sums; `reduce` adds the workers' sums in order. */

/* A strip's rows of x and dy stay in a first-level cache of 32 KB while all tiles pass over them, */
static const ptrdiff_t strip_target = 24 * 1024;
/* unless that makes strips so short that loading and storing the sums shows. */
static const ptrdiff_t least_strip_pixels = 64;
/* Bands are copied; the copies stay within this. */
static const ptrdiff_t copy_target = 384 * 1024;
/* All workers' sums stay within this, else workers share the images and divide the channels. */
static const ptrdiff_t partial_target = 16 * 1024 * 1024;

/* Sums of at least so many bytes are divided among the workers by channels: adding up one share per worker would cost
   more than reading the pixels again. The pixels are packed then. */
static const ptrdiff_t divided_sums = 2 * 1024 * 1024;
/* Pixels that are packed at once: those of one tile of sums stay in the first-level cache. */
static const ptrdiff_t packed_pixels = 128;

/* Returns the most pixels of a strip that is packed. */
static ptrdiff_t strip_pixels(const esp_conv_plan *plan) {
  return esp_greatest(1, packed_pixels / esp_greatest(1, plan->shape.ow)) * plan->shape.ow;
}

/* Returns the floats between packed blocks of `width` channels: an odd number of cache lines. */
static ptrdiff_t packed_pitch(const esp_conv_plan *plan, ptrdiff_t width) { return strip_pixels(plan) * width + 16; }

static ptrdiff_t packed_x_floats(const esp_conv_plan *plan) { return plan->chunk / 16 * packed_pitch(plan, 16); }

/* Returns the packed floats of a worker's channels of dy. */
static ptrdiff_t packed_dy_floats(const esp_conv_plan *plan) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  return esp_ceil_div(panels, plan->splits) * packed_pitch(plan, 16 * plan->panel);
}

/* Returns the floats of a band's copy of dy, of one image. */
static ptrdiff_t dy_copy_image(const esp_conv_plan *plan) {
  return plan->copy_dy ? plan->band * plan->shape.ow * plan->blocks * 16 : 0;
}

/* Returns the floats of a band's copy of x, of one image. */
static ptrdiff_t x_copy_image(const esp_conv_plan *plan) {
  return plan->view ? 0 : esp_greatest(0, esp_axis_reach(&plan->rows, plan->band)) * plan->row;
}

static void plan_bands(esp_conv_plan *plan, ptrdiff_t workers) {
  ptrdiff_t positions = plan->rows.count;
  ptrdiff_t x_row = plan->view ? 0 : plan->row * plan->rows.stride;
  ptrdiff_t dy_row = plan->copy_dy ? plan->shape.ow * plan->blocks * 16 : 0;
  ptrdiff_t row_bytes = esp_greatest(1, (x_row + dy_row) * (ptrdiff_t)sizeof(float));
  ptrdiff_t wanted = esp_ceil_div(workers, esp_greatest(1, plan->shape.n));
  ptrdiff_t band = esp_least(esp_greatest(1, copy_target / row_bytes), esp_ceil_div(positions, wanted));
  plan->bands = esp_greatest(1, esp_ceil_div(positions, esp_greatest(1, band)));
  plan->band = esp_ceil_div(positions, plan->bands);
  plan->bands = plan->band == 0 ? 1 : esp_ceil_div(positions, plan->band);
}

/* Lets a unit hold several images when the sums are many and the images small. */
static void plan_groups(esp_conv_plan *plan) {
  ptrdiff_t sums = plan->reduction * plan->blocks * 16 * (ptrdiff_t)sizeof(float);
  ptrdiff_t image = (x_copy_image(plan) + dy_copy_image(plan)) * (ptrdiff_t)sizeof(float);
  plan->group = 1;
  while (plan->bands == 1 && sums > copy_target && 2 * plan->group * plan->band * plan->shape.ow <= 1024
         && 2 * plan->group * image <= 4 * copy_target && 2 * plan->group <= plan->shape.n) {
    plan->group *= 2;
  }
  plan->groups = esp_ceil_div(plan->shape.n, plan->group);
}

/* Returns into how many shares of the images the workers divide the work; where that is less than one for each, they
   divide the channels as well. */
static ptrdiff_t choose_image_splits(const esp_conv_plan *plan, ptrdiff_t workers, ptrdiff_t panels) {
  ptrdiff_t sums = plan->reduction * plan->blocks * 16;
  ptrdiff_t shares = workers;
  if (!plan->packs) {
    while (shares % 2 == 0 && shares * sums * (ptrdiff_t)sizeof(float) > partial_target
           && 2 * workers / shares <= panels) {
      shares /= 2;
    }
    return shares;
  }
  // Writing and adding up a number of a share takes about six times as long as packing a number of x once more.
  ptrdiff_t pixels = plan->shape.n * plan->shape.oh * plan->shape.ow;
  ptrdiff_t least = PTRDIFF_MAX;
  for (ptrdiff_t splits = 1; workers % splits == 0 && splits <= panels; splits *= 2) {
    ptrdiff_t cost = 6 * workers / splits * sums + splits * pixels * plan->reduction;
    shares = cost < least ? workers / splits : shares;
    least = esp_least(cost, least);
  }
  return shares;
}

void esp_conv_plan_filter(esp_conv_plan *plan, ptrdiff_t workers) {
  ptrdiff_t sum_bytes = plan->reduction * plan->blocks * 16 * (ptrdiff_t)sizeof(float);
  plan->packs = plan->shape.kh * plan->shape.kw == 1 && plan->shape.c % 16 == 0 && plan->chunk % 16 == 0
                && plan->shape.k % (16 * plan->panel) == 0 && !plan->merged && sum_bytes >= divided_sums;
  plan->copy_dy = !plan->packs && (plan->shape.k % 16 != 0 || plan->shape.k % 1024 == 0);
  plan_bands(plan, workers);
  plan_groups(plan);
  ptrdiff_t panels = esp_greatest(1, esp_ceil_div(plan->blocks, plan->panel));
  plan->image_splits = choose_image_splits(plan, workers, panels);
  plan->splits = workers / plan->image_splits;
  plan->image_splits = esp_greatest(1, esp_least(plan->image_splits, plan->groups * plan->bands));
  plan->workers = plan->image_splits * plan->splits;
  plan->units = 1;
  plan->partial_floats = esp_ceil_div(panels, plan->splits) * plan->panel * 16 * plan->reduction;
  ptrdiff_t packed = plan->packs ? packed_x_floats(plan) + packed_dy_floats(plan) : 0;
  ptrdiff_t copies = plan->group * (x_copy_image(plan) + dy_copy_image(plan)) + packed;
  plan->scratch_bytes = esp_conv_segment_bytes(plan) + esp_round_up(copies * (ptrdiff_t)sizeof(float), 64);
}

/* Copies rows of dy to whole blocks of channels. */
static void copy_dy(const float *dy, ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t padded, float *to) {
  for (ptrdiff_t p = 0; p < pixels; p++) {
    memcpy(to + p * padded, dy + p * channels, (size_t)channels * sizeof(float));
    memset(to + p * padded + channels, 0, (size_t)(padded - channels) * sizeof(float));
  }
}

/* What a unit's tiles read: images, rows and pixels of x (as tap 0, channel 0 sees them) and dy. */
typedef struct {
  ptrdiff_t images, rows;
  const float *x;
  ptrdiff_t x_image, x_row, x_pixel;
  const float *dy;
  ptrdiff_t dy_image, dy_row, dy_pixel;
} filter_view;

static filter_view view_unit(const esp_conv_plan *plan, const float *x, const float *dy, ptrdiff_t unit, float *copy) {
  const esp_conv_shape *s = &plan->shape;
  ptrdiff_t band = unit % plan->bands;
  ptrdiff_t image = unit / plan->bands * plan->group;
  ptrdiff_t begin = band * plan->band;
  filter_view view = {.images = esp_least(plan->group, s->n - image)};
  view.rows = esp_least(plan->band, s->oh - begin);
  view.x_row = plan->rows.stride * plan->row;
  view.x_pixel = plan->columns.stride * plan->pixel;
  ptrdiff_t first_row = begin * plan->rows.stride + plan->rows.low;
  if (plan->view) {
    view.x = x + image * plan->image + begin * view.x_row;
    view.x_image = plan->image;
  } else {
    view.x_image = x_copy_image(plan);
    for (ptrdiff_t i = 0; i < view.images; i++) {
      const float *from = x + (image + i) * s->h * s->w * s->c;
      esp_conv_copy_rows(plan, from, first_row, esp_axis_reach(&plan->rows, view.rows), copy + i * view.x_image);
    }
    view.x = copy - plan->rows.low * plan->row - plan->columns.low * plan->pixel;
    copy += plan->group * view.x_image;
  }
  view.dy = dy + (image * s->oh + begin) * s->ow * s->k;
  view.dy_image = s->oh * s->ow * s->k;
  view.dy_row = s->ow * s->k;
  view.dy_pixel = s->k;
  if (plan->copy_dy) {
    ptrdiff_t padded = plan->blocks * 16;
    for (ptrdiff_t i = 0; i < view.images; i++) {
      copy_dy(view.dy + i * view.dy_image, view.rows * s->ow, s->k, padded, copy + i * dy_copy_image(plan));
    }
    view.dy = copy;
    view.dy_image = dy_copy_image(plan);
    view.dy_row = s->ow * padded;
    view.dy_pixel = padded;
  }
  return view;
}

/* Adds the products of one strip of rows to the sums of panels panel_begin ..< panel_end. */
static void run_strip(const esp_conv_plan *plan, const filter_view *view, ptrdiff_t first_row, ptrdiff_t rows,
                      const ptrdiff_t *segments, ptrdiff_t panel_begin, ptrdiff_t panel_end, esp_conv_share *share) {
  const esp_tile_table *table = esp_tiles(plan->isa);
  ptrdiff_t length = plan->merged ? plan->columns.taps * plan->chunk : plan->chunk;
  ptrdiff_t count = length == 0 ? 0 : plan->reduction / length;
  esp_outer outer = {.images = view->images, .rows = rows, .pixels = plan->shape.ow, .fresh = share->fresh};
  share->fresh = 0;
  outer.x_image = view->x_image;
  outer.x_row = view->x_row;
  outer.x_pixel = view->x_pixel;
  outer.dy_image = view->dy_image;
  outer.dy_row = view->dy_row;
  outer.dy_pixel = view->dy_pixel;
  const float *x = view->x + first_row * view->x_row;
  outer.w = share->sums;
  for (ptrdiff_t panel = panel_begin; panel < panel_end; panel++) {
    ptrdiff_t first_block = panel * plan->panel;
    ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - first_block);
    ptrdiff_t parts = esp_ceil_div(length, table->lines[blocks - 1]);
    outer.dy = view->dy + first_row * view->dy_row + 16 * first_block;
    for (ptrdiff_t segment = 0; segment < count; segment++) {
      for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t begin = esp_part_begin(length, part, parts);
        ptrdiff_t lines = esp_part_begin(length, part + 1, parts) - begin;
        outer.x = x + segments[segment] + begin;
        table->outer[blocks - 1][lines - 1](&outer);
        outer.w += lines * 16 * blocks;
      }
    }
  }
}

/* A strip of rows, counted through the images of a unit, and where its pixels are packed. */
typedef struct {
  const filter_view *view;
  ptrdiff_t begin, end;
  ptrdiff_t width; /* pixels of a row */
  float *x, *dy;
} packed_strip;

/* Copies blocks of `width` channels of a row of pixels, `pitch` floats from block to block. */
static void pack_row(const float *from, ptrdiff_t pixel, ptrdiff_t pixels, ptrdiff_t blocks, ptrdiff_t width,
                     ptrdiff_t pitch, float *to) {
  for (ptrdiff_t p = 0; p < pixels; p++) {
    for (ptrdiff_t b = 0; b < blocks; b++) {
      memcpy(to + b * pitch + p * width, from + p * pixel + b * width, (size_t)width * sizeof(float));
    }
  }
}

/* Packs dy's channels of `panels` panels from the first block `block` on. */
static void pack_dy(const esp_conv_plan *plan, const packed_strip *strip, ptrdiff_t block, ptrdiff_t panels) {
  const filter_view *view = strip->view;
  ptrdiff_t width = 16 * plan->panel;
  for (ptrdiff_t row = strip->begin; row < strip->end; row++) {
    const float *from = view->dy + row / view->rows * view->dy_image + row % view->rows * view->dy_row + 16 * block;
    float *to = strip->dy + (row - strip->begin) * strip->width * width;
    pack_row(from, view->dy_pixel, strip->width, panels, width, packed_pitch(plan, width), to);
  }
}

/* Packs one run of x's channels. */
static void pack_x(const esp_conv_plan *plan, const packed_strip *strip, ptrdiff_t segment) {
  const filter_view *view = strip->view;
  for (ptrdiff_t row = strip->begin; row < strip->end; row++) {
    const float *from = view->x + row / view->rows * view->x_image + row % view->rows * view->x_row + segment;
    float *to = strip->x + (row - strip->begin) * strip->width * 16;
    pack_row(from, view->x_pixel, strip->width, plan->chunk / 16, 16, packed_pitch(plan, 16), to);
  }
}

/* Adds the products of a strip to the sums of panels panel_begin ..< panel_end. */
static void run_packed(const esp_conv_plan *plan, const packed_strip *strip, const ptrdiff_t *segments,
                       ptrdiff_t panel_begin, ptrdiff_t panel_end, esp_conv_share *share) {
  const esp_tile_table *table = esp_tiles(plan->isa);
  ptrdiff_t width = 16 * plan->panel;
  ptrdiff_t parts = esp_ceil_div(16, table->lines[plan->panel - 1]);
  esp_outer outer = {.images = 1, .rows = 1, .x_pixel = 16, .dy_pixel = width, .fresh = share->fresh};
  share->fresh = 0;
  outer.pixels = (strip->end - strip->begin) * strip->width;
  pack_dy(plan, strip, panel_begin * plan->panel, panel_end - panel_begin);
  for (ptrdiff_t segment = 0; segment < plan->chunks; segment++) {
    pack_x(plan, strip, segments[segment]);
    for (ptrdiff_t panel = 0; panel < panel_end - panel_begin; panel++) {
      outer.dy = strip->dy + panel * packed_pitch(plan, width);
      outer.w = share->sums + (panel * plan->reduction + segment * plan->chunk) * width;
      for (ptrdiff_t block = 0; block < plan->chunk / 16; block++) {
        for (ptrdiff_t part = 0; part < parts; part++) {
          ptrdiff_t begin = esp_part_begin(16, part, parts);
          ptrdiff_t lines = esp_part_begin(16, part + 1, parts) - begin;
          outer.x = strip->x + block * packed_pitch(plan, 16) + begin;
          table->outer[plan->panel - 1][lines - 1](&outer);
          outer.w += lines * width;
        }
      }
    }
  }
}

/* Adds the products of a unit, strip after strip, packed at `packed`. */
static void run_packed_unit(const esp_conv_plan *plan, const filter_view *view, const ptrdiff_t *segments,
                            ptrdiff_t panel_begin, ptrdiff_t panel_end, float *packed,
                            esp_conv_share *share) {
  ptrdiff_t rows = strip_pixels(plan) / plan->shape.ow;
  ptrdiff_t all = view->images * view->rows;
  packed_strip strip = {.view = view, .width = plan->shape.ow, .dy = packed, .x = packed + packed_dy_floats(plan)};
  for (strip.begin = 0; strip.begin < all; strip.begin += rows) {
    strip.end = esp_least(strip.begin + rows, all);
    run_packed(plan, &strip, segments, panel_begin, panel_end, share);
  }
}

void esp_conv_filter_run(const esp_conv_plan *plan, const float *x, const float *dy, esp_conv_share *share,
                         ptrdiff_t region_begin, ptrdiff_t region_end, void *scratch) {
  ptrdiff_t *segments = scratch;
  float *copy = (float *)((char *)scratch + esp_conv_segment_bytes(plan));
  esp_conv_write_segments(plan, segments);
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t panel_begin = esp_part_begin(panels, share->split, plan->splits);
  ptrdiff_t panel_end = esp_part_begin(panels, share->split + 1, plan->splits);
  ptrdiff_t row_bytes = (plan->rows.stride * plan->row + plan->shape.ow * plan->shape.k) * (ptrdiff_t)sizeof(float);
  ptrdiff_t strip = esp_greatest(strip_target / esp_greatest(1, row_bytes),
                                 esp_ceil_div(least_strip_pixels, esp_greatest(1, plan->shape.ow)));
  strip = plan->group > 1 ? plan->band : strip;
  if (plan->band == 0 || plan->shape.ow == 0 || plan->partial_floats == 0) {
    return;
  }
  for (ptrdiff_t region = region_begin; region < region_end; region++) {
    filter_view view = view_unit(plan, x, dy, region, copy);
    if (plan->packs) {
      float *packed = copy + plan->group * x_copy_image(plan);
      run_packed_unit(plan, &view, segments, panel_begin, panel_end, packed, share);
      continue;
    }
    for (ptrdiff_t row = 0; row < view.rows; row += strip) {
      run_strip(plan, &view, row, esp_least(strip, view.rows - row), segments, panel_begin, panel_end, share);
    }
  }
}

/* Sums one row (ky, kx, c) of dfilter over the workers that share a panel. */
static void reduce_row(const esp_conv_plan *plan, const float *partials, ptrdiff_t row, float *to) {
  ptrdiff_t c = row % plan->shape.c;
  ptrdiff_t tap = row / plan->shape.c;
  ptrdiff_t taps = plan->shape.kh * plan->shape.kw;
  ptrdiff_t line = (c / plan->chunk * taps + tap) * plan->chunk + c % plan->chunk;
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  for (ptrdiff_t split = 0; split < plan->splits; split++) {
    ptrdiff_t panel_begin = esp_part_begin(panels, split, plan->splits);
    ptrdiff_t panel_end = esp_part_begin(panels, split + 1, plan->splits);
    for (ptrdiff_t panel = panel_begin; panel < panel_end; panel++) {
      ptrdiff_t first_block = panel * plan->panel;
      ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first_block);
      ptrdiff_t kept = esp_least(width, plan->shape.k - 16 * first_block);
      ptrdiff_t at = (first_block - panel_begin * plan->panel) * 16 * plan->reduction + line * width;
      float *sum = to + 16 * first_block;
      memcpy(sum, partials + split * plan->partial_floats + at, (size_t)kept * sizeof(float));
      for (ptrdiff_t share = 1; share < plan->image_splits; share++) {
        const float *from = partials + (share * plan->splits + split) * plan->partial_floats + at;
        for (ptrdiff_t k = 0; k < kept; k++) {
          sum[k] += from[k];
        }
      }
    }
  }
}

void esp_conv_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter, ptrdiff_t part,
                            ptrdiff_t parts) {
  ptrdiff_t rows = plan->shape.kh * plan->shape.kw * plan->shape.c;
  ptrdiff_t end = esp_part_begin(rows, part + 1, parts);
  for (ptrdiff_t row = esp_part_begin(rows, part, parts); row < end; row++) {
    reduce_row(plan, partials, row, dfilter + row * plan->shape.k);
  }
}
