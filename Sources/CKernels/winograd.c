#include "winograd.h"

#include <string.h>

/* What a unit reads and computes stays within this in the second-level cache, */
static const ptrdiff_t unit_target = 256 * 1024;
/* and V and M of the tiles that are worked on at once within this: writing them to the second-level cache costs more
   than reading the weights from it once more. */
static const ptrdiff_t planes_target = 80 * 1024;
/* Weights beyond this come from the third-level cache or memory; units of this many tiles use them often enough. */
static const ptrdiff_t resident_weights = 768 * 1024;
/* Weights beyond this, four times those of the direct algorithm, come from memory: few tiles are not worth it. */
static const ptrdiff_t cached_weights = 16 * 1024 * 1024;
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
  ptrdiff_t tiles = s->n * esp_ceil_div(s->oh, ESP_WINOGRAD_TILE) * esp_ceil_div(s->ow, ESP_WINOGRAD_TILE);
  ptrdiff_t weight_bytes = ESP_WINOGRAD_POINTS * s->c * s->k * (ptrdiff_t)sizeof(float);
  int weights_are_used_enough = weight_bytes <= cached_weights || tiles >= streaming_tiles / 2;
  return s->oh >= 6 && s->ow >= 6 && s->h >= 6 && s->w >= 6 && weights_are_used_enough;
}

/* Returns floats between neighbours of `floats` floats each that keep an odd number of cache lines. */
static ptrdiff_t odd_lines(ptrdiff_t floats) { return floats + (floats / 16 % 2 == 0 ? 16 : 0); }

/* Widens the axes to whole tiles and plans the padded copy of the source. */
static void plan_source(esp_conv_plan *plan) {
  plan->down = esp_ceil_div(plan->rows.count, ESP_WINOGRAD_TILE);
  plan->across = esp_ceil_div(plan->columns.count, ESP_WINOGRAD_TILE);
  plan->columns.count = plan->across * ESP_WINOGRAD_TILE;
  plan->source_pitch = odd_lines(plan->source_c);
}

/* Returns how many images of so many tiles a unit has: a power of two, so that units of different plans meet, and few
   enough for all threads unless the weights come from afar each time. */
static ptrdiff_t images_of(const esp_conv_plan *plan, ptrdiff_t image, ptrdiff_t tiles) {
  ptrdiff_t weight_bytes = ESP_WINOGRAD_POINTS * plan->weight_plane * (ptrdiff_t)sizeof(float);
  ptrdiff_t most = weight_bytes > resident_weights ? plan->shape.n : plan->shape.n / least_units;
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

/* Returns how many tiles to work on at once for channel counts whose weights take `weight_bytes`. */
static ptrdiff_t tiles_wanted(const esp_conv_plan *plan, ptrdiff_t weight_bytes) {
  ptrdiff_t tile_floats = ESP_WINOGRAD_POINTS * (plan->source_pitch + plan->destination_pitch);
  ptrdiff_t fitting = planes_target / (tile_floats * (ptrdiff_t)sizeof(float));
  return esp_greatest(weight_bytes > resident_weights ? streaming_tiles : least_tiles, fitting);
}

void esp_winograd_plan(esp_conv_plan *plan) {
  plan_source(plan);
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  plan->weight_plane = odd_lines(plan->source_c * plan->destination_c);
  plan->packed_bytes = ESP_WINOGRAD_POINTS * plan->weight_plane * (ptrdiff_t)sizeof(float);
  plan->destination_pitch = odd_lines(plan->destination_c);
  ptrdiff_t tiles = tiles_wanted(plan, plan->packed_bytes);
  plan_regions(plan, tiles);
  plan->splits = esp_least(panels, esp_ceil_div(least_units, plan->groups * plan->bands));
  plan->destination_pitch = odd_lines(esp_ceil_div(panels, plan->splits) * plan->panel * 16);
  plan_regions(plan, tiles);
  plan->units = plan->groups * plan->bands * plan->splits;
  plan->stats_floats = 2 * 16 * plan->blocks;
  ptrdiff_t planes = ESP_WINOGRAD_POINTS * (plan->source_plane + plan->destination_plane);
  plan->scratch_bytes = planes * (ptrdiff_t)sizeof(float);
}

void esp_winograd_plan_filter_regions(esp_conv_plan *plan, ptrdiff_t channels, ptrdiff_t tiles) {
  plan_source(plan);
  plan->weight_plane = odd_lines(plan->source_c * channels);
  plan->destination_pitch = odd_lines(channels);
  plan_regions(plan, tiles);
  ptrdiff_t planes = ESP_WINOGRAD_POINTS * (plan->source_plane + plan->destination_plane);
  plan->scratch_bytes = planes * (ptrdiff_t)sizeof(float);
}

/* Copies the 16 × 16 filters of source channels `from` and destination channels `to` on, in the order in which patches
   meet taps. */
static void gather_filters(const esp_conv_plan *plan, const float *filter, ptrdiff_t from, ptrdiff_t to,
                           float (*g)[16][16]) {
  const esp_conv_shape *s = &plan->shape;
  for (ptrdiff_t t = 0; t < 9; t++) {
    ptrdiff_t ky = esp_axis_tap(&plan->rows, t / 3);
    ptrdiff_t kx = esp_axis_tap(&plan->columns, t % 3);
    const float *tap = filter + (ky * 3 + kx) * s->c * s->k;
    if (plan->rows.backward) {
      esp_winograd(plan->isa)->transpose(tap + to * s->k + from, s->k, g[t][0], 16);
    } else {
      for (ptrdiff_t i = 0; i < 16; i++) {
        memcpy(g[t][i], tap + (from + i) * s->k + to, 16 * sizeof(float));
      }
    }
  }
}

void esp_winograd_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part, ptrdiff_t parts) {
  float g[9][16][16];
  ptrdiff_t end = esp_part_begin(plan->blocks, part + 1, parts);
  for (ptrdiff_t block = esp_part_begin(plan->blocks, part, parts); block < end; block++) {
    ptrdiff_t first = block / plan->panel * plan->panel;
    ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first);
    float *panel = packed + 16 * first * plan->source_c + 16 * (block - first);
    for (ptrdiff_t c = 0; c < plan->source_c; c += 16) {
      gather_filters(plan, filter, c, 16 * block, g);
      esp_winograd(plan->isa)->filter(g, panel + c * width, plan->weight_plane, width);
    }
  }
}

