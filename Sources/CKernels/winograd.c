#include "winograd.h"

#include <string.h>

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

static ptrdiff_t weight_bytes(const esp_conv_plan *plan) {
  return ESP_WINOGRAD_POINTS * plan->source_c * plan->destination_c * (ptrdiff_t)sizeof(float);
}

/* Returns how many images of so many tiles a unit has: a power of two, so that units of different plans meet, and few
   enough for all threads unless the weights come from afar each time. */
static ptrdiff_t images_of(const esp_conv_plan *plan, ptrdiff_t image, ptrdiff_t tiles) {
  ptrdiff_t most = weight_bytes(plan) > resident_weights ? plan->shape.n : plan->shape.n / least_units;
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
  return esp_greatest(weight_bytes(plan) > resident_weights ? streaming_tiles : least_tiles, fitting);
}

static ptrdiff_t plane_bytes(const esp_conv_plan *plan) {
  return ESP_WINOGRAD_POINTS * (plan->source_plane + plan->destination_plane) * (ptrdiff_t)sizeof(float);
}

/* Chooses the channels that are read, and stored, at a time. */
static void plan_channels(esp_conv_plan *plan) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  int unpacked = weight_bytes(plan) > packed_weights;
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

/* Transforms the filters of 16 source channels from `from` on and a block of destination channels. */
static void transform_block(const esp_conv_plan *plan, const float *filter, ptrdiff_t from, ptrdiff_t block, float *u,
                            ptrdiff_t width) {
  const esp_conv_shape *s = &plan->shape;
  const esp_winograd_table *table = esp_winograd(plan->isa);
  if (!plan->rows.backward) {
    table->filter(filter + from * s->k + 16 * block, s->c * s->k, s->k, u, plan->weight_plane, width);
    return;
  }
  float g[9][16 * 16];
  for (ptrdiff_t t = 0; t < 9; t++) {
    // Patches meet the taps of a gradient backwards.
    table->transpose(filter + ((8 - t) * s->c + 16 * block) * s->k + from, s->k, g[t], 16);
  }
  table->filter(g[0], 16 * 16, 16, u, plan->weight_plane, width);
}

/* Transforms the filters of source channels and of blocks block_begin ..< block_end, the first of which begins a panel,
   to `u`. */
static void transform_filters(const esp_conv_plan *plan, const float *filter, esp_winograd_channels channels,
                              ptrdiff_t block_begin, ptrdiff_t block_end, float *u) {
  ptrdiff_t lines = channels.end - channels.begin;
  for (ptrdiff_t line = 0; line < lines; line += 16) {
    for (ptrdiff_t block = block_begin; block < block_end; block++) {
      ptrdiff_t first = block / plan->panel * plan->panel;
      ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first);
      float *panel = u + 16 * (first - block_begin) * lines;
      transform_block(plan, filter, channels.begin + line, block, panel + line * width + 16 * (block - first), width);
    }
  }
}

void esp_winograd_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part, ptrdiff_t parts) {
  if (plan->packed_bytes == 0) {
    return;
  }
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t begin = esp_part_begin(panels, part, parts) * plan->panel;
  ptrdiff_t end = esp_least(esp_part_begin(panels, part + 1, parts) * plan->panel, plan->blocks);
  esp_winograd_channels channels = {0, plan->source_c};
  transform_filters(plan, filter, channels, begin, end, packed + 16 * begin * plan->source_c);
}

esp_winograd_region esp_winograd_region_at(const esp_conv_plan *plan, ptrdiff_t index) {
  ptrdiff_t image = index / plan->bands * plan->group;
  ptrdiff_t row = index % plan->bands * plan->band;
  return (esp_winograd_region){image, esp_least(image + plan->group, plan->shape.n), row,
                               esp_least(row + plan->band, plan->down)};
}

