#define T float
#define V v16
#define M v16i
#define LANES 16
#define BLOCK (4 * LANES)
#define IS_NAN(v) ((v) != (v))
#define SOFTMAX_TABLE ESP_ISA_NAME(esp_softmax_f32)

#include "pointwise_lanes.h"
#include "pointwise_math_f32.h"
#include "softmax_body.h"
