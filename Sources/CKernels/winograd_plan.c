/* How work is cut for Winograd's algorithm: into units of tiles and destination channels whose V, U and M stay in a
   cache. */

#include "winograd.h"

/* What a unit reads and computes stays within this in the second-level cache, */
static const ptrdiff_t unit_target = 256 * 1024;
/* and V and M of the tiles that are worked on at once within this: writing them to the second-level cache costs more
   than reading the weights from it once more. */
static const ptrdiff_t planes_target = 80 * 1024;
/* Weights beyond this come from the third-level cache or memory; units of this many tiles use them often enough. */
static const ptrdiff_t resident_weights = 768 * 1024;
/* Weights beyond this are transformed where they are used: that takes less than reading them, which are four times as
   large as the filter, from memory. Then so many source channels, and blocks of destination channels, are worked on at
   once: U, V and M stay in the second-level cache. */
static const ptrdiff_t packed_weights = 4 * 1024 * 1024;
static const ptrdiff_t unpacked_chunk = 32, unpacked_blocks = 4;
/* Weights beyond this take longer to transform than few tiles to multiply directly. */
static const ptrdiff_t worthwhile_weights = 16 * 1024 * 1024;
static const ptrdiff_t least_tiles = 16;
static const ptrdiff_t streaming_tiles = 64;
/* Units that share tiles transform them anew each: only as many as keep a few threads busy. */
static const ptrdiff_t least_units = 8;

int esp_winograd_applies(const esp_conv_shape *s) {
  return s->kh == 3 && s->kw == 3 && s->stride_h == 1 && s->stride_w == 1 && s->dilation_h == 1 && s->dilation_w == 1
         && s->c > 0 && s->k > 0 && s->c % 16 == 0 && s->k % 16 == 0 && s->n > 0 && s->h > 0 && s->w > 0 && s->oh > 0
         && s->ow > 0;
}

int esp_winograd_pays(const esp_conv_shape *s) {
  int weights_are_used_enough =
      esp_winograd_weight_bytes(s) <= worthwhile_weights || esp_winograd_tiles(s) >= streaming_tiles / 2;
  return s->oh >= 6 && s->ow >= 6 && s->h >= 6 && s->w >= 6 && weights_are_used_enough;
}

/* Returns floats between neighbours of `floats` floats each that keep an odd number of cache lines. */
static ptrdiff_t odd_lines(ptrdiff_t floats) { return floats + (floats / 16 % 2 == 0 ? 16 : 0); }

/* Widens the axes to whole tiles. */
static void plan_tiles(esp_conv_plan *plan) {
  plan->down = esp_ceil_div(plan->rows.count, ESP_WINOGRAD_TILE);
  plan->across = esp_ceil_div(plan->columns.count, ESP_WINOGRAD_TILE);
  plan->columns.count = plan->across * ESP_WINOGRAD_TILE;
}

void esp_winograd_plan_chunks(esp_conv_plan *plan, ptrdiff_t chunk) {
  plan->chunks = esp_ceil_div(plan->source_c, chunk);
  plan->chunk = esp_round_up(esp_ceil_div(plan->source_c, plan->chunks), 16);
  plan->chunks = esp_ceil_div(plan->source_c, plan->chunk);
  plan->source_pitch = odd_lines(plan->chunk);
}

static int streams_weights(const esp_conv_plan *plan) {
  return esp_winograd_weight_bytes(&plan->shape) > resident_weights;
}

/* Returns how many images of so many tiles a unit has: a power of two, so that units of different plans meet, and few
   enough for all threads unless the weights come from afar each time. */
static ptrdiff_t images_of(const esp_conv_plan *plan, ptrdiff_t image, ptrdiff_t tiles) {
  ptrdiff_t most = streams_weights(plan) ? plan->shape.n : plan->shape.n / least_units;
  ptrdiff_t images = 1;
  while (2 * images <= esp_least(most, tiles / image)) {
    images *= 2;
  }
  return images;
}