esp_winograd_region esp_winograd_region_at(const esp_conv_plan *plan, ptrdiff_t index) {
  ptrdiff_t image = index / plan->bands * plan->group;
  ptrdiff_t row = index % plan->bands * plan->band;
  return (esp_winograd_region){image, esp_least(image + plan->group, plan->shape.n), row,
                               esp_least(row + plan->band, plan->down)};
}

ptrdiff_t esp_winograd_transform_source(const esp_conv_plan *plan, const float *source, esp_winograd_region region,
                                        esp_winograd_rows rows, float *v) {
  const esp_winograd_table *table = esp_winograd(plan->isa);
  ptrdiff_t height = plan->rows.source, width = plan->columns.source;
  ptrdiff_t rows_of_image = region.row_end - region.row_begin;
  esp_winograd_patch patch = {.pixel = plan->source_c, .blocks = plan->source_c / 16};
  patch.row = width * plan->source_c;
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    ptrdiff_t ty = region.row_begin + i % rows_of_image;
    ptrdiff_t y = plan->rows.first + ty * ESP_WINOGRAD_TILE + plan->rows.low;
    patch.image = source + (region.image_begin + i / rows_of_image) * height * patch.row;
    patch.top = esp_greatest(0, -y);
    patch.bottom = esp_greatest(patch.top, esp_least(6, height - y));
    for (ptrdiff_t tx = 0; tx < plan->across; tx++) {
      ptrdiff_t x = plan->columns.first + tx * ESP_WINOGRAD_TILE + plan->columns.low;
      patch.left = esp_greatest(0, -x);
      patch.right = esp_greatest(patch.left, esp_least(6, width - x));
      patch.at = y * patch.row + x * patch.pixel;
      table->input(&patch, v, plan->source_plane);
      v += plan->source_pitch;
    }
  }
  return (rows.end - rows.begin) * plan->across;
}

