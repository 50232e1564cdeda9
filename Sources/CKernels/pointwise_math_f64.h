/* Transcendental functions of eight doubles: the C library's, lane by lane. */

#define lanes_exp ESP_ISA_NAME(lanes_library_exp)
#define lanes_expm1 ESP_ISA_NAME(lanes_library_expm1)
#define lanes_log ESP_ISA_NAME(lanes_library_log)
#define lanes_log1p ESP_ISA_NAME(lanes_library_log1p)
#define lanes_tanh ESP_ISA_NAME(lanes_library_tanh)
#define lanes_sigmoid ESP_ISA_NAME(lanes_sigmoid)
#define lanes_softplus ESP_ISA_NAME(lanes_softplus)
#define lanes_erf ESP_ISA_NAME(lanes_library_erf)
#define lanes_sin ESP_ISA_NAME(lanes_library_sin)
#define lanes_cos ESP_ISA_NAME(lanes_library_cos)

ESP_INLINE V lanes_abs(V a) { return (V)((M)a & INT64_MAX); }

EACH_LANE_1(library_exp, exp)
EACH_LANE_1(library_expm1, expm1)
EACH_LANE_1(library_log, log)
EACH_LANE_1(library_log1p, log1p)
EACH_LANE_1(library_tanh, tanh)
EACH_LANE_1(library_erf, erf)
EACH_LANE_1(library_sin, sin)
EACH_LANE_1(library_cos, cos)

ESP_INLINE V lanes_sigmoid(V x) {
  V e = lanes_exp(-lanes_abs(x)), y = 1 / (1 + e);
  return lanes_select(x >= 0, y, e * y);
}

ESP_INLINE V lanes_softplus(V x) { return lanes_select(x > 0, x, (V){0}) + lanes_log1p(lanes_exp(-lanes_abs(x))); }
