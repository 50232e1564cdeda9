#include "convolution.h"

#include <string.h>

/* Copies one source row (or zeros, if null) to a scratch row. */
static void copy_row(const esp_conv_plan *plan, const float *from, float *to) {
  const esp_conv_axis *columns = &plan->columns;
  const ptrdiff_t pixel = plan->pixel;
  const ptrdiff_t channels = plan->source_c;
  ptrdiff_t width = esp_axis_reach(columns, columns->count);
  if (!from) {
    memset(to, 0, (size_t)(width * pixel) * sizeof(float));
    return;
  }
  ptrdiff_t start = (columns->first * columns->stride + columns->low) * columns->gather + columns->origin;
  ptrdiff_t begin = start >= 0 ? 0 : esp_least(width, esp_ceil_div(-start, columns->gather));
  ptrdiff_t beyond = columns->source - start;
  ptrdiff_t end = beyond <= 0 ? 0 : esp_least(width, esp_ceil_div(beyond, columns->gather));
  end = esp_greatest(begin, end);
  memset(to, 0, (size_t)(begin * pixel) * sizeof(float));
  memset(to + end * pixel, 0, (size_t)((width - end) * pixel) * sizeof(float));
  if (begin == end) {
    return;
  }
  const float *first = from + (start + begin * columns->gather) * channels;
  if (pixel == channels && columns->gather == 1) {
    memcpy(to + begin * pixel, first, (size_t)((end - begin) * pixel) * sizeof(float));
    return;
  }
  ptrdiff_t summed = plan->chunks * plan->chunk;
  for (ptrdiff_t j = begin; j < end; j++) {
    float *pixel_to = to + j * pixel;
    memcpy(pixel_to, first + (j - begin) * columns->gather * channels, (size_t)channels * sizeof(float));
    for (ptrdiff_t c = channels; c < summed; c++) {
      pixel_to[c] = 0;
    }
  }
}

void esp_conv_copy_rows(const esp_conv_plan *plan, const float *from, ptrdiff_t first_row, ptrdiff_t rows, float *to) {
  ptrdiff_t source_row = plan->columns.source * plan->source_c;
  for (ptrdiff_t r = 0; r < rows; r++) {
    ptrdiff_t y = (first_row + r) * plan->rows.gather + plan->rows.origin;
    int exists = y >= 0 && y < plan->rows.source;
    copy_row(plan, exists ? from + y * source_row : NULL, to + r * plan->row);
  }
}

/* The source of one image as the tiles of a unit see it. */
typedef struct {
  const float *x;      /* scratch pixel (row_origin, column_origin) */
  ptrdiff_t row_origin, column_origin;
} source_view;

/* Everything the tiles of one unit share. */
typedef struct {
  const esp_conv_plan *plan;
  const esp_tile_table *table;
  const ptrdiff_t *segments;
  const esp_conv_finish *finish;
  float *destination;
  float *stats;               /* of this unit, or null */
  ptrdiff_t begin, end;       /* positions along the rows */
} unit_context;

/* Returns the rows a tile of `width` pixels can take in. */
static ptrdiff_t tile_rows(const esp_tile_table *table, ptrdiff_t blocks, ptrdiff_t width, ptrdiff_t rows) {
  ptrdiff_t most = esp_least(rows, table->pixels[blocks - 1] / width);
  for (ptrdiff_t count = esp_least(most, ESP_TILE_ROWS); count > 1; count--) {
    if (table->tile[blocks - 1][count - 1][width - 1]) {
      return count;
    }
  }
  return 1;
}

/* Runs the tiles of one phase of one image for the panel `tile` is set up for. */
static void run_phase(const unit_context *unit, esp_tile *tile, ptrdiff_t blocks, source_view view, ptrdiff_t image,
                      ptrdiff_t first_channel, ptrdiff_t phase_y, ptrdiff_t phase_x) {
  const esp_conv_plan *plan = unit->plan;
  const esp_conv_axis *rows = &plan->rows;
  const esp_conv_axis *columns = &plan->columns;
  ptrdiff_t row_begin = unit->begin;
  ptrdiff_t row_end = unit->end;
  ptrdiff_t column_begin = columns->first;
  ptrdiff_t column_end = columns->first + columns->count;
  esp_axis_clip(rows, phase_y, &row_begin, &row_end);
  esp_axis_clip(columns, phase_x, &column_begin, &column_end);
  ptrdiff_t width = column_end - column_begin;
  if (width <= 0) {
    return;
  }
  ptrdiff_t across = esp_ceil_div(width, unit->table->pixels[blocks - 1]);
  ptrdiff_t pixels = esp_ceil_div(width, across);
  for (ptrdiff_t i = row_begin; i < row_end;) {
    ptrdiff_t count = across > 1 ? 1 : tile_rows(unit->table, blocks, pixels, row_end - i);
    ptrdiff_t y = image * rows->destination + esp_axis_destination(rows, phase_y, i);
    const float *x_row = view.x + (i * rows->stride - view.row_origin) * plan->row;
    for (ptrdiff_t j = column_begin; j < column_end; j += pixels) {
      ptrdiff_t taken = esp_least(pixels, column_end - j);
      ptrdiff_t x = esp_axis_destination(columns, phase_x, j);
      ptrdiff_t at = (y * columns->destination + x) * plan->destination_c + first_channel;
      tile->x = x_row + (j * columns->stride - view.column_origin) * plan->pixel;
      tile->y = unit->destination + at;
      tile->residual = unit->finish->residual ? unit->finish->residual + at : NULL;
      unit->table->tile[blocks - 1][count - 1][taken - 1](tile);
    }
    i += count;
  }
}

