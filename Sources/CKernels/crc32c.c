#include "espalier_crc32c.h"

#include <string.h>

/* The polynomial with its bits reversed, as CRC-32C shifts right. */
#define POLYNOMIAL 0x82F63B78u

/* table[k][b] is the effect of byte b followed by k zero bytes (slicing by 8). */
static uint32_t table[8][256];

__attribute__((constructor)) static void make_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    table[0][byte] = crc;
  }
  for (int zeros = 1; zeros < 8; zeros++) {
    for (int byte = 0; byte < 256; byte++) {
      uint32_t before = table[zeros - 1][byte];
      table[zeros][byte] = before >> 8 ^ table[0][before & 0xFF];
    }
  }
}

uint32_t esp_crc32c_extend_portable(uint32_t crc, const void *data, size_t count) {
  const uint8_t *p = data;
  crc = ~crc;
  for (; count >= 8; p += 8, count -= 8) {
    uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^ table[4][low >> 24] ^
          table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
  }
  for (; count > 0; p++, count--) crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t extend_sse42(uint32_t crc, const void *data, size_t count) {
  const uint8_t *p = data;
  uint64_t state = ~crc;
  for (; count >= 8; p += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    state = _mm_crc32_u64(state, word);
  }
  for (; count > 0; p++, count--) state = _mm_crc32_u8((uint32_t)state, *p);
  return ~(uint32_t)state;
}

uint32_t esp_crc32c_extend(uint32_t crc, const void *data, size_t count) {
  if (__builtin_cpu_supports("sse4.2")) return extend_sse42(crc, data, count);
  return esp_crc32c_extend_portable(crc, data, count);
}

#elif defined(__ARM_FEATURE_CRC32)

#include <arm_acle.h>

uint32_t esp_crc32c_extend(uint32_t crc, const void *data, size_t count) {
  const uint8_t *p = data;
  crc = ~crc;
  for (; count >= 8; p += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = __crc32cd(crc, word);
  }
  for (; count > 0; p++, count--) crc = __crc32cb(crc, *p);
  return ~crc;
}

#else

uint32_t esp_crc32c_extend(uint32_t crc, const void *data, size_t count) {
  return esp_crc32c_extend_portable(crc, data, count);
}

#endif
