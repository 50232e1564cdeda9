#include "pool.h"

#include <math.h>

#define ESP_BODY "pool_body.h"
#include "each_isa.h"

#define ESP_LIST(...) __VA_ARGS__

/* Defines a public function that calls the variant of a level. */
#define ESP_DISPATCH(NAME, PARAMETERS, ARGUMENTS)                                   \
  void NAME(int isa, ESP_LIST PARAMETERS) {                                         \
    static void(*const variants[ESP_ISA_LEVELS]) PARAMETERS = ESP_EACH_LEVEL(NAME); \
    variants[isa] ARGUMENTS;                                                        \
  }

#define ESP_DISPATCH_POOLS(DTYPE, T)                                                                              \
  ESP_DISPATCH(esp_##DTYPE##_max_pool_forward,                                                                    \
               (const esp_pool_shape *s, const T *x, T *y, ptrdiff_t begin, ptrdiff_t end), (s, x, y, begin, end)) \
  ESP_DISPATCH(esp_##DTYPE##_max_pool_backward,                                                                   \
               (const esp_pool_shape *s, const T *x, const T *dy, T *dx, ptrdiff_t begin, ptrdiff_t end),         \
               (s, x, dy, dx, begin, end))                                                                        \
  ESP_DISPATCH(esp_##DTYPE##_max_pool_gather,                                                                     \
               (const esp_pool_shape *s, const T *x, const T *g, T *y, ptrdiff_t begin, ptrdiff_t end),           \
               (s, x, g, y, begin, end))                                                                          \
  ESP_DISPATCH(esp_##DTYPE##_average_pool_forward,                                                                \
               (const esp_pool_shape *s, const T *x, T *y, ptrdiff_t begin, ptrdiff_t end), (s, x, y, begin, end)) \
  ESP_DISPATCH(esp_##DTYPE##_average_pool_backward,                                                               \
               (const esp_pool_shape *s, const T *dy, T *dx, ptrdiff_t begin, ptrdiff_t end),                     \
               (s, dy, dx, begin, end))                                                                           \
  ESP_DISPATCH(esp_##DTYPE##_depthwise_forward,                                                                   \
               (const esp_conv_shape *s, const T *x, const T *w, T *y, ptrdiff_t begin, ptrdiff_t end),           \
               (s, x, w, y, begin, end))                                                                          \
  ESP_DISPATCH(esp_##DTYPE##_depthwise_backward_data,                                                             \
               (const esp_conv_shape *s, const T *dy, const T *w, T *dx, ptrdiff_t begin, ptrdiff_t end),         \
               (s, dy, w, dx, begin, end))                                                                        \
  ESP_DISPATCH(esp_##DTYPE##_depthwise_backward_filter,                                                           \
               (const esp_conv_shape *s, const T *x, const T *dy, T *dw, ptrdiff_t begin, ptrdiff_t end),         \
               (s, x, dy, dw, begin, end))

ESP_DISPATCH_POOLS(f32, float)
ESP_DISPATCH_POOLS(f64, double)
