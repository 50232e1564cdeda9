/* Chains that do not depend on each other: enough to hide the latency of an addition on two units, and no more than the
   registers hold. */
#if ESP_ISA_LEVEL == 2 || !ESP_ISA_X86
#define CHAINS (ESP_ISA_LEVEL == 2 ? 12 : 6)
#elif ESP_ISA_LEVEL == 1
#define CHAINS 6
#else
#define CHAINS 3
#endif

static double ESP_ISA_NAME(esp_multiply_add_f32)(long rounds, float *x) {
  const v16 start = v16_load(x), factor = (v16){0} + 0.999f, term = (v16){0} + 0.001f;
  v16 chains[CHAINS];
  ESP_UNROLL
  for (int k = 0; k < CHAINS; k++) {
    chains[k] = start + (float)k;
  }
  for (long round = 0; round < rounds; round++) {
    ESP_UNROLL
    for (int k = 0; k < CHAINS; k++) {
      chains[k] = chains[k] * factor + term;
    }
  }
  v16 sum = chains[0];
  ESP_UNROLL
  for (int k = 1; k < CHAINS; k++) {
    sum += chains[k];
  }
  v16_store(x, sum);
  return 2.0 * 16 * CHAINS * (double)rounds;
}

#undef CHAINS
