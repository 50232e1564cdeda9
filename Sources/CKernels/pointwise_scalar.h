#ifndef ESP_POINTWISE_SCALAR_H
#define ESP_POINTWISE_SCALAR_H

#include <math.h>

#include "half.h"
#include "vector.h"

typedef uint64_t v8ul __attribute__((vector_size(64)));

/* The reentrant forms: lgamma itself writes the sign to a global variable. */
extern double lgamma_r(double, int *);
extern float lgammaf_r(float, int *);

static inline double esp_lgamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

static inline float esp_lgammaf(float x) {
  int sign;
  return lgammaf_r(x, &sign);
}

#endif
