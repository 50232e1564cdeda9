#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include <unistd.h>

#include "include/espalier_cpu.h"

long esp_processor_count(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? count : 1;
}

long long esp_memory_bytes(void) {
  long long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? pages * size : 1ll << 62;
}

#if defined(__x86_64__)
#include <xmmintrin.h>

unsigned long esp_float_control(void) { return _mm_getcsr(); }

void esp_set_float_control(unsigned long word) { _mm_setcsr((unsigned)word); }

/* Bit 15 flushes results to zero, bit 6 takes denormal operands as zero. */
unsigned long esp_flushing_denormals(unsigned long word) { return word | 0x8040; }

#elif defined(__aarch64__)

unsigned long esp_float_control(void) {
  unsigned long word;
  __asm__ __volatile__("mrs %0, fpcr" : "=r"(word));
  return word;
}

void esp_set_float_control(unsigned long word) { __asm__ __volatile__("msr fpcr, %0" : : "r"(word)); }

unsigned long esp_flushing_denormals(unsigned long word) { return word | (1ul << 24); }

#else

unsigned long esp_float_control(void) { return 0; }
void esp_set_float_control(unsigned long word) { (void)word; }
unsigned long esp_flushing_denormals(unsigned long word) { return word; }

#endif
