#include "espalier_copy.h"

#include <string.h>

typedef struct {
  int64_t extent, dst, src;
} dimension;

typedef struct {
  uint64_t halves[2];
} pair;

#define COPY_LINE(T)                                                                                          \
  static void copy_line_##T(int64_t count, int64_t dst_stride, int64_t src_stride, void *dst, const void *src) { \
    char *d = dst;                                                                                            \
    const char *s = src;                                                                                      \
    for (int64_t i = 0; i < count; i++) {                                                                     \
      memcpy(d + i * dst_stride * (int64_t)sizeof(T), s + i * src_stride * (int64_t)sizeof(T), sizeof(T));    \
    }                                                                                                         \
  }

COPY_LINE(uint8_t)
COPY_LINE(uint16_t)
COPY_LINE(uint32_t)
COPY_LINE(uint64_t)
COPY_LINE(pair)

static void copy_line(size_t size, dimension line, char *dst, const char *src) {
  if (line.dst == 1 && line.src == 1) {
    memcpy(dst, src, (size_t)line.extent * size);
    return;
  }
  if (line.dst == 1 && line.src == 0) {
    esp_fill(size, line.extent, src, dst);
    return;
  }
  switch (size) {
  case 1:
    copy_line_uint8_t(line.extent, line.dst, line.src, dst, src);
    break;
  case 2:
    copy_line_uint16_t(line.extent, line.dst, line.src, dst, src);
    break;
  case 4:
    copy_line_uint32_t(line.extent, line.dst, line.src, dst, src);
    break;
  case 8:
    copy_line_uint64_t(line.extent, line.dst, line.src, dst, src);
    break;
  case 16:
    copy_line_pair(line.extent, line.dst, line.src, dst, src);
    break;
  default:
    for (int64_t i = 0; i < line.extent; i++) {
      memcpy(dst + i * line.dst * (int64_t)size, src + i * line.src * (int64_t)size, size);
    }
  }
}

/* Drops extents of 1 and joins neighbours that both sides walk as one; returns the rank that is left. */
static int join_dimensions(int rank, const int64_t *extents, const int64_t *dst, const int64_t *src, dimension *to) {
  int joined = 0;
  for (int i = 0; i < rank; i++) {
    if (extents[i] == 1) {
      continue;
    }
    dimension next = {extents[i], dst[i], src[i]};
    if (joined > 0 && to[joined - 1].dst == dst[i] * extents[i] && to[joined - 1].src == src[i] * extents[i]) {
      next.extent *= to[--joined].extent;
    }
    to[joined++] = next;
  }
  return joined;
}

int esp_copy_strided(size_t element_size, int rank, const int64_t *extents, const int64_t *dst_strides,
                     const int64_t *src_strides, void *dst, const void *src) {
  if (rank < 0 || rank > ESP_COPY_RANK) {
    return 0;
  }
  for (int i = 0; i < rank; i++) {
    if (extents[i] <= 0) {
      return 1;
    }
  }
  dimension dimensions[ESP_COPY_RANK];
  int joined = join_dimensions(rank, extents, dst_strides, src_strides, dimensions);
  dimension line = joined > 0 ? dimensions[--joined] : (dimension){1, 1, 1};
  int64_t counters[ESP_COPY_RANK] = {0}, size = (int64_t)element_size;
  char *d = dst;
  const char *s = src;
  for (;;) {
    copy_line(element_size, line, d, s);
    int i = joined - 1;
    for (; i >= 0; i--) {
      d += dimensions[i].dst * size;
      s += dimensions[i].src * size;
      if (++counters[i] < dimensions[i].extent) {
        break;
      }
      counters[i] = 0;
      d -= dimensions[i].extent * dimensions[i].dst * size;
      s -= dimensions[i].extent * dimensions[i].src * size;
    }
    if (i < 0) {
      return 1;
    }
  }
}

void esp_fill(size_t element_size, int64_t count, const void *value, void *dst) {
  if (count <= 0 || element_size == 0) {
    return;
  }
  const unsigned char *bytes = value;
  size_t equal = 1, total = element_size * (size_t)count;
  while (equal < element_size && bytes[equal] == bytes[0]) {
    equal++;
  }
  if (equal == element_size) {
    memset(dst, bytes[0], total);
    return;
  }
  /* What is there already is copied behind itself, in pieces that stay in the cache. */
  memcpy(dst, value, element_size);
  size_t most = 16384 / element_size * element_size;
  most = most < element_size ? element_size : most;
  for (size_t done = element_size; done < total;) {
    size_t n = done < most ? done : most;
    n = n < total - done ? n : total - done;
    memcpy((char *)dst + done, dst, n);
    done += n;
  }
}
