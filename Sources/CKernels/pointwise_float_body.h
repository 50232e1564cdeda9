/* What f32 and f64 share. The including body defines T, V, M, LANES and the library's suffix, and undefines nothing:
   each of its inclusions says the same. */

#define BLOCK (ESP_BLOCK_BYTES / (long)sizeof(T))
#define TILE (ESP_TILE_BYTES / (long)sizeof(T))
#define ACCUMULATOR double
#define LOWEST (-(T)INFINITY)
#define HIGHEST ((T)INFINITY)
#define LANES_SUM(x, y) ((x) + (y))
#define LANES_PRODUCT(x, y) ((x) * (y))
#define SCALAR_SUM esp_f64_accumulate_sum
#define SCALAR_PRODUCT esp_f64_accumulate_prod
#define SCALAR_MAX esp_f64_accumulate_max
#define SCALAR_MIN esp_f64_accumulate_min
#define FROM_F32(x) (x)
#define FROM_F64(x) (x)
#define TO_U64(x) esp_f64_to_u64(x)
#define CONSTANT_FIELD real
#define IS_NAN(v) ((v) != (v))
#define OPERATION_OF_FLOATS(NAME, name) [ESP_OP_##NAME] = ESP_ISA_NAME(tile_##name),

#include "pointwise_lanes.h"

EACH_LANE_1(tan, LIBM(tan))
EACH_LANE_1(asin, LIBM(asin))
EACH_LANE_1(acos, LIBM(acos))
EACH_LANE_1(atan, LIBM(atan))
EACH_LANE_1(sinh, LIBM(sinh))
EACH_LANE_1(cosh, LIBM(cosh))
EACH_LANE_1(erfc, LIBM(erfc))
EACH_LANE_2(pow, LIBM(pow))
EACH_LANE_2(atan2, LIBM(atan2))
