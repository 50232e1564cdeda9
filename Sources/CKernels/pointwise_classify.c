#include "espalier_pointwise.h"

enum { MOST_DIMENSIONS = 32 };

/* Drops extents of 1 and joins neighbours that are walked as one; returns the rank that is left. */
static int join_dimensions(int rank, const int64_t *extents, const int64_t *strides, int64_t *joined_extents,
                           int64_t *joined_strides) {
  int joined = 0;
  for (int i = 0; i < rank; i++) {
    if (extents[i] == 1) {
      continue;
    }
    if (joined > 0 && joined_strides[joined - 1] == strides[i] * extents[i]) {
      joined_extents[joined - 1] *= extents[i];
      joined_strides[joined - 1] = strides[i];
    } else {
      joined_extents[joined] = extents[i];
      joined_strides[joined++] = strides[i];
    }
  }
  return joined;
}

int esp_pointwise_classify(int rank, const int64_t *extents, const int64_t *strides, esp_pointwise_load *load) {
  int64_t e[MOST_DIMENSIONS], s[MOST_DIMENSIONS];
  if (rank < 0 || rank > MOST_DIMENSIONS) {
    return 0;
  }
  int64_t count = 1;
  for (int i = 0; i < rank; i++) {
    count *= extents[i];
  }
  int left = count == 0 ? 0 : join_dimensions(rank, extents, strides, e, s);
  load->rank = 0;
  load->period = 0;
  if (left == 0 && count == 0) {
    load->kind = ESP_LOAD_FULL;
  } else if (left == 0 || (left == 1 && s[0] == 0)) {
    load->kind = ESP_LOAD_SCALAR;
  } else if (left == 1 && s[0] == 1) {
    load->kind = ESP_LOAD_FULL;
  } else if (left == 2 && s[0] == 0 && s[1] == 1) {
    load->kind = ESP_LOAD_CHANNEL;
    load->period = e[1];
  } else if (left == 2 && s[0] == 1 && s[1] == 0) {
    load->kind = ESP_LOAD_ROW;
    load->period = e[1];
  } else if (left <= ESP_LOAD_RANK) {
    load->kind = ESP_LOAD_STRIDED;
    load->rank = left;
    for (int i = 0; i < left; i++) {
      load->extents[i] = e[i];
      load->strides[i] = s[i];
    }
  } else {
    return 0;
  }
  return 1;
}
