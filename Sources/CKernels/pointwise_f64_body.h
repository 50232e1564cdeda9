#define T double
#define V v8d
#define M v8l
#define LANES 8
#define LIBM(name) name
#define TO_I32(x) esp_f64_to_i32(x)
#define TO_I64(x) esp_f64_to_i64(x)
#define TABLE ESP_ISA_NAME(esp_tile_f64)

#include "pointwise_float_body.h"
#include "pointwise_math_f64.h"
EACH_LANE_1(lgamma, esp_lgamma)
#include "pointwise_float_operations.h"
#include "pointwise_convert.h"
#include "pointwise_accumulate.h"
#include "pointwise_table.h"
