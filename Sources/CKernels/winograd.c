#include "winograd.h"

#include <string.h>

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

ptrdiff_t esp_winograd_transform_source(const esp_conv_plan *plan, const float *source, esp_winograd_region region,
                                        esp_winograd_rows rows, esp_winograd_channels channels, float *v) {
  const esp_winograd_table *table = esp_winograd(plan->isa);
  ptrdiff_t height = plan->rows.source, width = plan->columns.source;
  esp_winograd_patch patch = {.pixel = plan->source_c, .blocks = (channels.end - channels.begin) / 16};
  patch.row = width * plan->source_c;
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    esp_winograd_place place = esp_winograd_place_of(region, i);
    ptrdiff_t y = plan->rows.first + place.y + plan->rows.low;
    patch.image = source + place.image * height * patch.row + channels.begin;
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
  for (ptrdiff_t i = rows.begin; i < rows.end; i++) {
    esp_winograd_place place = esp_winograd_place_of(region, i);
    output.rows = esp_least(ESP_WINOGRAD_TILE, height - place.y);
    for (ptrdiff_t x = 0; x < width; x += ESP_WINOGRAD_TILE) {
      ptrdiff_t at = ((place.image * height + place.y) * width + x) * plan->destination_c + channel;
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
    product product = {.panel_begin = esp_part_begin(panels, split, plan->splits)};
    product.panel_end = esp_part_begin(panels, split + 1, plan->splits);
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
