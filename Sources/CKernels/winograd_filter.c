#include "winograd.h"

#include <string.h>

/* The filter's gradient through Winograd's algorithm: each virtual worker sums V[ξ]ᵀ W[ξ] over its regions for a
   block of channels, in the order [ξ, panel, c, 16 · blocks of the panel]. */

/* A worker's sums are read and written once per region: regions of this many tiles hide that. */
static const ptrdiff_t tiles_target = 32;
/* Writing and adding up a worker's sums costs about as much as half so many tiles: with fewer, workers are not worth it,
   but for two. */
static const ptrdiff_t least_share = 32;
/* Sums beyond this do not stay in the second-level cache: workers divide the channels, in blocks of these. */
static const ptrdiff_t resident_sums = 1280 * 1024;
static const ptrdiff_t chunk_target = 64, blocks_target = 4;
/* Then V and W of the tiles at once stay within this. */
static const ptrdiff_t planes_target = 600 * 1024;

/* Returns the most of `workers` workers, or of a half, a quarter … of them, that have enough tiles each. */
static ptrdiff_t workers_worth(const esp_conv_plan *plan, ptrdiff_t workers) {
  ptrdiff_t tiles = esp_winograd_tiles(&plan->shape);
  while (workers > 2 && workers % 2 == 0 && tiles / workers < least_share) {
    workers /= 2;
  }
  return workers;
}

/* Divides the channels into blocks of sums that stay in the cache, if all of them do not; returns how many panels of
   dy's channels a block has at most. */
static ptrdiff_t plan_blocks(esp_conv_plan *plan) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  int resident = esp_winograd_weight_bytes(&plan->shape) <= resident_sums;
  ptrdiff_t ranges = resident ? 1 : esp_ceil_div(plan->blocks, blocks_target);
  esp_winograd_plan_chunks(plan, resident ? plan->source_c : chunk_target);
  plan->splits = plan->chunks * ranges;
  return esp_ceil_div(panels, ranges);
}

/* Returns how many tiles to work on at once with blocks of `channels` of dy's channels. */
static ptrdiff_t tiles_wanted(const esp_conv_plan *plan, ptrdiff_t channels) {
  ptrdiff_t tile_bytes = ESP_WINOGRAD_POINTS * (plan->chunk + channels) * (ptrdiff_t)sizeof(float);
  return plan->splits == 1 ? tiles_target : esp_least(tiles_target, planes_target / tile_bytes);
}

void esp_winograd_plan_filter(esp_conv_plan *plan, ptrdiff_t most_workers) {
  ptrdiff_t workers = workers_worth(plan, most_workers);
  ptrdiff_t channels = 16 * plan->panel * plan_blocks(plan);
  esp_winograd_plan_filter_regions(plan, channels, tiles_wanted(plan, channels));
  plan->image_splits = esp_greatest(1, esp_least(workers / plan->splits, plan->groups * plan->bands));
  plan->units = 1;
  ptrdiff_t sums = ESP_WINOGRAD_POINTS * plan->weight_plane;
  plan->stores = plan->splits > 1 && plan->image_splits == 1;
  if (plan->stores) {
    plan->workers = esp_least(most_workers, plan->splits);
    plan->scratch_bytes += sums * (ptrdiff_t)sizeof(float);
  } else {
    plan->workers = plan->image_splits * plan->splits;
    plan->partial_floats = sums;
  }
}

/* The sums that are formed together: channels of x, panels and blocks of dy's. */
typedef struct {
  esp_winograd_channels channels;
  ptrdiff_t panel_begin, panel_end, block_begin, block_end;
} sums_block;

static sums_block block_at(const esp_conv_plan *plan, ptrdiff_t split) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel), ranges = plan->splits / plan->chunks;
  sums_block block = {.channels = esp_winograd_chunk(plan, split / ranges)};
  block.panel_begin = esp_part_begin(panels, split % ranges, ranges);
  block.panel_end = esp_part_begin(panels, split % ranges + 1, ranges);
  block.block_begin = block.panel_begin * plan->panel;
  block.block_end = esp_least(block.panel_end * plan->panel, plan->blocks);
  return block;
}

/* Transforms a region's dy, of the channels of `blocks` blocks from `channel` on, to W. */
static void transform_gradient(const esp_conv_plan *plan, const float *dy, esp_winograd_region region,
                               esp_winograd_rows rows, ptrdiff_t channel, ptrdiff_t blocks, float *w) {
  const esp_conv_shape *s = &plan->shape;
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    esp_winograd_place place = esp_winograd_place_of(region, i);
    for (ptrdiff_t tx = 0; tx < plan->across; tx++) {
      ptrdiff_t x = tx * ESP_WINOGRAD_TILE;
      const float *from = dy + ((place.image * s->oh + place.y) * s->ow + x) * s->k + channel;
      esp_winograd(plan->isa)->gradient(from, s->ow * s->k, s->k, blocks, s->oh - place.y, s->ow - x, w,
                                        plan->destination_plane);
      w += plan->destination_pitch;
    }
  }
}

