#include "espalier_transpose.h"

#include "isa.h"

#define ESP_BODY "transpose_body.h"
#include "each_isa.h"

/* A unit turns this many source-contiguous elements of each of the result's rows. */
static const ptrdiff_t unit_rows = 64;
/* Blocks of this many elements a side: as many cache lines are read as are written. */
static const ptrdiff_t block = 16;

/* Drops axes of extent 1 and merges axes that stay neighbours; returns the axes left, outermost of the result first,
   with their extents and source strides. */
static ptrdiff_t merge_axes(ptrdiff_t rank, const ptrdiff_t *extents, const ptrdiff_t *permutation,
                            ptrdiff_t *merged_extents, ptrdiff_t *strides) {
  ptrdiff_t source_stride[ESP_TRANSPOSE_RANK];
  ptrdiff_t stride = 1;
  for (ptrdiff_t axis = rank - 1; axis >= 0; axis--) {
    source_stride[axis] = stride;
    stride *= extents[axis];
  }
  ptrdiff_t count = 0;
  for (ptrdiff_t i = 0; i < rank; i++) {
    ptrdiff_t extent = extents[permutation[i]];
    ptrdiff_t step = source_stride[permutation[i]];
    if (extent == 1) {
      continue;
    }
    if (count > 0 && strides[count - 1] == step * extent) {
      merged_extents[count - 1] *= extent;
      strides[count - 1] = step;
    } else {
      merged_extents[count] = extent;
      strides[count] = step;
      count++;
    }
  }
  return count;
}

static int is_permutation(ptrdiff_t rank, const ptrdiff_t *permutation) {
  unsigned seen = 0;
  for (ptrdiff_t i = 0; i < rank; i++) {
    if (permutation[i] < 0 || permutation[i] >= rank) {
      return 0;
    }
    seen |= 1u << permutation[i];
  }
  return seen == (1u << rank) - 1;
}

int esp_transpose_plan_make(ptrdiff_t rank, const ptrdiff_t *extents, const ptrdiff_t *permutation,
                            ptrdiff_t element_size, esp_transpose_plan *plan) {
  *plan = (esp_transpose_plan){.element = element_size};
  if (rank < 0 || rank > ESP_TRANSPOSE_RANK || !is_permutation(rank, permutation)) {
    return -1;
  }
  for (ptrdiff_t i = 0; i < rank; i++) {
    if (extents[i] == 0) {
      return 0;
    }
  }
  plan->rank = merge_axes(rank, extents, permutation, plan->extent, plan->from_stride);
  ptrdiff_t last = plan->rank - 1;
  if (plan->rank > 0 && plan->from_stride[last] == 1) {
    // The innermost axis stays: its runs are the elements.
    ptrdiff_t run = plan->extent[last];
    plan->element *= run;
    plan->rank = last;
    for (ptrdiff_t i = 0; i < last; i++) {
      plan->from_stride[i] /= run;
    }
  }
  ptrdiff_t stride = 1;
  plan->units = 1;
  for (ptrdiff_t i = plan->rank - 1; i >= 0; i--) {
    plan->to_stride[i] = stride;
    stride *= plan->extent[i];
    if (plan->from_stride[i] == 1) {
      plan->turned = i;
      plan->units *= (plan->extent[i] + unit_rows - 1) / unit_rows;
    } else if (i < plan->rank - 1) {
      plan->units *= plan->extent[i];
    }
  }
  return 0;
}

/* Turns `rows` × `columns` elements: y[r · y_row + j] = x[j · x_row + r]. */
#define ESP_DEFINE_TURN(NAME, T)                                                                                       \
  typedef T __attribute__((aligned(1), may_alias)) NAME##_element;                                                     \
  static void NAME(const NAME##_element *x, ptrdiff_t x_row, NAME##_element *y, ptrdiff_t y_row, ptrdiff_t rows,       \
                   ptrdiff_t columns) {                                                                                \
    for (ptrdiff_t r = 0; r < rows; r++) {                                                                             \
      for (ptrdiff_t j = 0; j < columns; j++) {                                                                        \
        y[r * y_row + j] = x[j * x_row + r];                                                                           \
      }                                                                                                                \
    }                                                                                                                  \
  }

ESP_DEFINE_TURN(turn_1, uint8_t)
ESP_DEFINE_TURN(turn_2, uint16_t)
ESP_DEFINE_TURN(turn_4, uint32_t)
ESP_DEFINE_TURN(turn_8, uint64_t)

static void turn_runs(const char *x, ptrdiff_t x_row, char *y, ptrdiff_t y_row, ptrdiff_t rows, ptrdiff_t columns,
                      ptrdiff_t element) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t j = 0; j < columns; j++) {
      memcpy(y + (r * y_row + j) * element, x + (j * x_row + r) * element, (size_t)element);
    }
  }
}

static void turn_block(ptrdiff_t element, const void *x, ptrdiff_t x_row, void *y, ptrdiff_t y_row, ptrdiff_t rows,
                       ptrdiff_t columns) {
  static void (*const turn_16x16[ESP_ISA_LEVELS])(const float *, ptrdiff_t, float *, ptrdiff_t) =
      ESP_EACH_LEVEL(esp_transpose_16x16);
  if (element == 4 && rows == block && columns == block) {
    turn_16x16[esp_isa_level()](x, x_row, y, y_row);
  } else if (element == 1) {
    turn_1(x, x_row, y, y_row, rows, columns);
  } else if (element == 2) {
    turn_2(x, x_row, y, y_row, rows, columns);
  } else if (element == 4) {
    turn_4(x, x_row, y, y_row, rows, columns);
  } else if (element == 8) {
    turn_8(x, x_row, y, y_row, rows, columns);
  } else {
    turn_runs(x, x_row, y, y_row, rows, columns, element);
  }
}

void esp_transpose_bytes(const esp_transpose_plan *plan, const void *x, void *y, ptrdiff_t unit_begin,
                         ptrdiff_t unit_end) {
  if (unit_begin >= unit_end) {
    return;
  }
  if (plan->rank == 0) {
    memcpy(y, x, (size_t)plan->element);
    return;
  }
  ptrdiff_t last = plan->rank - 1;
  ptrdiff_t strips = (plan->extent[plan->turned] + unit_rows - 1) / unit_rows;
  for (ptrdiff_t unit = unit_begin; unit < unit_end; unit++) {
    ptrdiff_t begin = unit % strips * unit_rows;
    ptrdiff_t end = begin + unit_rows < plan->extent[plan->turned] ? begin + unit_rows : plan->extent[plan->turned];
    ptrdiff_t from = 0;
    ptrdiff_t to = 0;
    ptrdiff_t rest = unit / strips;
    for (ptrdiff_t i = last - 1; i >= 0; i--) {
      if (i != plan->turned) {
        from += rest % plan->extent[i] * plan->from_stride[i];
        to += rest % plan->extent[i] * plan->to_stride[i];
        rest /= plan->extent[i];
      }
    }
    for (ptrdiff_t j = 0; j < plan->extent[last]; j += block) {
      ptrdiff_t columns = plan->extent[last] - j < block ? plan->extent[last] - j : block;
      for (ptrdiff_t r = begin; r < end; r += block) {
        ptrdiff_t rows = end - r < block ? end - r : block;
        const char *x_block = (const char *)x + (from + r + j * plan->from_stride[last]) * plan->element;
        char *y_block = (char *)y + (to + r * plan->to_stride[plan->turned] + j) * plan->element;
        turn_block(plan->element, x_block, plan->from_stride[last], y_block, plan->to_stride[plan->turned], rows,
                   columns);
      }
    }
  }
}
