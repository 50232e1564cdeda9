#include "convolution.h"

#include <string.h>

/* Packs tap (ky, kx), source channels begin ..< begin + chunk (zeros past the last), `width` destination channels from
   `first` on (zeros past the last). */
static void pack_forward_tap(const esp_conv_plan *plan, const float *filter, ptrdiff_t tap, ptrdiff_t begin,
                             ptrdiff_t first, ptrdiff_t width, float *to) {
  ptrdiff_t kept = esp_least(width, plan->shape.k - first);
  for (ptrdiff_t i = 0; i < plan->chunk; i++) {
    ptrdiff_t c = begin + i;
    ptrdiff_t copied = c < plan->shape.c ? kept : 0;
    memcpy(to, filter + (tap * plan->shape.c + c) * plan->shape.k + first, (size_t)copied * sizeof(float));
    memset(to + copied, 0, (size_t)(width - copied) * sizeof(float));
    to += width;
  }
}

/* The same for a gradient with respect to x, which reads the filter transposed. */
static void pack_backward_tap(const esp_conv_plan *plan, const float *filter, ptrdiff_t tap, ptrdiff_t begin,
                              ptrdiff_t first, ptrdiff_t width, float *to) {
  ptrdiff_t kept = esp_least(plan->chunk, plan->shape.k - begin);
  for (ptrdiff_t lane = 0; lane < width; lane++) {
    ptrdiff_t c = first + lane;
    ptrdiff_t copied = c < plan->shape.c ? kept : 0;
    const float *from = filter + (tap * plan->shape.c + c) * plan->shape.k + begin;
    for (ptrdiff_t i = 0; i < copied; i++) {
      to[i * width + lane] = from[i];
    }
    for (ptrdiff_t i = copied; i < plan->chunk; i++) {
      to[i * width + lane] = 0;
    }
  }
}

/* Packs one phase of one panel; returns where the next phase begins. */
static float *pack_phase(const esp_conv_plan *plan, const float *filter, ptrdiff_t first, ptrdiff_t width,
                         ptrdiff_t phase_y, ptrdiff_t phase_x, float *to) {
  const esp_conv_axis *rows = &plan->rows;
  const esp_conv_axis *columns = &plan->columns;
  for (ptrdiff_t chunk = 0; chunk < plan->chunks; chunk++) {
    for (ptrdiff_t ty = 0; ty < rows->taps; ty++) {
      ptrdiff_t ky = esp_axis_tap(rows, ty);
      if (!esp_axis_sees(rows, phase_y, ky)) {
        continue;
      }
      for (ptrdiff_t tx = 0; tx < columns->taps; tx++) {
        ptrdiff_t kx = esp_axis_tap(columns, tx);
        if (!esp_axis_sees(columns, phase_x, kx)) {
          continue;
        }
        ptrdiff_t tap = ky * columns->taps + kx;
        if (rows->backward) {
          pack_backward_tap(plan, filter, tap, chunk * plan->chunk, first, width, to);
        } else {
          pack_forward_tap(plan, filter, tap, chunk * plan->chunk, first, width, to);
        }
        to += plan->chunk * width;
      }
    }
  }
  return to;
}

void esp_conv_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part, ptrdiff_t parts) {
  ptrdiff_t panels = esp_ceil_div(plan->blocks, plan->panel);
  ptrdiff_t end = esp_part_begin(panels, part + 1, parts);
  for (ptrdiff_t panel = esp_part_begin(panels, part, parts); panel < end; panel++) {
    ptrdiff_t first_block = panel * plan->panel;
    ptrdiff_t width = 16 * esp_least(plan->panel, plan->blocks - first_block);
    float *to = packed + 16 * first_block * plan->reduction;
    for (ptrdiff_t phase_y = 0; phase_y < plan->rows.phases; phase_y++) {
      for (ptrdiff_t phase_x = 0; phase_x < plan->columns.phases; phase_x++) {
        to = pack_phase(plan, filter, 16 * first_block, width, phase_y, phase_x, to);
      }
    }
  }
}
