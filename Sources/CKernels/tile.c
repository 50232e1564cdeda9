#include "tile.h"

#define ESP_BODY "tile_body.h"
#include "each_isa.h"

const esp_tile_table *esp_tiles(int isa) {
  static const esp_tile_table *const tables[ESP_ISA_LEVELS] = ESP_EACH_LEVEL_ADDRESS(esp_tile_table);
  return tables[isa];
}
