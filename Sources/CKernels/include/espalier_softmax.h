#ifndef ESPALIER_SOFTMAX_H
#define ESPALIER_SOFTMAX_H

/* Softmax over the last axis, and its cross-entropies. x is [rows, classes] of T = f32 or f64; every function handles
   the rows [begin, end), and its results do not depend on the split. The greatest element is subtracted first, so that
   nothing overflows. y (or dx) may be x itself. */

#include <stdint.h>

#include "espalier_dtype.h"

void esp_softmax(int type, long classes, const void *x, void *y, long begin, long end);
void esp_log_softmax(int type, long classes, const void *x, void *y, long begin, long end);

/* dx = (dy - Σ dy · y) · y for y = softmax(x). */
void esp_softmax_gradient(int type, long classes, const void *y, const void *dy, void *dx, long begin, long end);

/* Writes loss [rows] = -log softmax(x)[label], and the gradient softmax(x) - onehot(label) unless dx is NULL. Labels
   are i32 or i64. A label outside [0, classes) makes its row's loss and gradient NaN; returns the first such row, or
   -1. */
long esp_sparse_cross_entropy(int type, int label_type, long classes, const void *x, const void *labels, void *loss,
                              void *dx, long begin, long end);

/* The same for labels [rows, classes] that are probabilities: loss = -Σ label · log softmax(x), dx = softmax(x) -
   label. */
void esp_cross_entropy(int type, long classes, const void *x, const void *labels, void *loss, void *dx, long begin,
                       long end);

#endif
