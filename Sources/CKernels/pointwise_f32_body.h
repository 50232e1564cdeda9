#define T float
#define V v16
#define M v16i
#define LANES 16
#define LIBM(name) name##f
#define TO_I32(x) esp_f32_to_i32(x)
#define TO_I64(x) esp_f32_to_i64(x)
#define TABLE ESP_ISA_NAME(esp_tile_f32)

#include "pointwise_float_body.h"
#include "pointwise_math_f32.h"
EACH_LANE_1(lgamma, esp_lgammaf)
#include "pointwise_float_operations.h"
#include "pointwise_convert.h"
#include "pointwise_accumulate.h"
#include "pointwise_table.h"
