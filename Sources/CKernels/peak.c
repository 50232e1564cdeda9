#include "espalier_peak.h"

#include "isa.h"

#define ESP_BODY "peak_body.h"
#include "each_isa.h"

double esp_multiply_add_f32(long rounds, float *x) {
  static double (*const functions[ESP_ISA_LEVELS])(long, float *) = ESP_EACH_LEVEL(esp_multiply_add_f32);
  return functions[esp_isa_level()](rounds, x);
}
