/* Rows of a softmax, in vectors of T. */

#define row_max ESP_ISA_NAME(row_max)
#define row_exp_sum ESP_ISA_NAME(row_exp_sum)
#define row_scale ESP_ISA_NAME(row_scale)

static inline T row_max(const T *x, long n) {
  V m = lanes_broadcast(-(T)INFINITY);
  for (long j = 0; j < n; j += LANES) {
    long k = n - j < LANES ? n - j : LANES;
    V v = k == LANES ? lanes_load(x + j) : lanes_select(lanes_first(k), lanes_load_first(x + j, k), m);
    m = lanes_max(m, v);
  }
  T most = m[0];
  for (int i = 1; i < LANES; i++) {
    most = most > m[i] || most != most ? most : m[i];
  }
  return most;
}

/* Returns Σ e^(x - shift), and writes the terms to y unless that is null. */
static inline double row_exp_sum(const T *x, T shift, long n, T *y) {
  V s = lanes_broadcast(0);
  for (long j = 0; j < n; j += LANES) {
    long k = n - j < LANES ? n - j : LANES;
    V v = k == LANES ? lanes_load(x + j) : lanes_load_first(x + j, k);
    V e = lanes_exp(v - shift);
    e = k == LANES ? e : (V)(lanes_first(k) & (M)e);
    s += e;
    if (y && k == LANES) {
      lanes_store(y + j, e);
    } else if (y) {
      lanes_store_first(y + j, e, k);
    }
  }
  double sum = 0;
  for (int i = 0; i < LANES; i++) {
    sum += s[i];
  }
  return sum;
}

static inline void row_scale(T *y, T factor, long n) {
  for (long j = 0; j < n; j++) {
    y[j] *= factor;
  }
}

static void ESP_ISA_NAME(softmax)(long classes, const void *px, void *py, long begin, long end) {
  for (long r = begin; r < end; r++) {
    const T *x = (const T *)px + r * classes;
    T *y = (T *)py + r * classes;
    row_scale(y, (T)(1 / row_exp_sum(x, row_max(x, classes), classes, y)), classes);
  }
}

static void ESP_ISA_NAME(log_softmax)(long classes, const void *px, void *py, long begin, long end) {
  for (long r = begin; r < end; r++) {
    const T *x = (const T *)px + r * classes;
    T *y = (T *)py + r * classes, most = row_max(x, classes);
    T log_sum = (T)log(row_exp_sum(x, most, classes, NULL));
    for (long j = 0; j < classes; j++) {
      y[j] = x[j] - most - log_sum;
    }
  }
}

static void ESP_ISA_NAME(softmax_gradient)(long classes, const void *py, const void *pdy, void *pdx, long begin,
                                           long end) {
  for (long r = begin; r < end; r++) {
    const T *y = (const T *)py + r * classes, *dy = (const T *)pdy + r * classes;
    T *dx = (T *)pdx + r * classes;
    double sum = 0;
    for (long j = 0; j < classes; j++) {
      sum += (double)dy[j] * (double)y[j];
    }
    for (long j = 0; j < classes; j++) {
      dx[j] = (dy[j] - (T)sum) * y[j];
    }
  }
}

static long ESP_ISA_NAME(sparse_cross_entropy)(int label_type, long classes, const void *px, const void *labels,
                                               void *loss, void *pdx, long begin, long end) {
  long bad = -1;
  for (long r = begin; r < end; r++) {
    int64_t label = label_type == ESP_I32 ? ((const int32_t *)labels)[r] : ((const int64_t *)labels)[r];
    const T *x = (const T *)px + r * classes;
    T *dx = pdx ? (T *)pdx + r * classes : NULL;
    if (label < 0 || label >= classes) {
      bad = bad < 0 ? r : bad;
      ((T *)loss)[r] = (T)NAN;
      for (long j = 0; dx && j < classes; j++) {
        dx[j] = (T)NAN;
      }
      continue;
    }
    T most = row_max(x, classes), right = x[label];
    double sum = row_exp_sum(x, most, classes, dx);
    ((T *)loss)[r] = (T)(log(sum) - (double)(right - most));
    if (dx) {
      row_scale(dx, (T)(1 / sum), classes);
      dx[label] -= 1;
    }
  }
  return bad;
}

static void ESP_ISA_NAME(cross_entropy)(long classes, const void *px, const void *labels, void *loss, void *pdx,
                                        long begin, long end) {
  for (long r = begin; r < end; r++) {
    const T *x = (const T *)px + r * classes, *label = (const T *)labels + r * classes;
    T *dx = pdx ? (T *)pdx + r * classes : NULL, most = row_max(x, classes);
    /* dx may be x: what needs x comes first. */
    double sum = row_exp_sum(x, most, classes, NULL), log_sum = log(sum), total = 0;
    for (long j = 0; j < classes; j++) {
      /* A label of 0 counts for nothing, even where the logit is -∞. */
      total += label[j] == 0 ? 0 : (double)label[j] * (log_sum - (double)(x[j] - most));
    }
    ((T *)loss)[r] = (T)total;
    if (dx) {
      row_exp_sum(x, most, classes, dx);
      T factor = (T)(1 / sum);
      for (long j = 0; j < classes; j++) {
        dx[j] = dx[j] * factor - label[j];
      }
    }
  }
}

static const esp_softmax_functions SOFTMAX_TABLE = {
  ESP_ISA_NAME(softmax),
  ESP_ISA_NAME(log_softmax),
  ESP_ISA_NAME(softmax_gradient),
  ESP_ISA_NAME(sparse_cross_entropy),
  ESP_ISA_NAME(cross_entropy),
};
