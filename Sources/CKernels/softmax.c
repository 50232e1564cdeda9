#include "espalier_softmax.h"

#include "isa.h"
#include "softmax_rows.h"

extern const esp_softmax_functions *const esp_softmax_functions_f32[ESP_ISA_LEVELS];
extern const esp_softmax_functions *const esp_softmax_functions_f64[ESP_ISA_LEVELS];

static const esp_softmax_functions *functions_of(int type) {
  int level = esp_isa_level();
  return type == ESP_F32 ? esp_softmax_functions_f32[level] : esp_softmax_functions_f64[level];
}

void esp_softmax(int type, long classes, const void *x, void *y, long begin, long end) {
  functions_of(type)->softmax(classes, x, y, begin, end);
}

void esp_log_softmax(int type, long classes, const void *x, void *y, long begin, long end) {
  functions_of(type)->log_softmax(classes, x, y, begin, end);
}

void esp_softmax_gradient(int type, long classes, const void *y, const void *dy, void *dx, long begin, long end) {
  functions_of(type)->gradient(classes, y, dy, dx, begin, end);
}

long esp_sparse_cross_entropy(int type, int label_type, long classes, const void *x, const void *labels, void *loss,
                              void *dx, long begin, long end) {
  return functions_of(type)->sparse_cross_entropy(label_type, classes, x, labels, loss, dx, begin, end);
}

void esp_cross_entropy(int type, long classes, const void *x, const void *labels, void *loss, void *dx, long begin,
                       long end) {
  functions_of(type)->cross_entropy(classes, x, labels, loss, dx, begin, end);
}
