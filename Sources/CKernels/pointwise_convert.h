/* Conversions between T and what lies in memory. The including body defines FROM_F32(x), FROM_F64(x) into T and
   TO_I32(x), TO_I64(x), TO_U64(x) out of it. */

#define CONVERTING_LOOP _Pragma("clang loop unroll(disable) interleave(disable)")

#define LOAD(name, S, conversion)                                                                         \
  static void ESP_ISA_NAME(load_##name)(void *to, const void *from, long stride, long count) {            \
    T *restrict d = to;                                                                                   \
    const S *restrict p = from;                                                                           \
    if (stride == 1) {                                                                                    \
      CONVERTING_LOOP for (long i = 0; i < count; i++) {                                                  \
        S x = p[i];                                                                                       \
        d[i] = (T)(conversion);                                                                           \
      }                                                                                                   \
    } else {                                                                                              \
      CONVERTING_LOOP for (long i = 0; i < count; i++) {                                                  \
        S x = p[i * stride];                                                                              \
        d[i] = (T)(conversion);                                                                           \
      }                                                                                                   \
    }                                                                                                     \
  }

/* A store may overwrite the memory that it reads, which has another type. */
#define STORE(name, S, conversion)                                                                        \
  static void ESP_ISA_NAME(store_##name)(void *to, const void *from, long count) {                        \
    typedef S __attribute__((may_alias)) stored;                                                          \
    stored *d = to;                                                                                       \
    const T *p = from;                                                                                    \
    CONVERTING_LOOP for (long i = 0; i < count; i++) {                                                    \
      T x = p[i];                                                                                         \
      d[i] = (stored)(conversion);                                                                        \
    }                                                                                                     \
  }

LOAD(f32, float, FROM_F32(x))
LOAD(f64, double, FROM_F64(x))
LOAD(f16, uint16_t, FROM_F32(esp_f16_to_f32(x)))
LOAD(bf16, uint16_t, FROM_F32(esp_bf16_to_f32(x)))
LOAD(i8, int8_t, x)
LOAD(u8, uint8_t, x)
LOAD(i16, int16_t, x)
LOAD(u16, uint16_t, x)
LOAD(i32, int32_t, x)
LOAD(u32, uint32_t, x)
LOAD(i64, int64_t, x)
LOAD(u64, uint64_t, x)
LOAD(bool, uint8_t, x != 0)

STORE(f32, float, x)
STORE(f64, double, x)
STORE(f16, uint16_t, esp_f32_to_f16((float)x))
STORE(bf16, uint16_t, esp_f32_to_bf16((float)x))
STORE(i8, int8_t, TO_I32(x))
STORE(u8, uint8_t, TO_I32(x))
STORE(i16, int16_t, TO_I32(x))
STORE(u16, uint16_t, TO_I32(x))
STORE(i32, int32_t, TO_I32(x))
STORE(u32, uint32_t, TO_I64(x))
STORE(i64, int64_t, TO_I64(x))
STORE(u64, uint64_t, TO_U64(x))
STORE(bool, uint8_t, x != 0)

static void ESP_ISA_NAME(stream)(void *to, const void *from, long count) {
  T *d = to;
  const T *p = from;
  long i = 0;
  if ((uintptr_t)d % sizeof(V) == 0) {
    for (; i + LANES <= count; i += LANES) {
      __builtin_nontemporal_store(lanes_load(p + i), (V *)(void *)(d + i));
    }
  }
  memmove(d + i, p + i, (size_t)(count - i) * sizeof(T));
}

static void ESP_ISA_NAME(repeat)(void *to, const void *from, long period, long phase, long count) {
  T *d = to;
  const T *value = from;
  for (long i = 0, left = period - phase; i < count; i += left, left = period, value++) {
    V v = lanes_broadcast(*value);
    long n = left < count - i ? left : count - i;
    for (long j = 0; j < n; j += LANES) {
      lanes_store(d + i + j, v);
    }
  }
}

static void ESP_ISA_NAME(fill)(void *to, const esp_pointwise_constant *value, long count) {
  T *d = to;
  for (long i = 0; i < count; i++) {
    d[i] = (T)value->CONSTANT_FIELD;
  }
}
