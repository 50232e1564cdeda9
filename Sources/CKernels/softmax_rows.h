#ifndef ESP_SOFTMAX_ROWS_H
#define ESP_SOFTMAX_ROWS_H

/* What softmax.c dispatches to, by type and instruction set. */
typedef struct {
  void (*softmax)(long classes, const void *x, void *y, long begin, long end);
  void (*log_softmax)(long classes, const void *x, void *y, long begin, long end);
  void (*gradient)(long classes, const void *y, const void *dy, void *dx, long begin, long end);
  long (*sparse_cross_entropy)(int label_type, long classes, const void *x, const void *labels, void *loss, void *dx,
                               long begin, long end);
  void (*cross_entropy)(long classes, const void *x, const void *labels, void *loss, void *dx, long begin, long end);
} esp_softmax_functions;

#endif