ptrdiff_t esp_winograd_transform_source(const esp_conv_plan *plan, const float *source, esp_winograd_region region,
                                        esp_winograd_rows rows, esp_winograd_channels channels, float *v) {
  const esp_winograd_table *table = esp_winograd(plan->isa);
  ptrdiff_t height = plan->rows.source, width = plan->columns.source;
  ptrdiff_t rows_of_image = region.row_end - region.row_begin;
  esp_winograd_patch patch = {.pixel = plan->source_c, .blocks = (channels.end - channels.begin) / 16};
  patch.row = width * plan->source_c;
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    ptrdiff_t ty = region.row_begin + i % rows_of_image;
    ptrdiff_t y = plan->rows.first + ty * ESP_WINOGRAD_TILE + plan->rows.low;
    patch.image = source + (region.image_begin + i / rows_of_image) * height * patch.row + channels.begin;
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

/* What is multiplied: source channels by the panels panel_begin ..< panel_end of destination channels. */
typedef struct {
  ptrdiff_t panel_begin, panel_end;
  esp_winograd_channels channels;
  const float *u;        /* weights from panel_begin on */
  ptrdiff_t lines, line; /* source channels of a panel, and which of them channels.begin is */
} product;

/* Multiplies V by the weights, M = V U at every point, or adds to M if these are not the first source channels. */
static void multiply(const esp_conv_plan *plan, const product *product, const float *v, float *m, ptrdiff_t tiles) {
  const esp_tile_table *table = esp_tiles(plan->isa);
  const ptrdiff_t segment = 0;
  esp_tile tile = {.x_pixel = plan->source_pitch, .segments = &segment, .segment_count = 1, .plain = 1};
  tile.segment_length = product->channels.end - product->channels.begin;
  tile.adds = product->channels.begin > 0;
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
    for (ptrdiff_t panel = product->panel_begin; panel < product->panel_end; panel++) {
      ptrdiff_t channel = 16 * plan->panel * (panel - product->panel_begin);
      ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - panel * plan->panel), step = pixels[blocks - 1];
      const esp_tile_kernel *kernels = table->tile[blocks - 1][0];
      tile.channels = 16 * blocks;
      tile.weights = product->u + point * plan->weight_plane + channel * product->lines + product->line * tile.channels;
      tile.x = v + point * plan->source_plane;
      tile.y = m + point * plan->destination_plane + channel;
      for (ptrdiff_t t = 0; t < tiles; t += step) {
        kernels[esp_least(step, tiles - t) - 1](&tile);
        tile.x += step * plan->source_pitch;
        tile.y += step * plan->destination_pitch;
      }
    }
  }
}

/* Finds, or makes at `u`, the weights of a product. */
static void find_weights(const esp_conv_plan *plan, const float *packed, float *u, product *product) {
  ptrdiff_t first = product->panel_begin * plan->panel;
  if (plan->packed_bytes > 0) {
    product->lines = plan->source_c;
    product->line = product->channels.begin;
    product->u = packed + 16 * first * plan->source_c;
    return;
  }
  product->lines = product->channels.end - product->channels.begin;
  product->line = 0;
  product->u = u;
  ptrdiff_t end = esp_least(product->panel_end * plan->panel, plan->blocks);
  transform_filters(plan, packed, product->channels, first, end, u);
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
  float *u = m + ESP_WINOGRAD_POINTS * plan->destination_plane;
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  for (ptrdiff_t unit = unit_begin; unit < unit_end; unit++) {
    esp_winograd_region region = esp_winograd_region_at(plan, unit / plan->splits);
    ptrdiff_t split = unit % plan->splits;
    product product = {esp_part_begin(panels, split, plan->splits), esp_part_begin(panels, split + 1, plan->splits)};
    ptrdiff_t block_end = esp_least(product.panel_end * plan->panel, plan->blocks);
    float *stats = finish->stats ? finish->stats + unit * plan->stats_floats : NULL;
    if (stats) {
      memset(stats, 0, (size_t)plan->stats_floats * sizeof(float));
    }
    ptrdiff_t first = product.panel_begin * plan->panel, count = esp_winograd_row_count(region);
    for (ptrdiff_t row = 0; row < count; row += plan->at_once) {
      esp_winograd_rows rows = {row, esp_least(row + plan->at_once, count)};
      for (ptrdiff_t chunk = 0; chunk < plan->chunks; chunk++) {
        product.channels = esp_winograd_chunk(plan, chunk);
        find_weights(plan, packed, u, &product);
        ptrdiff_t tiles = esp_winograd_transform_source(plan, source, region, rows, product.channels, v);
        multiply(plan, &product, v, m, tiles);
      }
      transform_output(plan, m, region, rows, 16 * first, block_end - first, destination, stats, finish);
    }
  }
}
