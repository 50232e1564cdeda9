/* Operations on the vector types, compiled once per instruction set by each_isa.h (no include guard on purpose: a
   function that handles 64-byte vectors can be inlined only into code of the same instruction set).

   v16_load(p), v16_store(p, v)               16 floats at any float address
   v16_load_first(p, n), v16_store_first(…)   the first n of 16 lanes, 0 ≤ n ≤ 16; lanes beyond are 0, and not touched
   v16_stream(p, v)                           a store past the caches; p is 64-byte aligned
   v16_broadcast(x)
   v16_fma(a, b, c)                           a·b + c, fused where the instruction set can
   v16_max, v16_min                           a NaN in the first operand is kept
   v16_select(mask, a, b)                     lanes of a where the mask (a comparison's result) is set, else of b
   v16_sum(v)                                 the sum of the lanes, in the same order on every instruction set
   v8d_…                                      the same for doubles */

#define v16_load ESP_ISA_NAME(v16_load)
#define v16_store ESP_ISA_NAME(v16_store)
#define v16_stream ESP_ISA_NAME(v16_stream)
#define v16_load_first ESP_ISA_NAME(v16_load_first)
#define v16_store_first ESP_ISA_NAME(v16_store_first)
#define v16_broadcast ESP_ISA_NAME(v16_broadcast)
#define v16_fma ESP_ISA_NAME(v16_fma)
#define v16_max ESP_ISA_NAME(v16_max)
#define v16_min ESP_ISA_NAME(v16_min)
#define v16_select ESP_ISA_NAME(v16_select)
#define v16_sum ESP_ISA_NAME(v16_sum)
#define v8d_load ESP_ISA_NAME(v8d_load)
#define v8d_store ESP_ISA_NAME(v8d_store)
#define v8d_broadcast ESP_ISA_NAME(v8d_broadcast)
#define v8d_fma ESP_ISA_NAME(v8d_fma)

ESP_INLINE v16 v16_load(const float *p) {
  v16 v;
  memcpy(&v, p, sizeof v);
  return v;
}

ESP_INLINE void v16_store(float *p, v16 v) { memcpy(p, &v, sizeof v); }

ESP_INLINE void v16_stream(float *p, v16 v) { __builtin_nontemporal_store(v, (v16 *)(void *)p); }

#if ESP_ISA_LEVEL == 2
ESP_INLINE v16 v16_load_first(const float *p, ptrdiff_t count) {
  return (v16)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}

ESP_INLINE void v16_store_first(float *p, v16 v, ptrdiff_t count) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)v);
}
#else
ESP_INLINE v16 v16_load_first(const float *p, ptrdiff_t count) {
  v16 v = {0};
  memcpy(&v, p, (size_t)count * sizeof(float));
  return v;
}

ESP_INLINE void v16_store_first(float *p, v16 v, ptrdiff_t count) { memcpy(p, &v, (size_t)count * sizeof(float)); }
#endif

ESP_INLINE v16 v16_broadcast(float x) { return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

ESP_INLINE v16 v16_fma(v16 a, v16 b, v16 c) { return a * b + c; }

ESP_INLINE v16 v16_select(v16i mask, v16 a, v16 b) { return (v16)((mask & (v16i)a) | (~mask & (v16i)b)); }

ESP_INLINE v16 v16_max(v16 a, v16 b) { return v16_select(a < b, b, a); }

ESP_INLINE v16 v16_min(v16 a, v16 b) { return v16_select(a > b, b, a); }

ESP_INLINE float v16_sum(v16 v) {
  float lanes[16];
  v16_store(lanes, v);
  for (int width = 8; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) {
      lanes[i] += lanes[i + width];
    }
  }
  return lanes[0];
}

ESP_INLINE v8d v8d_load(const double *p) {
  v8d v;
  memcpy(&v, p, sizeof v);
  return v;
}

ESP_INLINE void v8d_store(double *p, v8d v) { memcpy(p, &v, sizeof v); }

ESP_INLINE v8d v8d_broadcast(double x) { return (v8d){x, x, x, x, x, x, x, x}; }

ESP_INLINE v8d v8d_fma(v8d a, v8d b, v8d c) { return a * b + c; }
