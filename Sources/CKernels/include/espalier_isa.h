#ifndef ESPALIER_ISA_H
#define ESPALIER_ISA_H

/* Instruction sets the kernels are compiled for. Each level is complete: any of them computes everything. */
enum {
  ESP_ISA_SCALAR = 0, /* the compiler's baseline: SSE2 on x86-64, NEON on arm64 */
  ESP_ISA_AVX2 = 1,   /* AVX2 and FMA */
  ESP_ISA_AVX512 = 2  /* AVX-512 F, VL, BW, DQ */
};

/* Returns the highest level this processor runs. */
int esp_isa_best(void);

/* Returns `level`, lowered to what this processor has. */
int esp_isa_within(int level);

/* Makes kernels run at `level`, lowered to what the processor has; returns the level chosen. Call it before any kernel,
   from one thread; without it the best level is used. */
int esp_select_isa(int level);

/* Returns the level in use. */
int esp_isa_level(void);

#endif