/* Adds Vᵀ W at every point to the sums of a block. */
static void accumulate(const esp_conv_plan *plan, const sums_block *block, const float *v, const float *w,
                       ptrdiff_t tiles, esp_conv_share *share) {
  const esp_tile_table *table = esp_tiles(plan->isa);
  esp_outer outer = {.images = 1, .rows = 1, .pixels = tiles, .fresh = share->fresh};
  share->fresh = 0;
  outer.x_pixel = plan->source_pitch;
  outer.dy_pixel = plan->destination_pitch;
  ptrdiff_t channels = block->channels.end - block->channels.begin;
  for (ptrdiff_t point = 0; point < ESP_WINOGRAD_POINTS; point++) {
    outer.w = share->sums + point * plan->weight_plane;
    for (ptrdiff_t panel = block->panel_begin; panel < block->panel_end; panel++) {
      ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - panel * plan->panel);
      ptrdiff_t parts = esp_ceil_div(channels, table->lines[blocks - 1]);
      outer.dy = w + point * plan->destination_plane + 16 * (panel - block->panel_begin) * plan->panel;
      for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t begin = esp_part_begin(channels, part, parts);
        ptrdiff_t lines = esp_part_begin(channels, part + 1, parts) - begin;
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
  sums_block block = block_at(plan, share->split);
  ptrdiff_t channel = 16 * block.block_begin, blocks = block.block_end - block.block_begin;
  for (ptrdiff_t i = region_begin; i < region_end; i++) {
    esp_winograd_region region = esp_winograd_region_at(plan, i);
    ptrdiff_t count = esp_winograd_row_count(region);
    for (ptrdiff_t row = 0; row < count; row += plan->at_once) {
      esp_winograd_rows rows = {row, esp_least(row + plan->at_once, count)};
      ptrdiff_t tiles = esp_winograd_transform_source(plan, x, region, rows, block.channels, v);
      transform_gradient(plan, dy, region, rows, channel, blocks, w);
      accumulate(plan, &block, v, w, tiles, share);
    }
  }
}

/* Stores the gradient that follows from a block's sums, `shares` of them `stride` floats apart, for channels of x. */
static void store_gradient(const esp_conv_plan *plan, const sums_block *block, esp_winograd_channels channels,
                           const float *sums, ptrdiff_t stride, ptrdiff_t shares, float *dfilter) {
  const esp_conv_shape *s = &plan->shape;
  ptrdiff_t lines = block->channels.end - block->channels.begin;
  for (ptrdiff_t c = channels.begin; c < channels.end; c++) {
    for (ptrdiff_t i = block->block_begin; i < block->block_end; i++) {
      ptrdiff_t first = i / plan->panel * plan->panel;
      ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first);
      const float *from = sums + 16 * (first - block->block_begin) * lines + 16 * (i - first);
      esp_winograd(plan->isa)->filter_gradient(from + (c - block->channels.begin) * width, plan->weight_plane, stride,
                                               shares, dfilter + c * s->k + 16 * i, s->c * s->k);
    }
  }
}

void esp_winograd_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter, ptrdiff_t part,
                                ptrdiff_t parts) {
  ptrdiff_t begin = esp_part_begin(plan->source_c, part, parts), end = esp_part_begin(plan->source_c, part + 1, parts);
  for (ptrdiff_t split = 0; split < plan->splits; split++) {
    sums_block block = block_at(plan, split);
    esp_winograd_channels channels = {esp_greatest(begin, block.channels.begin), esp_least(end, block.channels.end)};
    store_gradient(plan, &block, channels, partials + split * plan->partial_floats,
                   plan->splits * plan->partial_floats, plan->image_splits, dfilter);
  }
}

void esp_winograd_filter_store(const esp_conv_plan *plan, const float *x, const float *dy, float *dfilter,
                               ptrdiff_t worker, void *scratch) {
  float *sums = (float *)((char *)scratch + plan->scratch_bytes) - ESP_WINOGRAD_POINTS * plan->weight_plane;
  ptrdiff_t end = esp_part_begin(plan->splits, worker + 1, plan->workers);
  for (ptrdiff_t split = esp_part_begin(plan->splits, worker, plan->workers); split < end; split++) {
    esp_conv_share share = {sums, split, 1};
    esp_winograd_filter_run(plan, x, dy, &share, 0, plan->groups * plan->bands, scratch);
    sums_block block = block_at(plan, split);
    store_gradient(plan, &block, block.channels, sums, 0, 1, dfilter);
  }
}
