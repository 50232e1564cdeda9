#ifndef ESP_ISA_H
#define ESP_ISA_H

#include "espalier_isa.h"

/* Whether the AVX2 and AVX-512 variants are compiled. */
#if defined(__x86_64__)
#define ESP_ISA_X86 1
#define ESP_ISA_LEVELS 3
/* The initialisers of a dispatch table over a name's variants, indexed by level. */
#define ESP_EACH_LEVEL(name) {name##_scalar, name##_avx2, name##_avx512}
#define ESP_EACH_LEVEL_ADDRESS(name) {&name##_scalar, &name##_avx2, &name##_avx512}
#else
#define ESP_ISA_X86 0
#define ESP_ISA_LEVELS 1
#define ESP_EACH_LEVEL(name) {name##_scalar}
#define ESP_EACH_LEVEL_ADDRESS(name) {&name##_scalar}
#endif

#endif
