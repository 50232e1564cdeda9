#include <math.h>

#include "espalier_dtype.h"
#include "pointwise_plan.h"
#include "softmax_rows.h"

#define ESP_BODY "softmax_f64_body.h"
#include "each_isa.h"

const esp_softmax_functions *const esp_softmax_functions_f64[ESP_ISA_LEVELS] =
  ESP_EACH_LEVEL_ADDRESS(esp_softmax_f64);
