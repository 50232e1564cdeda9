#include "espalier_reduce.h"

#include <string.h>

#include "pointwise_results.h"

/* Elements that are reduced in T before they go into the accumulators, which are wider. */
enum { PIECE = 4096 };

size_t esp_reduce_scratch_size(long inner) { return (size_t)(inner > 1 ? inner : 1) * sizeof(esp_accumulator); }

void esp_reduce(int type, int kind, long axis, long inner, const void *x, double scale, void *y, long begin, long end,
                void *scratch) {
  const esp_tile_functions *functions = esp_tile_functions_of(type, esp_isa_level());
  esp_accumulator *accumulators = scratch, identity = esp_reduction_identity(type, kind);
  esp_pointwise_reduction reduction = {.kind = kind, .dtype = type, .scale = scale};
  long size = esp_dtype_size(type), rows = PIECE / (inner > 0 ? inner : 1);
  long piece = (rows > 1 ? rows : 1) * inner;
  for (long o = begin; o < end; o++) {
    for (long i = 0; i < inner; i++) {
      accumulators[i] = identity;
    }
    const char *from = (const char *)x + o * axis * inner * size;
    for (long left = axis * inner; left > 0; left -= piece, from += piece * size) {
      long n = left < piece ? left : piece;
      if (inner == 1) {
        functions->accumulate[kind](from, from, n, accumulators);
      } else {
        functions->accumulate_columns[kind](from, from, n, inner, accumulators);
      }
    }
    for (long i = 0; i < inner; i++) {
      esp_reduction_write(type, &reduction, y, o * inner + i, accumulators[i]);
    }
  }
}

void esp_reduce_bool(int all, long axis, long inner, const uint8_t *x, uint8_t *y, long begin, long end) {
  for (long o = begin; o < end; o++) {
    const uint8_t *from = x + o * axis * inner;
    uint8_t *to = y + o * inner;
    if (inner == 1) {
      *to = (memchr(from, !all, (size_t)axis) != NULL) != all;
      continue;
    }
    memset(to, all, (size_t)inner);
    for (long a = 0; a < axis; a++, from += inner) {
      for (long i = 0; i < inner; i++) {
        to[i] = all ? to[i] & from[i] : to[i] | from[i];
      }
    }
  }
}

static void write_index(int index_type, void *y, long at, long index) {
  if (index_type == ESP_I32) {
    ((int32_t *)y)[at] = (int32_t)index;
  } else {
    ((int64_t *)y)[at] = index;
  }
}

/* `extreme == extreme` is false for a NaN, which the first number replaces. */
#define ARG_MAX(T, name)                                                                                          \
  static void arg_max_##name(int minimum, int index_type, long axis, long inner, const void *x, void *y,         \
                             long begin, long end) {                                                              \
    for (long o = begin; o < end; o++) {                                                                          \
      for (long i = 0; i < inner; i++) {                                                                          \
        const T *from = (const T *)x + o * axis * inner + i;                                                      \
        T extreme = from[0];                                                                                      \
        long index = 0;                                                                                           \
        for (long a = 1; a < axis; a++) {                                                                         \
          T value = from[a * inner];                                                                              \
          int better = minimum ? value < extreme : value > extreme;                                               \
          if (better || (!(extreme == extreme) && value == value)) {                                              \
            extreme = value;                                                                                      \
            index = a;                                                                                            \
          }                                                                                                       \
        }                                                                                                         \
        write_index(index_type, y, o * inner + i, index);                                                         \
      }                                                                                                           \
    }                                                                                                             \
  }

#define ARG_MAX_TYPES(X)                                                                                     \
  X(ESP_F32, float, f32) X(ESP_F64, double, f64) X(ESP_I8, int8_t, i8) X(ESP_U8, uint8_t, u8)                \
  X(ESP_I16, int16_t, i16) X(ESP_U16, uint16_t, u16) X(ESP_I32, int32_t, i32) X(ESP_U32, uint32_t, u32)      \
  X(ESP_I64, int64_t, i64) X(ESP_U64, uint64_t, u64) X(ESP_BOOL, uint8_t, bool)

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtautological-compare"
#define DEFINE_ARG_MAX(dtype, T, name) ARG_MAX(T, name)
ARG_MAX_TYPES(DEFINE_ARG_MAX)
#pragma clang diagnostic pop

int esp_arg_max(int type, int minimum, int index_type, long axis, long inner, const void *x, void *y, long begin,
                long end) {
  switch (type) {
#define CALL_ARG_MAX(dtype, T, name)                                            \
  case dtype:                                                                   \
    arg_max_##name(minimum, index_type, axis, inner, x, y, begin, end);         \
    return 1;
    ARG_MAX_TYPES(CALL_ARG_MAX)
  default:
    return 0;
  }
}

/* Sums wrap around for integers: U is unsigned there. */
#define SCAN(T, U, name)                                                                                          \
  static void scan_##name(int product, int exclusive, int reverse, long axis, long inner, const void *x, void *y, \
                          long begin, long end) {                                                                 \
    for (long o = begin; o < end; o++) {                                                                          \
      for (long i = 0; i < inner; i++) {                                                                          \
        const T *from = (const T *)x + o * axis * inner + i;                                                      \
        T *to = (T *)y + o * axis * inner + i;                                                                    \
        U running = (U)product;                                                                                   \
        for (long step = 0; step < axis; step++) {                                                                \
          long at = (reverse ? axis - 1 - step : step) * inner;                                                   \
          U value = (U)from[at], after = product ? running * value : running + value;                             \
          to[at] = (T)(exclusive ? running : after);                                                              \
          running = after;                                                                                        \
        }                                                                                                         \
      }                                                                                                           \
    }                                                                                                             \
  }

#define SCAN_TYPES(X)                                                        \
  X(ESP_F32, float, float, f32) X(ESP_F64, double, double, f64)              \
  X(ESP_I32, int32_t, uint32_t, i32) X(ESP_I64, int64_t, uint64_t, i64)

#define DEFINE_SCAN(dtype, T, U, name) SCAN(T, U, name)
SCAN_TYPES(DEFINE_SCAN)

int esp_scan(int type, int product, int exclusive, int reverse, long axis, long inner, const void *x, void *y,
             long begin, long end) {
  switch (type) {
#define CALL_SCAN(dtype, T, U, name)                                                      \
  case dtype:                                                                             \
    scan_##name(product != 0, exclusive, reverse, axis, inner, x, y, begin, end);         \
    return 1;
    SCAN_TYPES(CALL_SCAN)
  default:
    return 0;
  }
}
