/* Transcendental functions of sixteen floats, branch-free but for huge arguments of sin and cos. The polynomials were
   fitted for the least relative error over the reduced range; errors are below 2.5 units in the last place. */

#define lanes_copysign ESP_ISA_NAME(lanes_copysign)
#define lanes_round_to_integer ESP_ISA_NAME(lanes_round_to_integer)
#define lanes_power_of_two ESP_ISA_NAME(lanes_power_of_two)
#define lanes_exp_reduce ESP_ISA_NAME(lanes_exp_reduce)
#define lanes_exp ESP_ISA_NAME(lanes_exp)
#define lanes_expm1 ESP_ISA_NAME(lanes_expm1)
#define lanes_log ESP_ISA_NAME(lanes_log)
#define lanes_log1p ESP_ISA_NAME(lanes_log1p)
#define lanes_tanh ESP_ISA_NAME(lanes_tanh)
#define lanes_sigmoid ESP_ISA_NAME(lanes_sigmoid)
#define lanes_softplus ESP_ISA_NAME(lanes_softplus)
#define lanes_erf ESP_ISA_NAME(lanes_erf)
#define lanes_quadrant ESP_ISA_NAME(lanes_quadrant)
#define lanes_sine_or_cosine ESP_ISA_NAME(lanes_sine_or_cosine)
#define lanes_sin ESP_ISA_NAME(lanes_sin)
#define lanes_cos ESP_ISA_NAME(lanes_cos)

ESP_INLINE V lanes_abs(V a) { return (V)((M)a & 0x7fffffff); }
ESP_INLINE V lanes_copysign(V a, V sign) { return (V)(((M)a & 0x7fffffff) | ((M)sign & (M)lanes_broadcast(-0.0f))); }

/* 1.5 · 2^23: adding it rounds to an integer, which then stands in the low bits. */
#define ROUNDING 12582912.0f

ESP_INLINE M lanes_round_to_integer(V x, V *rounded) {
  V shifted = x + ROUNDING;
  *rounded = shifted - ROUNDING;
  return (M)shifted - (M)lanes_broadcast(ROUNDING);
}

/* 2^n for -126 ≤ n ≤ 127. */
ESP_INLINE V lanes_power_of_two(M n) { return (V)((n + 127) << 23); }

/* Splits x = n · ln 2 + r, |r| ≤ ln 2 / 2, and returns e^r - 1. */
ESP_INLINE V lanes_exp_reduce(V x, M *n) {
  V whole;
  *n = lanes_round_to_integer(x * 1.44269504f, &whole);
  V r = v16_fma(whole, lanes_broadcast(-0.693359375f), x);
  r = v16_fma(whole, lanes_broadcast(2.12194440e-4f), r);
  V p = lanes_broadcast(0.000199136115f);
  p = v16_fma(p, r, lanes_broadcast(0.00139410498f));
  p = v16_fma(p, r, lanes_broadcast(0.00833327407f));
  p = v16_fma(p, r, lanes_broadcast(0.0416663541f));
  p = v16_fma(p, r, lanes_broadcast(0.166666668f));
  p = v16_fma(p, r, lanes_broadcast(0.500000005f));
  return v16_fma(p, r * r, r);
}

/* Beyond these bounds the result is 0 or infinite; comparisons keep a NaN. */
ESP_INLINE V lanes_exp(V x) {
  x = lanes_select(x < -104, lanes_broadcast(-104), x);
  x = lanes_select(x > 89, lanes_broadcast(89), x);
  M n;
  V y = 1 + lanes_exp_reduce(x, &n);
  M half = n >> 1;
  return y * lanes_power_of_two(half) * lanes_power_of_two(n - half);
}

ESP_INLINE V lanes_expm1(V a) {
  V x = lanes_select(a < -20, lanes_broadcast(-20), a);
  x = lanes_select(x > 89, lanes_broadcast(89), x);
  M n;
  V p = lanes_exp_reduce(x, &n);
  /* 2^(n-1), since 2^128 is no float. */
  V scale = lanes_power_of_two(n - 1);
  V y = 2 * v16_fma(scale, p, scale - 0.5f);
  return lanes_select(a == 0, a, y);
}

ESP_INLINE V lanes_log(V x) {
  M denormal = x < 0x1p-126f;
  V scaled = lanes_select(denormal, x * 0x1p23f, x);
  /* x = m · 2^n with √½ ≤ m < √2 */
  M shifted = (M)scaled - 0x3f3504f3;
  M n = (shifted >> 23) - (denormal & 23);
  V f = (V)((shifted & 0x7fffff) + 0x3f3504f3) - 1;
  V p = lanes_broadcast(0.0674455017f);
  p = v16_fma(p, f, lanes_broadcast(-0.11674809f));
  p = v16_fma(p, f, lanes_broadcast(0.118886009f));
  p = v16_fma(p, f, lanes_broadcast(-0.124057557f));
  p = v16_fma(p, f, lanes_broadcast(0.142195201f));
  p = v16_fma(p, f, lanes_broadcast(-0.166679856f));
  p = v16_fma(p, f, lanes_broadcast(0.200021196f));
  p = v16_fma(p, f, lanes_broadcast(-0.250000098f));
  p = v16_fma(p, f, lanes_broadcast(0.333333126f));
  V whole = __builtin_convertvector(n, V), square = f * f;
  V y = v16_fma(whole, lanes_broadcast(-2.12194440e-4f), p * f * square);
  y = v16_fma(square, lanes_broadcast(-0.5f), y) + f;
  y = v16_fma(whole, lanes_broadcast(0.693359375f), y);
  y = lanes_select(x == (float)INFINITY, x, y);
  y = lanes_select(x == 0, lanes_broadcast(-(float)INFINITY), y);
  return lanes_select((x < 0) | (x != x), lanes_broadcast((float)NAN), y);
}

