/* One instruction set's transpose of 16 × 16 blocks of 4-byte elements. */

#define esp_interleave_low ESP_ISA_NAME(esp_interleave_low)
#define esp_interleave_high ESP_ISA_NAME(esp_interleave_high)

/* a0 b0 a1 b1 … a7 b7 */
ESP_INLINE v16 esp_interleave_low(v16 a, v16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/* a8 b8 a9 b9 … a15 b15 */
ESP_INLINE v16 esp_interleave_high(v16 a, v16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/* y[r · y_row + j] = x[j · x_row + r] for r, j < 16. Four rounds interleave rows i and i + 8: each moves one bit of the
   row index into the lane index. */
ESP_NOINLINE void ESP_ISA_NAME(esp_transpose_16x16)(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row) {
  v16 a[16];
  v16 b[16];
  ESP_UNROLL for (int i = 0; i < 16; i++) { a[i] = v16_load(x + i * x_row); }
  ESP_UNROLL for (int round = 0; round < 2; round++) {
    ESP_UNROLL for (int i = 0; i < 8; i++) {
      b[2 * i] = esp_interleave_low(a[i], a[i + 8]);
      b[2 * i + 1] = esp_interleave_high(a[i], a[i + 8]);
    }
    ESP_UNROLL for (int i = 0; i < 8; i++) {
      a[2 * i] = esp_interleave_low(b[i], b[i + 8]);
      a[2 * i + 1] = esp_interleave_high(b[i], b[i + 8]);
    }
  }
  ESP_UNROLL for (int i = 0; i < 16; i++) { v16_store(y + i * y_row, a[i]); }
}

#undef esp_interleave_low
#undef esp_interleave_high
