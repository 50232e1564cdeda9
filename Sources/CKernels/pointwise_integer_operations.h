/* The operations on integers: they wrap around, and nothing traps. U is V of unsigned lanes, UT the unsigned T. */

#define scalar_div ESP_ISA_NAME(scalar_div)
#define scalar_trunc_mod ESP_ISA_NAME(scalar_trunc_mod)
#define scalar_floor_div ESP_ISA_NAME(scalar_floor_div)
#define scalar_floor_mod ESP_ISA_NAME(scalar_floor_mod)
#define scalar_pow ESP_ISA_NAME(scalar_pow)

/* The least integer divided by -1 does not fit and would trap. */
ESP_INLINE T scalar_div(T a, T b) { return b == 0 ? 0 : b == -1 ? (T)(0 - (UT)a) : a / b; }
ESP_INLINE T scalar_trunc_mod(T a, T b) { return b == 0 || b == -1 ? 0 : a % b; }

ESP_INLINE T scalar_floor_mod(T a, T b) {
  T m = scalar_trunc_mod(a, b);
  return m != 0 && (m < 0) != (b < 0) ? m + b : m;
}

ESP_INLINE T scalar_floor_div(T a, T b) {
  T m = scalar_trunc_mod(a, b), q = scalar_div(a, b);
  return m != 0 && (m < 0) != (b < 0) ? q - 1 : q;
}

ESP_INLINE T scalar_pow(T a, T b) {
  if (b < 0) {
    return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  }
  UT power = 1;
  for (UT base = (UT)a; b > 0; b >>= 1, base *= base) {
    power *= b & 1 ? base : 1;
  }
  return (T)power;
}

EACH_LANE_2(div, scalar_div)
EACH_LANE_2(floor_div, scalar_floor_div)
EACH_LANE_2(floor_mod, scalar_floor_mod)
EACH_LANE_2(trunc_mod, scalar_trunc_mod)
EACH_LANE_2(pow, scalar_pow)

#define NEGATED(a) ((V)(0 - (U)(a)))
#define SUM(a, b) ((V)((U)(a) + (U)(b)))
#define DIFFERENCE(a, b) ((V)((U)(a) - (U)(b)))
#define PRODUCT(a, b) ((V)((U)(a) * (U)(b)))

SHORT_OPERATION(mov, a)
SHORT_OPERATION(neg, NEGATED(a))
SHORT_OPERATION(abs, lanes_select(a < 0, NEGATED(a), a))
SHORT_OPERATION(sign, (a < 0) - (a > 0))
SHORT_OPERATION(square, PRODUCT(a, a))
SHORT_OPERATION(relu, lanes_relu(a))
SHORT_OPERATION(logical_not, lanes_truth(a == 0))
SHORT_OPERATION(add, SUM(a, b))
SHORT_OPERATION(sub, DIFFERENCE(a, b))
SHORT_OPERATION(mul, PRODUCT(a, b))
LONG_OPERATION(div, ESP_ISA_NAME(lanes_div)(a, b))
LONG_OPERATION(floor_div, ESP_ISA_NAME(lanes_floor_div)(a, b))
LONG_OPERATION(floor_mod, ESP_ISA_NAME(lanes_floor_mod)(a, b))
LONG_OPERATION(trunc_mod, ESP_ISA_NAME(lanes_trunc_mod)(a, b))
LONG_OPERATION(pow, ESP_ISA_NAME(lanes_pow)(a, b))
SHORT_OPERATION(max, lanes_max(a, b))
SHORT_OPERATION(min, lanes_min(a, b))
SHORT_OPERATION(squared_difference, PRODUCT(DIFFERENCE(a, b), DIFFERENCE(a, b)))
SHORT_OPERATION(equal, lanes_truth(a == b))
SHORT_OPERATION(not_equal, lanes_truth(a != b))
SHORT_OPERATION(less, lanes_truth(a < b))
SHORT_OPERATION(less_equal, lanes_truth(a <= b))
SHORT_OPERATION(greater, lanes_truth(a > b))
SHORT_OPERATION(greater_equal, lanes_truth(a >= b))
SHORT_OPERATION(logical_and, lanes_truth((a != 0) & (b != 0)))
SHORT_OPERATION(logical_or, lanes_truth((a != 0) | (b != 0)))
SHORT_OPERATION(logical_xor, lanes_truth((a != 0) ^ (b != 0)))
SHORT_OPERATION(relu_grad, (V)((b > 0) & a))
SHORT_OPERATION(add_relu, lanes_relu(SUM(a, b)))
SHORT_OPERATION(mul_add, SUM(PRODUCT(a, b), c))
SHORT_OPERATION(mul_add_relu, lanes_relu(SUM(PRODUCT(a, b), c)))
SHORT_OPERATION(select, lanes_select(a != 0, b, c))
SHORT_OPERATION(clamp, lanes_min(lanes_max(a, b), c))