/* Chooses the tiles of a unit, rows of tiles of an image or whole images, and works on about `tiles` of them at once. */
static void plan_regions(esp_conv_plan *plan, ptrdiff_t tiles) {
  ptrdiff_t tile_floats = ESP_WINOGRAD_TILE * ESP_WINOGRAD_TILE * (plan->source_c + plan->destination_c);
  ptrdiff_t wanted = esp_greatest(tiles, unit_target / (tile_floats * (ptrdiff_t)sizeof(float)));
  ptrdiff_t image = plan->across * plan->down;
  plan->band = esp_greatest(1, esp_least(plan->down, wanted / plan->across));
  plan->bands = esp_ceil_div(plan->down, plan->band);
  plan->band = esp_ceil_div(plan->down, plan->bands);
  plan->bands = esp_ceil_div(plan->down, plan->band);
  plan->group = plan->bands > 1 ? 1 : images_of(plan, image, wanted);
  plan->groups = esp_ceil_div(plan->shape.n, plan->group);
  plan->at_once = esp_greatest(1, esp_least(plan->group * plan->band, tiles / plan->across));
  ptrdiff_t most = plan->at_once * plan->across;
  plan->source_plane = odd_lines(most * plan->source_pitch);
  plan->destination_plane = odd_lines(most * plan->destination_pitch);
}

/* Returns how many tiles to work on at once. */
static ptrdiff_t tiles_wanted(const esp_conv_plan *plan) {
  ptrdiff_t tile_floats = ESP_WINOGRAD_POINTS * (plan->source_pitch + plan->destination_pitch);
  ptrdiff_t fitting = planes_target / (tile_floats * (ptrdiff_t)sizeof(float));
  return esp_greatest(streams_weights(plan) ? streaming_tiles : least_tiles, fitting);
}

static ptrdiff_t plane_bytes(const esp_conv_plan *plan) {
  return ESP_WINOGRAD_POINTS * (plan->source_plane + plan->destination_plane) * (ptrdiff_t)sizeof(float);
}

/* Chooses the channels that are read, and stored, at a time. */
static void plan_channels(esp_conv_plan *plan) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  int unpacked = esp_winograd_weight_bytes(&plan->shape) > packed_weights;
  esp_winograd_plan_chunks(plan, unpacked ? unpacked_chunk : plan->source_c);
  plan->destination_pitch = odd_lines(plan->destination_c);
  ptrdiff_t tiles = tiles_wanted(plan);
  plan_regions(plan, tiles);
  plan->splits = esp_least(panels, esp_ceil_div(least_units, plan->groups * plan->bands));
  if (unpacked) {
    plan->splits = esp_greatest(plan->splits, esp_ceil_div(plan->blocks, unpacked_blocks));
  }
  ptrdiff_t channels = esp_ceil_div(panels, plan->splits) * plan->panel * 16;
  plan->destination_pitch = odd_lines(channels);
  plan_regions(plan, tiles);
  plan->weight_plane = odd_lines(unpacked ? plan->chunk * channels : plan->source_c * plan->destination_c);
  ptrdiff_t bytes = ESP_WINOGRAD_POINTS * plan->weight_plane * (ptrdiff_t)sizeof(float);
  plan->packed_bytes = unpacked ? 0 : bytes;
  plan->scratch_bytes = plane_bytes(plan) + (unpacked ? bytes : 0);
}

void esp_winograd_plan(esp_conv_plan *plan) {
  plan_tiles(plan);
  plan_channels(plan);
  plan->units = plan->groups * plan->bands * plan->splits;
  plan->stats_floats = 2 * 16 * plan->blocks;
}

void esp_winograd_plan_filter_regions(esp_conv_plan *plan, ptrdiff_t channels, ptrdiff_t tiles) {
  plan_tiles(plan);
  plan->weight_plane = odd_lines(plan->chunk * channels);
  plan->destination_pitch = odd_lines(channels);
  plan_regions(plan, tiles);
  plan->scratch_bytes = plane_bytes(plan);
}

esp_winograd_region esp_winograd_region_at(const esp_conv_plan *plan, ptrdiff_t index) {
  ptrdiff_t image = index / plan->bands * plan->group;
  ptrdiff_t row = index % plan->bands * plan->band;
  return (esp_winograd_region){image, esp_least(image + plan->group, plan->shape.n), row,
                               esp_least(row + plan->band, plan->down)};
}
