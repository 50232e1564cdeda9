#include "espalier_dtype.h"

long esp_dtype_size(int dtype) {
  static const long sizes[ESP_DTYPE_COUNT] = {
    [ESP_F32] = 4, [ESP_F64] = 8, [ESP_F16] = 2, [ESP_BF16] = 2, [ESP_I8] = 1,  [ESP_U8] = 1,   [ESP_I16] = 2,
    [ESP_U16] = 2, [ESP_I32] = 4, [ESP_U32] = 4, [ESP_I64] = 8,  [ESP_U64] = 8, [ESP_BOOL] = 1,
  };
  return dtype >= 0 && dtype < ESP_DTYPE_COUNT ? sizes[dtype] : 0;
}
