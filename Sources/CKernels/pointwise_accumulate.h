/* Reductions of tiles into accumulators, which are double for floats and int64_t for integers. Vectors of T join a few
   dozen elements, in an order that only the shape decides; their results go into the accumulators. */

#pragma STDC FP_CONTRACT OFF

/* Defines accumulate_<name> and accumulate_columns_<name>.
   identity: of T; lanes(x, y): joins two V; scalar(x, y): joins two accumulators; value: what is reduced, from a and b. */
#define ACCUMULATION(name, identity, lanes, scalar, value)                                                     \
  static void ESP_ISA_NAME(accumulate_##name)(const void *pa, const void *pb, long n, void *accumulator) {     \
    const T *p = pa, *q = pb;                                                                                  \
    V s[BLOCK / LANES];                                                                                        \
    ESP_UNROLL for (int j = 0; j < BLOCK / LANES; j++) {                                                       \
      s[j] = lanes_broadcast(identity);                                                                        \
    }                                                                                                          \
    for (; n >= BLOCK; n -= BLOCK, p += BLOCK, q += BLOCK) {                                                   \
      ESP_UNROLL for (int j = 0; j < BLOCK / LANES; j++) {                                                     \
        V a = lanes_load(p + j * LANES), b = lanes_load(q + j * LANES);                                        \
        (void)b;                                                                                               \
        s[j] = lanes(s[j], value);                                                                             \
      }                                                                                                        \
    }                                                                                                          \
    for (long j = 0; j < n; j += LANES) {                                                                      \
      long m = n - j < LANES ? n - j : LANES;                                                                  \
      V a = lanes_load_first(p + j, m), b = lanes_load_first(q + j, m);                                        \
      (void)b;                                                                                                 \
      s[0] = lanes(s[0], lanes_select(lanes_first(m), value, lanes_broadcast(identity)));                      \
    }                                                                                                          \
    V joined = lanes(lanes(s[0], s[1]), lanes(s[2], s[3]));                                                    \
    ACCUMULATOR *to = accumulator, result = *to;                                                               \
    for (int i = 0; i < LANES; i++) {                                                                          \
      result = scalar(result, (ACCUMULATOR)joined[i]);                                                         \
    }                                                                                                          \
    *to = result;                                                                                              \
  }                                                                                                            \
  /* Rows that divide a block, or are short: `width` elements, a whole number of rows and blocks, side by side. */ \
  static long ESP_ISA_NAME(accumulate_side_by_side_##name)(const T *p, const T *q, long n, long period,        \
                                                           long width, ACCUMULATOR *to) {                      \
    long used = n / width * width;                                                                             \
    for (long j = 0; used > 0 && j < width; j += BLOCK) {                                                      \
      V s[BLOCK / LANES];                                                                                      \
      ESP_UNROLL for (int k = 0; k < BLOCK / LANES; k++) {                                                     \
        s[k] = lanes_broadcast(identity);                                                                      \
      }                                                                                                        \
      for (long i = j; i < used; i += width) {                                                                 \
        ESP_UNROLL for (int k = 0; k < BLOCK / LANES; k++) {                                                   \
          V a = lanes_load(p + i + k * LANES), b = lanes_load(q + i + k * LANES);                              \
          (void)b;                                                                                             \
          s[k] = lanes(s[k], value);                                                                           \
        }                                                                                                      \
      }                                                                                                        \
      int vectors = BLOCK / LANES;                                                                             \
      for (; vectors > 1 && (vectors / 2 * LANES) % period == 0; vectors /= 2) {                               \
        for (int k = 0; k < vectors / 2; k++) {                                                                \
          s[k] = lanes(s[k], s[k + vectors / 2]);                                                              \
        }                                                                                                      \
      }                                                                                                        \
      long column = j % period;                                                                                \
      for (int k = 0; k < vectors; k++) {                                                                      \
        for (int i = 0; i < LANES; i++) {                                                                      \
          to[column] = scalar(to[column], (ACCUMULATOR)s[k][i]);                                               \
          column = column + 1 == period ? 0 : column + 1;                                                      \
        }                                                                                                      \
      }                                                                                                        \
    }                                                                                                          \
    return used;                                                                                               \
  }                                                                                                            \
  static void ESP_ISA_NAME(accumulate_columns_##name)(const void *pa, const void *pb, long n, long period,     \
                                                      void *accumulators) {                                    \
    const T *p = pa, *q = pb;                                                                                  \
    ACCUMULATOR *to = accumulators;                                                                            \
    long width = esp_side_by_side(period, BLOCK, TILE);                                                        \
    if (width > 0) {                                                                                           \
      long used = ESP_ISA_NAME(accumulate_side_by_side_##name)(p, q, n, period, width, to);                    \
      p += used, q += used, n -= used;                                                                         \
    }                                                                                                          \
    long columns = n < period ? n : period;                                                                    \
    for (long j = 0; j < columns; j += LANES) {                                                                \
      long m = columns - j < LANES ? columns - j : LANES;                                                      \
      V s = lanes_broadcast(identity);                                                                         \
      for (long i = j; i < n; i += period) {                                                                   \
        V a = m == LANES ? lanes_load(p + i) : lanes_load_first(p + i, m);                                     \
        V b = m == LANES ? lanes_load(q + i) : lanes_load_first(q + i, m);                                     \
        (void)b;                                                                                               \
        s = lanes(s, value);                                                                                   \
      }                                                                                                        \
      for (int i = 0; i < m; i++) {                                                                            \
        to[j + i] = scalar(to[j + i], (ACCUMULATOR)s[i]);                                                      \
      }                                                                                                        \
    }                                                                                                          \
  }

ACCUMULATION(sum, 0, LANES_SUM, SCALAR_SUM, a)
ACCUMULATION(max, LOWEST, lanes_max, SCALAR_MAX, a)
ACCUMULATION(min, HIGHEST, lanes_min, SCALAR_MIN, a)
ACCUMULATION(prod, 1, LANES_PRODUCT, SCALAR_PRODUCT, a)
ACCUMULATION(dot, 0, LANES_SUM, SCALAR_SUM, LANES_PRODUCT(a, b))

#pragma STDC FP_CONTRACT ON