/* Multiplies V by the weights of panels panel_begin ..< panel_end: M = V U at every point. */
static void multiply(const esp_conv_plan *plan, const float *v, const float *packed, float *m, ptrdiff_t tiles,
                     ptrdiff_t panel_begin, ptrdiff_t panel_end) {
  const esp_tile_table *table = esp_tiles(plan->isa);
  const ptrdiff_t segment = 0;
  esp_tile tile = {.x_pixel = plan->source_pitch, .segments = &segment, .segment_count = 1, .plain = 1};
  tile.segment_length = plan->source_c;
  tile.y_pixel = plan->destination_pitch;
  tile.x_step = plan->source_plane;
  tile.weights_step = plan->weight_plane;
  tile.y_step = plan->destination_plane;
  ptrdiff_t pixels[ESP_TILE_BLOCKS];
  for (ptrdiff_t i = 0; i < plan->panel; i++) {
    pixels[i] = esp_ceil_div(tiles, esp_ceil_div(tiles, table->pixels[i]));
  }
  // Weights that several register tiles use stay in the first-level cache in between.
  tile.count = pixels[plan->panel - 1] == tiles ? ESP_WINOGRAD_POINTS : 1;
  for (ptrdiff_t point = 0; point < ESP_WINOGRAD_POINTS; point += tile.count) {
    for (ptrdiff_t panel = panel_begin; panel < panel_end; panel++) {
      ptrdiff_t first = panel * plan->panel;
      ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - first), step = pixels[blocks - 1];
      const esp_tile_kernel *kernels = table->tile[blocks - 1][0];
      tile.channels = 16 * blocks;
      tile.weights = packed + point * plan->weight_plane + 16 * first * plan->source_c;
      tile.x = v + point * plan->source_plane;
      tile.y = m + point * plan->destination_plane + 16 * (panel - panel_begin) * plan->panel;
      for (ptrdiff_t t = 0; t < tiles; t += step) {
        kernels[esp_least(step, tiles - t) - 1](&tile);
        tile.x += step * plan->source_pitch;
        tile.y += step * plan->destination_pitch;
      }
    }
  }
}

/* Transforms M to the destination's channels from `channel` on. */
static void transform_output(const esp_conv_plan *plan, const float *m, esp_winograd_region region,
                             esp_winograd_rows rows, ptrdiff_t channel, ptrdiff_t blocks, float *destination,
                             float *stats, const esp_conv_finish *finish) {
  ptrdiff_t height = plan->rows.destination;
  ptrdiff_t width = plan->columns.destination;
  esp_winograd_output output = {.plane = plan->destination_plane, .blocks = blocks, .m = m};
  output.y_pixel = plan->destination_c;
  output.y_row = width * plan->destination_c;
  output.bias = finish->bias ? finish->bias + channel : NULL;
  output.low = finish->low;
  output.high = finish->high;
  output.sums = stats ? stats + channel : NULL;
  output.plain = esp_conv_is_plain(finish);
  output.squares = stats ? stats + 16 * plan->blocks + channel : NULL;
  ptrdiff_t rows_of_image = region.row_end - region.row_begin;
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    ptrdiff_t image = region.image_begin + i / rows_of_image;
    ptrdiff_t y = (region.row_begin + i % rows_of_image) * ESP_WINOGRAD_TILE;
    output.rows = esp_least(ESP_WINOGRAD_TILE, height - y);
    for (ptrdiff_t x = 0; x < width; x += ESP_WINOGRAD_TILE) {
      ptrdiff_t at = ((image * height + y) * width + x) * plan->destination_c + channel;
      output.columns = esp_least(ESP_WINOGRAD_TILE, width - x);
      output.y = destination + at;
      output.residual = finish->residual ? finish->residual + at : NULL;
      esp_winograd(plan->isa)->output(&output);
      output.m += plan->destination_pitch;
    }
  }
}

void esp_winograd_run(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                      ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_finish *finish) {
  float *v = scratch;
  float *m = v + ESP_WINOGRAD_POINTS * plan->source_plane;
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  for (ptrdiff_t unit = unit_begin; unit < unit_end; unit++) {
    esp_winograd_region region = esp_winograd_region_at(plan, unit / plan->splits);
    ptrdiff_t split = unit % plan->splits;
    ptrdiff_t panel_begin = esp_part_begin(panels, split, plan->splits);
    ptrdiff_t panel_end = esp_part_begin(panels, split + 1, plan->splits);
    ptrdiff_t block_end = esp_least(panel_end * plan->panel, plan->blocks);
    float *stats = finish->stats ? finish->stats + unit * plan->stats_floats : NULL;
    if (stats) {
      memset(stats, 0, (size_t)plan->stats_floats * sizeof(float));
    }
    ptrdiff_t first = panel_begin * plan->panel, count = esp_winograd_row_count(region);
    for (ptrdiff_t row = 0; row < count; row += plan->at_once) {
      esp_winograd_rows rows = {row, esp_least(row + plan->at_once, count)};
      ptrdiff_t tiles = esp_winograd_transform_source(plan, source, region, rows, v);
      multiply(plan, v, packed, m, tiles, panel_begin, panel_end);
      transform_output(plan, m, region, rows, 16 * first, block_end - first, destination, stats, finish);
    }
  }
}
