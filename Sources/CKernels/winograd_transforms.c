#include "winograd.h"

#define ESP_BODY "winograd_transforms_body.h"
#include "each_isa.h"

const esp_winograd_table *esp_winograd(int isa) {
  static const esp_winograd_table *const tables[ESP_ISA_LEVELS] = ESP_EACH_LEVEL_ADDRESS(esp_winograd_table);
  return tables[isa];
}
