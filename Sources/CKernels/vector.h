#ifndef ESP_VECTOR_H
#define ESP_VECTOR_H

/* Vector types of one width on every instruction set: 64 bytes. The compiler splits a v16 into two AVX registers, four
   SSE or NEON registers as needed; only the number of accumulators a kernel keeps differs between instruction sets.

   Kernel bodies are written once, in a header, over these types and the operations of vector_operations.h, and are
   compiled once per instruction set by each_isa.h:

       // scale.c
       #define ESP_BODY "scale_body.h"
       #include "each_isa.h"

       // scale_body.h: no include guard, every function named through ESP_ISA_NAME
       void ESP_ISA_NAME(esp_f32_scale)(ptrdiff_t count, float factor, const float *x, float *y) { … v16_load(x) … }

   which defines esp_f32_scale_scalar, esp_f32_scale_avx2 and esp_f32_scale_avx512. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float v16 __attribute__((vector_size(64)));
typedef double v8d __attribute__((vector_size(64)));
typedef int32_t v16i __attribute__((vector_size(64)));
typedef uint32_t v16u __attribute__((vector_size(64)));
typedef int64_t v8l __attribute__((vector_size(64)));

#define ESP_PASTE_EXPANDED(a, b) a##_##b
#define ESP_PASTE(a, b) ESP_PASTE_EXPANDED(a, b)
/* The name of a function in the instruction set being compiled: ESP_ISA_NAME(f) is f_avx512, f_avx2 or f_scalar. */
#define ESP_ISA_NAME(name) ESP_PASTE(name, ESP_ISA)

#define ESP_INLINE static inline __attribute__((always_inline, unused))
/* Keeps a micro-kernel a function of its own: inlined into a loop nest it would spill its accumulators. */
#define ESP_NOINLINE static __attribute__((noinline))
#define ESP_UNROLL _Pragma("clang loop unroll(full)")
#define ESP_NO_UNROLL _Pragma("clang loop unroll(disable)")

#endif
