/* What i32 and i64 share. */

#define BLOCK (ESP_BLOCK_BYTES / (long)sizeof(T))
#define TILE (ESP_TILE_BYTES / (long)sizeof(T))
#define ACCUMULATOR int64_t
#define LANES_SUM SUM
#define LANES_PRODUCT PRODUCT
#define SCALAR_SUM esp_i64_accumulate_sum
#define SCALAR_PRODUCT esp_i64_accumulate_prod
#define SCALAR_MAX esp_i64_accumulate_max
#define SCALAR_MIN esp_i64_accumulate_min
#define TO_I32(x) ((int32_t)(x))
#define TO_I64(x) ((int64_t)(x))
#define TO_U64(x) ((uint64_t)(x))
#define CONSTANT_FIELD integer
#define IS_NAN(v) ((M){0})
#define OPERATION_OF_FLOATS(NAME, name)

#include "pointwise_lanes.h"
#include "pointwise_integer_operations.h"
#include "pointwise_convert.h"
#include "pointwise_accumulate.h"
#include "pointwise_table.h"
