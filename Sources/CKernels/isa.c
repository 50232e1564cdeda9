#include "isa.h"

#include <stdatomic.h>

/* The level chosen, or -1 while nothing has asked. */
static _Atomic int chosen_level = -1;

int esp_isa_best(void) {
#if ESP_ISA_X86
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma")) {
    return ESP_ISA_AVX512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return ESP_ISA_AVX2;
  }
#endif
  return ESP_ISA_SCALAR;
}

int esp_isa_within(int level) {
  int best = esp_isa_best();
  return level < ESP_ISA_SCALAR ? ESP_ISA_SCALAR : level > best ? best : level;
}

int esp_select_isa(int level) {
  int chosen = esp_isa_within(level);
  atomic_store_explicit(&chosen_level, chosen, memory_order_relaxed);
  return chosen;
}

int esp_isa_level(void) {
  int level = atomic_load_explicit(&chosen_level, memory_order_relaxed);
  return level >= 0 ? level : esp_select_isa(esp_isa_best());
}
