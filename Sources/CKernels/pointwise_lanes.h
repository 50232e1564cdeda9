/* One vector of T: its operations, compiled for each T and instruction set (no include guard on purpose).
   The including body defines T, V (64 bytes of T), M (what comparing two V gives), LANES, BLOCK and IS_NAN(v), a
   mask. */

#define lanes_load ESP_ISA_NAME(lanes_load)
#define lanes_store ESP_ISA_NAME(lanes_store)
#define lanes_load_first ESP_ISA_NAME(lanes_load_first)
#define lanes_store_first ESP_ISA_NAME(lanes_store_first)
#define lanes_broadcast ESP_ISA_NAME(lanes_broadcast)
#define lanes_select ESP_ISA_NAME(lanes_select)
#define lanes_truth ESP_ISA_NAME(lanes_truth)
#define lanes_max ESP_ISA_NAME(lanes_max)
#define lanes_min ESP_ISA_NAME(lanes_min)
#define lanes_relu ESP_ISA_NAME(lanes_relu)
#define lanes_first ESP_ISA_NAME(lanes_first)
#define lanes_abs ESP_ISA_NAME(lanes_abs)

ESP_INLINE V lanes_load(const T *p) {
  V v;
  memcpy(&v, p, sizeof v);
  return v;
}

ESP_INLINE void lanes_store(T *p, V v) { memcpy(p, &v, sizeof v); }

ESP_INLINE V lanes_load_first(const T *p, long count) {
  V v = {0};
  memcpy(&v, p, (size_t)count * sizeof(T));
  return v;
}

ESP_INLINE void lanes_store_first(T *p, V v, long count) { memcpy(p, &v, (size_t)count * sizeof(T)); }

ESP_INLINE V lanes_broadcast(T x) {
  V v;
  ESP_UNROLL
  for (int i = 0; i < LANES; i++) {
    v[i] = x;
  }
  return v;
}

ESP_INLINE V lanes_select(M mask, V a, V b) { return (V)((mask & (M)a) | (~mask & (M)b)); }

/* 1 where the mask is set, else 0. */
ESP_INLINE V lanes_truth(M mask) { return (V)(mask & (M)lanes_broadcast(1)); }

/* A NaN on either side wins: where b is one no comparison with it holds, and b is taken. */
ESP_INLINE V lanes_max(V a, V b) { return lanes_select((a > b) | IS_NAN(a), a, b); }
ESP_INLINE V lanes_min(V a, V b) { return lanes_select((a < b) | IS_NAN(a), a, b); }

ESP_INLINE V lanes_relu(V a) { return (V)(~(a < 0) & (M)a); }

/* A mask of the first `count` lanes. */
ESP_INLINE M lanes_first(long count) {
  M mask;
  ESP_UNROLL
  for (int i = 0; i < LANES; i++) {
    mask[i] = i < count ? -1 : 0;
  }
  return mask;
}

/* Defines tile_<name>: `expression` in a, b, c over a tile. UNROLL keeps four vectors in flight for short
   expressions. */
#define TILE_OPERATION(name, unroll, expression)                          \
  static void ESP_ISA_NAME(tile_##name)(const esp_tile_operands *tile) {           \
    T *d = tile->d;                                                       \
    const T *pa = tile->a, *pb = tile->b, *pc = tile->c;                  \
    long step_a = tile->step_a, step_b = tile->step_b;                    \
    long step_c = tile->step_c, n = tile->count;                          \
    for (; n >= BLOCK; n -= BLOCK) {                                      \
      unroll for (int j = 0; j < BLOCK; j += LANES) {                     \
        V a = lanes_load(pa + j), b = lanes_load(pb + j);                 \
        V c = lanes_load(pc + j);                                         \
        (void)b, (void)c;                                                 \
        lanes_store(d + j, expression);                                   \
      }                                                                   \
      pa += step_a, pb += step_b, pc += step_c, d += BLOCK;               \
    }                                                                     \
    for (long j = 0; j < n; j += LANES) {                                 \
      long m = n - j < LANES ? n - j : LANES;                             \
      V a = lanes_load_first(pa + j, m), b = lanes_load_first(pb + j, m); \
      V c = lanes_load_first(pc + j, m);                                  \
      (void)b, (void)c;                                                   \
      lanes_store_first(d + j, expression, m);                            \
    }                                                                     \
  }

#define SHORT_OPERATION(name, expression) TILE_OPERATION(name, ESP_UNROLL, expression)
#define LONG_OPERATION(name, expression) TILE_OPERATION(name, ESP_NO_UNROLL, expression)

/* Defines lanes_<name>: a scalar function on each lane. */
#define EACH_LANE_1(name, function)                     \
  ESP_INLINE V ESP_ISA_NAME(lanes_##name)(V a) {        \
    for (int i = 0; i < LANES; i++) {                   \
      a[i] = function(a[i]);                            \
    }                                                   \
    return a;                                           \
  }
#define EACH_LANE_2(name, function)                     \
  ESP_INLINE V ESP_ISA_NAME(lanes_##name)(V a, V b) {   \
    for (int i = 0; i < LANES; i++) {                   \
      a[i] = function(a[i], b[i]);                      \
    }                                                   \
    return a;                                           \
  }