/* log u plus what the rounding of u = 1 + x lost. */
ESP_INLINE V lanes_log1p(V x) {
  V u = 1 + x, lost = (x - (u - 1)) / u;
  lost = lanes_select(lanes_abs(lost) < 1, lost, (V){0});
  return lanes_select((x == 0) | (u == 1), x, lanes_log(u) + lost);
}

/* (e^2a - 1) / (e^2a + 1); beyond 10 it is 1 in single precision. */
ESP_INLINE V lanes_tanh(V x) {
  V a = lanes_abs(x);
  V e = lanes_expm1(2 * lanes_select(a > 10, lanes_broadcast(10), a));
  return lanes_copysign(e / (e + 2), x);
}

ESP_INLINE V lanes_sigmoid(V x) {
  V e = lanes_exp(-lanes_abs(x)), y = 1 / (1 + e);
  return lanes_select(x >= 0, y, e * y);
}

ESP_INLINE V lanes_softplus(V x) { return lanes_select(x > 0, x, (V){0}) + lanes_log1p(lanes_exp(-lanes_abs(x))); }

/* Near 0 an odd polynomial, elsewhere 1 - e^(-t · g(t)). */
ESP_INLINE V lanes_erf(V x) {
  V t = lanes_abs(x), s = x * x;
  V near = lanes_broadcast(8.34522487e-05f);
  near = v16_fma(near, s, lanes_broadcast(-0.000813743756f));
  near = v16_fma(near, s, lanes_broadcast(0.00520063431f));
  near = v16_fma(near, s, lanes_broadcast(-0.0268592708f));
  near = v16_fma(near, s, lanes_broadcast(0.112836939f));
  near = v16_fma(near, s, lanes_broadcast(-0.376126337f));
  near = v16_fma(near, s, lanes_broadcast(0.128379167f));
  near = v16_fma(near, x, x);
  V far = lanes_select(t > 4, lanes_broadcast(4), t), g = lanes_broadcast(1.16125226e-05f);
  g = v16_fma(g, far, lanes_broadcast(-0.000326624789f));
  g = v16_fma(g, far, lanes_broadcast(0.00365801816f));
  g = v16_fma(g, far, lanes_broadcast(-0.0237950238f));
  g = v16_fma(g, far, lanes_broadcast(0.106275211f));
  g = v16_fma(g, far, lanes_broadcast(0.635128095f));
  g = v16_fma(g, far, lanes_broadcast(1.12865422f));
  far = lanes_copysign(1 - lanes_exp(-far * g), x);
  return lanes_select(t < 0.93f, near, far);
}

/* Reduces x to r = x - n · π/2 in double precision, for |x| ≤ 2^20; returns n. */
ESP_INLINE M lanes_quadrant(V x, V *r) {
  V whole;
  M n = lanes_round_to_integer(x * 0.636619772f, &whole);
  V reduced;
  ESP_UNROLL
  for (int i = 0; i < LANES; i++) {
    double k = (double)whole[i];
    reduced[i] = (float)(((double)x[i] - k * 0x1.921fb544p+0) - k * 0x1.0b4611a626331p-34);
  }
  *r = reduced;
  return n;
}

/* sin(x + shift · π/2) */
ESP_INLINE V lanes_sine_or_cosine(V x, int shift) {
  V r;
  M n = lanes_quadrant(x, &r) + shift;
  V s = r * r;
  V sine = lanes_broadcast(2.7182744e-06f);
  sine = v16_fma(sine, s, lanes_broadcast(-0.00019839331f));
  sine = v16_fma(sine, s, lanes_broadcast(0.00833332937f));
  sine = v16_fma(sine, s, lanes_broadcast(-0.166666666f));
  sine = v16_fma(sine * s, r, r);
  V cosine = lanes_broadcast(2.44380891e-05f);
  cosine = v16_fma(cosine, s, lanes_broadcast(-0.00138873645f));
  cosine = v16_fma(cosine, s, lanes_broadcast(0.0416666468f));
  cosine = v16_fma(cosine, s * s, v16_fma(s, lanes_broadcast(-0.5f), lanes_broadcast(1)));
  V y = lanes_select((n & 1) != 0, cosine, sine);
  return (V)((M)y ^ ((n & 2) << 30));
}

ESP_INLINE int ESP_ISA_NAME(any_huge)(V x) {
  M huge = ~(lanes_abs(x) <= 0x1p20f);
  int any = 0;
  ESP_UNROLL
  for (int i = 0; i < LANES; i++) {
    any |= huge[i];
  }
  return any;
}

EACH_LANE_1(sin_exactly, sinf)
EACH_LANE_1(cos_exactly, cosf)

ESP_INLINE V lanes_sin(V x) {
  V y = ESP_ISA_NAME(any_huge)(x) ? ESP_ISA_NAME(lanes_sin_exactly)(x) : lanes_sine_or_cosine(x, 0);
  return lanes_select(x == 0, x, y);
}

ESP_INLINE V lanes_cos(V x) {
  return ESP_ISA_NAME(any_huge)(x) ? ESP_ISA_NAME(lanes_cos_exactly)(x) : lanes_sine_or_cosine(x, 1);
}
