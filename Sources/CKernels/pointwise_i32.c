#include "pointwise_accumulators.h"
#include "pointwise_plan.h"
#include "pointwise_scalar.h"

#define ESP_BODY "pointwise_i32_body.h"
#include "each_isa.h"

const esp_tile_functions *const esp_tile_functions_i32[ESP_ISA_LEVELS] = ESP_EACH_LEVEL_ADDRESS(esp_tile_i32);
