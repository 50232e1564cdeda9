/* Compiles the header named by ESP_BODY once per instruction set. Inside it
     ESP_ISA        scalar, avx2 or avx512: the last part of every name (see ESP_ISA_NAME)
     ESP_ISA_LEVEL  0, 1 or 2, as esp_isa_level() returns
   "scalar" is whatever the compiler's baseline has: SSE2 on x86-64, NEON on arm64. */

#include "isa.h"
#include "vector.h"

#pragma clang diagnostic push
/* Vectors are passed only between inlined functions, so their calling convention never matters. */
#pragma clang diagnostic ignored "-Wpsabi"
#pragma STDC FP_CONTRACT ON

#define ESP_ISA scalar
#define ESP_ISA_LEVEL 0
#include "vector_operations.h"
#include ESP_BODY
#undef ESP_ISA
#undef ESP_ISA_LEVEL

#if ESP_ISA_X86
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define ESP_ISA avx2
#define ESP_ISA_LEVEL 1
#include "vector_operations.h"
#include ESP_BODY
#undef ESP_ISA
#undef ESP_ISA_LEVEL
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), \
                             apply_to = function)
#define ESP_ISA avx512
#define ESP_ISA_LEVEL 2
#include "vector_operations.h"
#include ESP_BODY
#undef ESP_ISA
#undef ESP_ISA_LEVEL
#pragma clang attribute pop
#endif

#undef ESP_BODY
#pragma clang diagnostic pop
