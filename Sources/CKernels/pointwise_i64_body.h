#define T int64_t
#define UT uint64_t
#define V v8l
#define U v8ul
#define M v8l
#define LANES 8
#define LOWEST INT64_MIN
#define HIGHEST INT64_MAX
#define FROM_F32(x) esp_f32_to_i64(x)
#define FROM_F64(x) esp_f64_to_i64(x)
#define TABLE ESP_ISA_NAME(esp_tile_i64)

#include "pointwise_integer_body.h"
