#ifndef ESPALIER_DTYPE_H
#define ESPALIER_DTYPE_H

/* Element types in memory. The numbers are those of Swift's `DataType.rawValue`.
   f16 is IEEE binary16, bf16 the upper half of an f32; bool is one byte, 0 or 1. */
enum {
  ESP_F32 = 0,
  ESP_F64 = 1,
  ESP_F16 = 2,
  ESP_BF16 = 3,
  ESP_I8 = 4,
  ESP_U8 = 5,
  ESP_I16 = 6,
  ESP_U16 = 7,
  ESP_I32 = 8,
  ESP_U32 = 9,
  ESP_I64 = 10,
  ESP_U64 = 11,
  ESP_BOOL = 12,
  ESP_DTYPE_COUNT = 13
};

/* Returns the bytes of one element, or 0 for a number that is no type. */
long esp_dtype_size(int dtype);

#endif
