#ifndef ESP_HALF_H
#define ESP_HALF_H

/* Conversions between element types that C leaves undefined or has no type for: branch-free, so that loops over them
   vectorise. */

#include <stdint.h>
#include <string.h>

#define ESP_SCALAR static inline __attribute__((always_inline, unused))

ESP_SCALAR float esp_f32_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

ESP_SCALAR uint32_t esp_f32_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

ESP_SCALAR float esp_f16_to_f32(uint16_t half) {
  uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  /* The multiplication moves the exponent's bias from 15 to 127 and normalises denormals on the way. */
  uint32_t scaled = esp_f32_bits(esp_f32_from_bits(magnitude) * 0x1p112f);
  uint32_t bits = magnitude >= 0x0f800000 ? magnitude | 0x7f800000 : scaled;
  return esp_f32_from_bits(bits | (uint32_t)(half & 0x8000) << 16);
}

ESP_SCALAR uint16_t esp_f32_to_f16(float x) {
  uint32_t bits = esp_f32_bits(x), sign = bits & 0x80000000, magnitude = bits ^ sign;
  /* Normal: move the bias, and round half to even by adding just under half, plus one if the last bit kept is odd. */
  uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
  /* Denormal: 0.5 has the exponent at which the unit in the last place is binary16's smallest step. */
  uint32_t denormal = esp_f32_bits(esp_f32_from_bits(magnitude) + 0.5f) - 0x3f000000;
  uint32_t half = magnitude < 0x38800000 ? denormal : normal;
  half = magnitude >= 0x477ff000 ? 0x7c00 : half;
  half = magnitude > 0x7f800000 ? 0x7e00 : half;
  return (uint16_t)(half | sign >> 16);
}

ESP_SCALAR float esp_bf16_to_f32(uint16_t half) { return esp_f32_from_bits((uint32_t)half << 16); }

ESP_SCALAR uint16_t esp_f32_to_bf16(float x) {
  uint32_t bits = esp_f32_bits(x);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? (bits >> 16 & 0x8000) | 0x7fc0 : rounded);
}

/* Truncation; NaN and what does not fit give the least integer, as x86 does. */
ESP_SCALAR int32_t esp_f32_to_i32(float x) { return x >= -0x1p31f && x < 0x1p31f ? (int32_t)x : INT32_MIN; }
ESP_SCALAR int64_t esp_f32_to_i64(float x) { return x >= -0x1p63f && x < 0x1p63f ? (int64_t)x : INT64_MIN; }
ESP_SCALAR int32_t esp_f64_to_i32(double x) { return x > -0x1p31 - 1 && x < 0x1p31 ? (int32_t)x : INT32_MIN; }
ESP_SCALAR int64_t esp_f64_to_i64(double x) { return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN; }

ESP_SCALAR uint64_t esp_f64_to_u64(double x) {
  uint64_t upper = (uint64_t)esp_f64_to_i64(x - 0x1p63) ^ (uint64_t)1 << 63;
  return x >= 0x1p63 ? upper : (uint64_t)esp_f64_to_i64(x);
}

#endif
