#include "winograd.h"

#include <string.h>

/* The filter's gradient through Winograd's algorithm: each virtual worker sums V[ξ]ᵀ W[ξ] over its regions for its
   panels of dy's channels, in the order [ξ, panel, c, 16 · blocks of the panel]. */

/* A worker's sums are read and written once per region: regions of this many tiles hide that. */
static const ptrdiff_t tiles_target = 32;
/* Writing and adding up a worker's sums costs about as much as half so many tiles: with fewer, workers are not worth it,
   but for two. */
static const ptrdiff_t least_share = 32;
/* All workers' sums stay within this, else workers share the images and divide the channels. */
static const ptrdiff_t partial_target = 32 * 1024 * 1024;

/* Returns the most of `workers` workers, or of a half, a quarter … of them, that have enough tiles each. */
static ptrdiff_t workers_worth(const esp_conv_plan *plan, ptrdiff_t workers) {
  const esp_conv_shape *s = &plan->shape;
  ptrdiff_t tiles = s->n * esp_ceil_div(s->oh, ESP_WINOGRAD_TILE) * esp_ceil_div(s->ow, ESP_WINOGRAD_TILE);
  while (workers > 2 && workers % 2 == 0 && tiles / workers < least_share) {
    workers /= 2;
  }
  return workers;
}

void esp_winograd_plan_filter(esp_conv_plan *plan, ptrdiff_t most_workers) {
  ptrdiff_t workers = workers_worth(plan, most_workers);
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t sums = ESP_WINOGRAD_POINTS * plan->source_c * plan->destination_c * (ptrdiff_t)sizeof(float);
  plan->image_splits = workers;
  while (plan->image_splits % 2 == 0 && plan->image_splits * sums > partial_target
         && 2 * workers / plan->image_splits <= panels) {
    plan->image_splits /= 2;
  }
  plan->splits = workers / plan->image_splits;
  esp_winograd_plan_filter_regions(plan, esp_ceil_div(panels, plan->splits) * plan->panel * 16, tiles_target);
  plan->image_splits = esp_least(plan->image_splits, plan->groups * plan->bands);
  plan->workers = plan->image_splits * plan->splits;
  plan->units = 1;
  plan->partial_floats = ESP_WINOGRAD_POINTS * plan->weight_plane;
}

/* Transforms a region's dy, of the channels of `blocks` blocks from `channel` on, to W. */
static void transform_gradient(const esp_conv_plan *plan, const float *dy, esp_winograd_region region,
                               esp_winograd_rows rows, ptrdiff_t channel, ptrdiff_t blocks, float *w) {
  const esp_conv_shape *s = &plan->shape;
  ptrdiff_t rows_of_image = region.row_end - region.row_begin;
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    ptrdiff_t image = region.image_begin + i / rows_of_image;
    ptrdiff_t y = (region.row_begin + i % rows_of_image) * ESP_WINOGRAD_TILE;
    for (ptrdiff_t tx = 0; tx < plan->across; tx++) {
      ptrdiff_t x = tx * ESP_WINOGRAD_TILE;
      const float *from = dy + ((image * s->oh + y) * s->ow + x) * s->k + channel;
      esp_winograd(plan->isa)->gradient(from, s->ow * s->k, s->k, blocks, s->oh - y, s->ow - x, w,
                                        plan->destination_plane);
      w += plan->destination_pitch;
    }
  }
}

/* Adds Vᵀ W at every point to the sums of panels panel_begin ..< panel_end. */
static void accumulate(const esp_conv_plan *plan, const float *v, const float *w, ptrdiff_t tiles,
                       ptrdiff_t panel_begin, ptrdiff_t panel_end, esp_conv_share *share) {
  const esp_tile_table *table = esp_tiles(plan->isa);
  esp_outer outer = {.images = 1, .rows = 1, .pixels = tiles, .fresh = share->fresh};
  share->fresh = 0;
  outer.x_pixel = plan->source_pitch;
  outer.dy_pixel = plan->destination_pitch;
  for (ptrdiff_t point = 0; point < ESP_WINOGRAD_POINTS; point++) {
    outer.w = share->sums + point * plan->weight_plane;
    for (ptrdiff_t panel = panel_begin; panel < panel_end; panel++) {
      ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - panel * plan->panel);
      ptrdiff_t parts = esp_ceil_div(plan->source_c, table->lines[blocks - 1]);
      outer.dy = w + point * plan->destination_plane + 16 * (panel - panel_begin) * plan->panel;
      for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t begin = esp_part_begin(plan->source_c, part, parts);
        ptrdiff_t lines = esp_part_begin(plan->source_c, part + 1, parts) - begin;
        outer.x = v + point * plan->source_plane + begin;
        table->outer[blocks - 1][lines - 1](&outer);
        outer.w += lines * 16 * blocks;
      }
    }
  }
}

void esp_winograd_filter_run(const esp_conv_plan *plan, const float *x, const float *dy, esp_conv_share *share,
                             ptrdiff_t region_begin, ptrdiff_t region_end, void *scratch) {
  float *v = scratch;
  float *w = v + ESP_WINOGRAD_POINTS * plan->source_plane;
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t panel_begin = esp_part_begin(panels, share->split, plan->splits);
  ptrdiff_t panel_end = esp_part_begin(panels, share->split + 1, plan->splits);
  ptrdiff_t first = panel_begin * plan->panel;
  ptrdiff_t blocks = esp_least(panel_end * plan->panel, plan->blocks) - first;
  for (ptrdiff_t i = region_begin; i < region_end; i++) {
    esp_winograd_region region = esp_winograd_region_at(plan, i);
    ptrdiff_t count = esp_winograd_row_count(region);
    for (ptrdiff_t row = 0; row < count; row += plan->at_once) {
      esp_winograd_rows rows = {row, esp_least(row + plan->at_once, count)};
      ptrdiff_t tiles = esp_winograd_transform_source(plan, x, region, rows, v);
      transform_gradient(plan, dy, region, rows, 16 * first, blocks, w);
      accumulate(plan, v, w, tiles, panel_begin, panel_end, share);
    }
  }
}

void esp_winograd_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter, ptrdiff_t part,
                                ptrdiff_t parts) {
  const esp_conv_shape *s = &plan->shape;
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t end = esp_part_begin(s->c, part + 1, parts);
  for (ptrdiff_t split = 0; split < plan->splits; split++) {
    ptrdiff_t begin_block = esp_part_begin(panels, split, plan->splits) * plan->panel;
    ptrdiff_t end_block = esp_least(esp_part_begin(panels, split + 1, plan->splits) * plan->panel, plan->blocks);
    for (ptrdiff_t c = esp_part_begin(s->c, part, parts); c < end; c++) {
      for (ptrdiff_t block = begin_block; block < end_block; block++) {
        ptrdiff_t first = block / plan->panel * plan->panel;
        ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first);
        ptrdiff_t at = 16 * (first - begin_block) * s->c + c * width + 16 * (block - first);
        esp_winograd(plan->isa)->filter_gradient(
            partials + split * plan->partial_floats + at, plan->weight_plane, plan->splits * plan->partial_floats,
            plan->image_splits, dfilter + c * s->k + 16 * block, s->c * s->k);
      }
    }
  }
}
