/* Pools and depthwise convolutions of both number types, for one instruction set. */

#define NUMBER float
#define VECTOR v16
#define INDEX int32_t
#define MASK v16i
#define LANES 16
#define NAME(what) ESP_ISA_NAME(esp_f32_##what)
#include "pool_template.h"
#include "depthwise_template.h"
#undef NUMBER
#undef VECTOR
#undef INDEX
#undef MASK
#undef LANES
#undef NAME

#define NUMBER double
#define VECTOR v8d
#define INDEX int64_t
#define MASK v8l
#define LANES 8
#define NAME(what) ESP_ISA_NAME(esp_f64_##what)
#include "pool_template.h"
#include "depthwise_template.h"
#undef NUMBER
#undef VECTOR
#undef INDEX
#undef MASK
#undef LANES
#undef NAME
