#define T double
#define V v8d
#define M v8l
#define LANES 8
#define BLOCK (4 * LANES)
#define IS_NAN(v) ((v) != (v))
#define SOFTMAX_TABLE ESP_ISA_NAME(esp_softmax_f64)

#include "pointwise_lanes.h"
#include "pointwise_math_f64.h"
#include "softmax_body.h"
