/* Reductions of tiles into accumulators, which are double for floats and int64_t for integers. Vectors of T join a few
   dozen elements, in an order that only the shape decides; their results go into the accumulators. */

#pragma STDC FP_CONTRACT OFF

/* Defines accumulate_<name> and accumulate_columns_<name>; a block is four vectors.
   identity: of T; lanes(x, y): joins two V; scalar(x, y): joins two accumulators; value: what is reduced, from a and
   b. */
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
  /* Joins the first `count` lanes of s into as many accumulators. */                                                \
  ESP_NOINLINE void ESP_ISA_NAME(join_##name)(ACCUMULATOR *to, V s, long count) {                                   \
    T lane[LANES];                                                                                                   \
    lanes_store(lane, s);                                                                                            \
    if (count == LANES) {                                                                                            \
      for (int i = 0; i < LANES; i++) {                                                                              \
        to[i] = scalar(to[i], (ACCUMULATOR)lane[i]);                                                                 \
      }                                                                                                              \
    } else {                                                                                                         \
      for (int i = 0; i < count; i++) {                                                                              \
        to[i] = scalar(to[i], (ACCUMULATOR)lane[i]);                                                                 \
      }                                                                                                              \
    }                                                                                                                \
  }                                                                                                                  \
  /* Joins four vectors that start at some column. */                                                                \
  static void ESP_ISA_NAME(join_repeating_##name)(ACCUMULATOR *to, V *s, long column, long period) {                 \
    int vectors = 4;                                                                                                 \
    if (2 * LANES % period == 0) {                                                                                   \
      s[0] = lanes(s[0], s[2]), s[1] = lanes(s[1], s[3]);                                                            \
      vectors = 2;                                                                                                   \
    }                                                                                                                \
    if (LANES % period == 0) {                                                                                       \
      s[0] = lanes(s[0], s[1]);                                                                                      \
      vectors = 1;                                                                                                   \
    }                                                                                                                \
    for (int k = 0; k < vectors; k++) {                                                                              \
      if (period % LANES == 0) {                                                                                     \
        ESP_ISA_NAME(join_##name)(to + (column + k * LANES) % period, s[k], LANES);                                  \
        continue;                                                                                                    \
      }                                                                                                              \
      for (int i = 0; i < LANES; i++) {                                                                              \
        to[column] = scalar(to[column], (ACCUMULATOR)s[k][i]);                                                       \
        column = column + 1 == period ? 0 : column + 1;                                                              \
      }                                                                                                              \
    }                                                                                                                \
  }                                                                                                                  \
  /* Four vectors, joined over all elements `step` apart. */                                                         \
  ESP_INLINE void ESP_ISA_NAME(gather_##name)(const T *p, const T *q, long n, long step, V *s) {                     \
    V s0 = lanes_broadcast(identity), s1 = s0, s2 = s0, s3 = s0, a, b;                                               \
    for (long i = 0; i < n; i += step) {                                                                             \
      a = lanes_load(p + i), b = lanes_load(q + i), s0 = lanes(s0, value);                                           \
      a = lanes_load(p + i + LANES), b = lanes_load(q + i + LANES), s1 = lanes(s1, value);                           \
      a = lanes_load(p + i + 2 * LANES), b = lanes_load(q + i + 2 * LANES), s2 = lanes(s2, value);                   \
      a = lanes_load(p + i + 3 * LANES), b = lanes_load(q + i + 3 * LANES), s3 = lanes(s3, value);                   \
    }                                                                                                                \
    (void)b;                                                                                                         \
    s[0] = s0, s[1] = s1, s[2] = s2, s[3] = s3;                                                                      \
  }                                                                                                                  \
  static void ESP_ISA_NAME(accumulate_columns_##name)(const void *pa, const void *pb, long n, long period,           \
                                                      void *accumulators) {                                          \
    const T *p = pa, *q = pb;                                                                                        \
    ACCUMULATOR *to = accumulators;                                                                                  \
    V s[4];                                                                                                          \
    long width = esp_side_by_side(period, BLOCK, TILE), used = width > 0 ? n / width * width : 0;                    \
    for (long j = 0; used > 0 && j < width; j += BLOCK) {                                                            \
      ESP_ISA_NAME(gather_##name)(p + j, q + j, used - j, width, s);                                                 \
      ESP_ISA_NAME(join_repeating_##name)(to, s, j % period, period);                                                \
    }                                                                                                                \
    p += used, q += used, n -= used;                                                                                 \
    long columns = n < period ? n : period, j = 0;                                                                   \
    for (; j + BLOCK <= columns; j += BLOCK) {                                                                       \
      ESP_ISA_NAME(gather_##name)(p + j, q + j, n - j, period, s);                                                   \
      for (int k = 0; k < 4; k++) {                                                                                  \
        ESP_ISA_NAME(join_##name)(to + j + k * LANES, s[k], LANES);                                                  \
      }                                                                                                              \
    }                                                                                                                \
    for (; j < columns; j += LANES) {                                                                                \
      long m = columns - j < LANES ? columns - j : LANES;                                                            \
      V joined = lanes_broadcast(identity);                                                                          \
      for (long i = j; i < n; i += period) {                                                                         \
        V a = lanes_load_first(p + i, m), b = lanes_load_first(q + i, m);                                            \
        (void)b;                                                                                                     \
        joined = lanes(joined, value);                                                                               \
      }                                                                                                              \
      ESP_ISA_NAME(join_##name)(to + j, joined, m);                                                                  \
    }                                                                                                                \
  }

ACCUMULATION(sum, 0, LANES_SUM, SCALAR_SUM, a)
ACCUMULATION(max, LOWEST, lanes_max, SCALAR_MAX, a)
ACCUMULATION(min, HIGHEST, lanes_min, SCALAR_MIN, a)
ACCUMULATION(prod, 1, LANES_PRODUCT, SCALAR_PRODUCT, a)
ACCUMULATION(dot, 0, LANES_SUM, SCALAR_SUM, LANES_PRODUCT(a, b))

/* Σ a and Σ a · b of columns in one go, with the bits of each on its own: eight chains of additions instead of four
   keep AVX-512 busy. For rows that are a number of blocks, or of which a number are. */
static void ESP_ISA_NAME(accumulate_columns_sum_dot)(const void *pa, const void *pb, long n, long period, long width,
                                                     void *sums, void *dots) {
  const T *p = pa, *q = pb;
  for (long j = 0; j < width; j += BLOCK) {
    V s[4], t[4], s0 = lanes_broadcast(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
    for (long i = j; i < n; i += width) {
      V a = lanes_load(p + i), b = lanes_load(q + i);
      s0 = LANES_SUM(s0, a), t0 = LANES_SUM(t0, LANES_PRODUCT(a, b));
      a = lanes_load(p + i + LANES), b = lanes_load(q + i + LANES);
      s1 = LANES_SUM(s1, a), t1 = LANES_SUM(t1, LANES_PRODUCT(a, b));
      a = lanes_load(p + i + 2 * LANES), b = lanes_load(q + i + 2 * LANES);
      s2 = LANES_SUM(s2, a), t2 = LANES_SUM(t2, LANES_PRODUCT(a, b));
      a = lanes_load(p + i + 3 * LANES), b = lanes_load(q + i + 3 * LANES);
      s3 = LANES_SUM(s3, a), t3 = LANES_SUM(t3, LANES_PRODUCT(a, b));
    }
    s[0] = s0, s[1] = s1, s[2] = s2, s[3] = s3;
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3;
    ESP_ISA_NAME(join_repeating_sum)(sums, s, j % period, period);
    ESP_ISA_NAME(join_repeating_dot)(dots, t, j % period, period);
  }
}

/* Adds to s the differences, and to t their squares, of up to BLOCK elements. */
ESP_INLINE void ESP_ISA_NAME(add_deviations)(const T *p, const T *shift, long n, V *s, V *t) {
  ESP_UNROLL for (int k = 0; k < BLOCK / LANES; k++) {
    long m = n - k * LANES;
    if (m <= 0) {
      break;
    }
    m = m < LANES ? m : LANES;
    V d = lanes_load_first(p + k * LANES, m) - lanes_load_first(shift + k * LANES, m);
    s[k] = LANES_SUM(s[k], d), t[k] = LANES_SUM(t[k], LANES_PRODUCT(d, d));
  }
}

/* Σ (a - shift) and Σ (a - shift)² of columns. */
static void ESP_ISA_NAME(accumulate_columns_deviations)(const void *pa, const void *pshift, long n, long period,
                                                        long width, void *sums, void *squares) {
  const T *p = pa, *shift = pshift;
  ACCUMULATOR *to = sums, *to_squares = squares;
  for (long j = 0; j < width; j += BLOCK) {
    long columns = width - j < BLOCK ? width - j : BLOCK, i = j;
    V s[BLOCK / LANES], t[BLOCK / LANES], zero = lanes_broadcast(0);
    V s0 = zero, s1 = zero, s2 = zero, s3 = zero, t0 = zero, t1 = zero, t2 = zero, t3 = zero;
    V h0 = zero, h1 = zero, h2 = zero, h3 = zero;
    if (columns == BLOCK) {
      h0 = lanes_load(shift + j), h1 = lanes_load(shift + j + LANES);
      h2 = lanes_load(shift + j + 2 * LANES), h3 = lanes_load(shift + j + 3 * LANES);
    }
    for (; columns == BLOCK && i + BLOCK <= n; i += width) {
      V d0 = lanes_load(p + i) - h0, d1 = lanes_load(p + i + LANES) - h1;
      V d2 = lanes_load(p + i + 2 * LANES) - h2, d3 = lanes_load(p + i + 3 * LANES) - h3;
      s0 = LANES_SUM(s0, d0), s1 = LANES_SUM(s1, d1), s2 = LANES_SUM(s2, d2), s3 = LANES_SUM(s3, d3);
      t0 = LANES_SUM(t0, LANES_PRODUCT(d0, d0)), t1 = LANES_SUM(t1, LANES_PRODUCT(d1, d1));
      t2 = LANES_SUM(t2, LANES_PRODUCT(d2, d2)), t3 = LANES_SUM(t3, LANES_PRODUCT(d3, d3));
    }
    s[0] = s0, s[1] = s1, s[2] = s2, s[3] = s3;
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3;
    for (; i < n; i += width) {
      ESP_ISA_NAME(add_deviations)(p + i, shift + j, n - i < columns ? n - i : columns, s, t);
    }
    if (width > period) {
      ESP_ISA_NAME(join_repeating_sum)(to, s, j % period, period);
      ESP_ISA_NAME(join_repeating_sum)(to_squares, t, j % period, period);
      continue;
    }
    for (long k = 0; k < columns; k += LANES) {
      long m = columns - k < LANES ? columns - k : LANES;
      ESP_ISA_NAME(join_sum)(to + j + k, s[k / LANES], m);
      ESP_ISA_NAME(join_sum)(to_squares + j + k, t[k / LANES], m);
    }
  }
}

#pragma STDC FP_CONTRACT ON
