/* The operations on floats. Products are rounded before they are added, so that a joined pair has the bits of the
   two. */

#pragma STDC FP_CONTRACT OFF

#define lanes_sign ESP_ISA_NAME(lanes_sign)
#define lanes_floor_mod ESP_ISA_NAME(lanes_floor_mod)

ESP_INLINE V lanes_sign(V a) { return lanes_select(a != a, a, lanes_truth(a > 0) - lanes_truth(a < 0)); }

EACH_LANE_2(trunc_mod, LIBM(fmod))

/* Source: TensorFlow's FloorMod. */
ESP_INLINE V lanes_floor_mod(V a, V b) {
  V m = ESP_ISA_NAME(lanes_trunc_mod)(a, b);
  return lanes_select((m != 0) & ((b < 0) ^ (m < 0)), m + b, m);
}

SHORT_OPERATION(mov, a)
SHORT_OPERATION(neg, -a)
SHORT_OPERATION(abs, lanes_abs(a))
SHORT_OPERATION(sign, lanes_sign(a))
SHORT_OPERATION(square, a *a)
SHORT_OPERATION(sqrt, __builtin_elementwise_sqrt(a))
SHORT_OPERATION(rsqrt, 1 / __builtin_elementwise_sqrt(a))
SHORT_OPERATION(reciprocal, 1 / a)
LONG_OPERATION(exp, lanes_exp(a))
LONG_OPERATION(expm1, lanes_expm1(a))
LONG_OPERATION(log, lanes_log(a))
LONG_OPERATION(log1p, lanes_log1p(a))
LONG_OPERATION(sin, lanes_sin(a))
LONG_OPERATION(cos, lanes_cos(a))
LONG_OPERATION(tan, ESP_ISA_NAME(lanes_tan)(a))
LONG_OPERATION(asin, ESP_ISA_NAME(lanes_asin)(a))
LONG_OPERATION(acos, ESP_ISA_NAME(lanes_acos)(a))
LONG_OPERATION(atan, ESP_ISA_NAME(lanes_atan)(a))
LONG_OPERATION(sinh, ESP_ISA_NAME(lanes_sinh)(a))
LONG_OPERATION(cosh, ESP_ISA_NAME(lanes_cosh)(a))
LONG_OPERATION(tanh, lanes_tanh(a))
LONG_OPERATION(erf, lanes_erf(a))
LONG_OPERATION(erfc, ESP_ISA_NAME(lanes_erfc)(a))
LONG_OPERATION(lgamma, ESP_ISA_NAME(lanes_lgamma)(a))
LONG_OPERATION(sigmoid, lanes_sigmoid(a))
LONG_OPERATION(softplus, lanes_softplus(a))
SHORT_OPERATION(relu, lanes_relu(a))
SHORT_OPERATION(floor, __builtin_elementwise_floor(a))
SHORT_OPERATION(ceil, __builtin_elementwise_ceil(a))
SHORT_OPERATION(round, __builtin_elementwise_roundeven(a))
SHORT_OPERATION(trunc, __builtin_elementwise_trunc(a))
SHORT_OPERATION(is_nan, lanes_truth(a != a))
SHORT_OPERATION(is_finite, lanes_truth(lanes_abs(a) < (T)INFINITY))
SHORT_OPERATION(is_inf, lanes_truth(lanes_abs(a) == (T)INFINITY))
SHORT_OPERATION(logical_not, lanes_truth(a == 0))
SHORT_OPERATION(add, a + b)
SHORT_OPERATION(sub, a - b)
SHORT_OPERATION(mul, a *b)
SHORT_OPERATION(div, a / b)
SHORT_OPERATION(floor_div, __builtin_elementwise_floor(a / b))
LONG_OPERATION(floor_mod, lanes_floor_mod(a, b))
LONG_OPERATION(trunc_mod, ESP_ISA_NAME(lanes_trunc_mod)(a, b))
SHORT_OPERATION(div_no_nan, lanes_select(b == 0, (V){0}, a / b))
LONG_OPERATION(pow, ESP_ISA_NAME(lanes_pow)(a, b))
SHORT_OPERATION(max, lanes_max(a, b))
SHORT_OPERATION(min, lanes_min(a, b))
SHORT_OPERATION(squared_difference, (a - b) * (a - b))
LONG_OPERATION(atan2, ESP_ISA_NAME(lanes_atan2)(a, b))
SHORT_OPERATION(equal, lanes_truth(a == b))
SHORT_OPERATION(not_equal, lanes_truth(a != b))
SHORT_OPERATION(less, lanes_truth(a < b))
SHORT_OPERATION(less_equal, lanes_truth(a <= b))
SHORT_OPERATION(greater, lanes_truth(a > b))
SHORT_OPERATION(greater_equal, lanes_truth(a >= b))
SHORT_OPERATION(logical_and, lanes_truth((a != 0) & (b != 0)))
SHORT_OPERATION(logical_or, lanes_truth((a != 0) | (b != 0)))
SHORT_OPERATION(logical_xor, lanes_truth((a != 0) ^ (b != 0)))
SHORT_OPERATION(relu_grad, (V)((b > 0) & (M)a))
SHORT_OPERATION(sigmoid_grad, a *b *(1 - b))
SHORT_OPERATION(tanh_grad, a *(1 - b * b))
SHORT_OPERATION(add_relu, lanes_relu(a + b))
SHORT_OPERATION(mul_add, a *b + c)
SHORT_OPERATION(mul_add_relu, lanes_relu(a *b + c))
SHORT_OPERATION(select, lanes_select(a != 0, b, c))
SHORT_OPERATION(clamp, lanes_min(lanes_max(a, b), c))

#pragma STDC FP_CONTRACT ON