/* Runs all phases of one image for one panel of destination channels. */
static void run_panel(const unit_context *unit, const float *packed, ptrdiff_t first_block, source_view view,
                      ptrdiff_t image) {
  const esp_conv_plan *plan = unit->plan;
  ptrdiff_t blocks = esp_least(plan->panel, plan->blocks - first_block);
  ptrdiff_t channel = 16 * first_block;
  esp_tile tile = {
      .x_pixel = plan->columns.stride * plan->pixel,
      .x_row = plan->rows.stride * plan->row,
      .segments = unit->segments,
      .weights = packed + channel * plan->reduction,
      .count = 1,
      .y_pixel = plan->columns.phases * plan->destination_c,
      .y_row = plan->rows.phases * plan->columns.destination * plan->destination_c,
      .channels = esp_least(16 * blocks, plan->destination_c - channel),
      .bias = unit->finish->bias ? unit->finish->bias + channel : NULL,
      .low = unit->finish->low,
      .high = unit->finish->high,
      .sums = unit->stats ? unit->stats + channel : NULL,
      .squares = unit->stats ? unit->stats + 16 * plan->blocks + channel : NULL,
      .plain = esp_conv_is_plain(unit->finish),
  };
  for (ptrdiff_t phase_y = 0; phase_y < plan->rows.phases; phase_y++) {
    ptrdiff_t rows_seen = esp_axis_taps_seen(&plan->rows, phase_y);
    for (ptrdiff_t phase_x = 0; phase_x < plan->columns.phases; phase_x++) {
      ptrdiff_t columns_seen = esp_axis_taps_seen(&plan->columns, phase_x);
      ptrdiff_t products = rows_seen * columns_seen * plan->chunks * plan->chunk;
      tile.segment_length = plan->merged ? columns_seen * plan->chunk : plan->chunk;
      tile.segment_count = tile.segment_length == 0 ? 0 : products / tile.segment_length;
      run_phase(unit, &tile, blocks, view, image, channel, phase_y, phase_x);
      tile.segments += tile.segment_count;
      tile.weights += products * 16 * blocks;
    }
  }
}

/* Returns what the tiles of an image read: its padded copy, made here, or the image itself. */
static source_view view_source(const esp_conv_plan *plan, const float *source, ptrdiff_t begin, ptrdiff_t end,
                               float *copy) {
  if (plan->view) {
    return (source_view){.x = source};
  }
  ptrdiff_t first_row = begin * plan->rows.stride + plan->rows.low;
  esp_conv_copy_rows(plan, source, first_row, esp_axis_reach(&plan->rows, end - begin), copy);
  return (source_view){copy, first_row, plan->columns.first * plan->columns.stride + plan->columns.low};
}

static void run_unit(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                     ptrdiff_t unit, const ptrdiff_t *segments, float *copy, const esp_conv_finish *finish) {
  ptrdiff_t split = unit % plan->splits;
  ptrdiff_t band = unit / plan->splits % plan->bands;
  ptrdiff_t group = unit / plan->splits / plan->bands;
  ptrdiff_t begin = plan->rows.first + band * plan->band;
  ptrdiff_t end = esp_least(begin + plan->band, plan->rows.first + plan->rows.count);
  unit_context context = {plan, esp_tiles(plan->isa), segments, finish, destination, NULL, begin, end};
  if (finish->stats) {
    context.stats = finish->stats + unit * plan->stats_floats;
    memset(context.stats, 0, (size_t)plan->stats_floats * sizeof(float));
  }
  ptrdiff_t image_begin = group * plan->group;
  ptrdiff_t images = esp_least(plan->group, plan->shape.n - image_begin);
  ptrdiff_t source_image = plan->rows.source * plan->columns.source * plan->source_c;
  ptrdiff_t copy_image = esp_axis_reach(&plan->rows, plan->band) * plan->row;
  source_view views[ESP_CONV_GROUP];
  for (ptrdiff_t i = 0; i < images; i++) {
    views[i] = view_source(plan, source + (image_begin + i) * source_image, begin, end, copy + i * copy_image);
  }
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t panel_end = esp_part_begin(panels, split + 1, plan->splits);
  for (ptrdiff_t panel = esp_part_begin(panels, split, plan->splits); panel < panel_end; panel++) {
    for (ptrdiff_t i = 0; i < images; i++) {
      run_panel(&context, packed, panel * plan->panel, views[i], image_begin + i);
    }
  }
}

void esp_conv_correlate(const esp_conv_plan *plan, const float *source, const float *packed, float *destination,
                        ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const esp_conv_finish *finish) {
  ptrdiff_t *segments = scratch;
  float *copy = (float *)((char *)scratch + esp_conv_segment_bytes(plan));
  esp_conv_write_segments(plan, segments);
  for (ptrdiff_t unit = unit_begin; unit < unit_end; unit++) {
    run_unit(plan, source, packed, destination, unit, segments, copy, finish);
  }
}

