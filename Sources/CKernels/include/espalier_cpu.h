#ifndef ESPALIER_CPU_H
#define ESPALIER_CPU_H

/* Tells the processor that this thread waits in a loop. */
static inline void esp_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/* Returns the number of processors that this process may run on, at least 1. */
long esp_processor_count(void);

/* Returns the bytes of the machine's memory. */
long long esp_memory_bytes(void);

/* Returns the floating-point control word of this thread. */
unsigned long esp_float_control(void);

/* Sets the floating-point control word of this thread. */
void esp_set_float_control(unsigned long word);

/* Returns `word` changed so that denormal operands and results count as zero, where the processor can do that. */
unsigned long esp_flushing_denormals(unsigned long word);

#endif
