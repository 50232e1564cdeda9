#define T int32_t
#define UT uint32_t
#define V v16i
#define U v16u
#define M v16i
#define LANES 16
#define LOWEST INT32_MIN
#define HIGHEST INT32_MAX
#define FROM_F32(x) esp_f32_to_i32(x)
#define FROM_F64(x) esp_f64_to_i32(x)
#define TABLE ESP_ISA_NAME(esp_tile_i32)

#include "pointwise_integer_body.h"
