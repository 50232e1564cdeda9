#include "espalier_image.h"

#include <math.h>

static long clamped(long x, long low, long high) { return x < low ? low : x > high ? high : x; }

static void fill(float *y, long count, float value) {
  for (long i = 0; i < count; i++) {
    y[i] = value;
  }
}

/* Three planes are interleaved in one loop, which the compiler turns into shuffles. */
static void interleave_3(const uint8_t *x, long plane, long count, float scale, float offset, float *restrict y) {
  const uint8_t *red = x, *green = x + plane, *blue = x + 2 * plane;
  for (long i = 0; i < count; i++) {
    y[3 * i] = (float)red[i] * scale + offset;
    y[3 * i + 1] = (float)green[i] * scale + offset;
    y[3 * i + 2] = (float)blue[i] * scale + offset;
  }
}

/* `count` pixels from x on. */
static void copy_pixels(const esp_image_crop *crop, const uint8_t *x, long count, float *y) {
  long channels = crop->channels, step = crop->column_stride, plane = crop->channel_stride;
  float scale = crop->scale, offset = crop->offset;
  if (channels == 3 && step == 1) {
    interleave_3(x, plane, count, scale, offset, y);
  } else if (plane == 1 && step == channels) {
    for (long i = 0; i < count * channels; i++) {
      y[i] = (float)x[i] * scale + offset;
    }
  } else {
    for (long i = 0; i < count; i++) {
      for (long c = 0; c < channels; c++) {
        y[i * channels + c] = (float)x[i * step + c * plane] * scale + offset;
      }
    }
  }
}

static void mirror(float *y, long width, long channels) {
  for (long left = 0, right = width - 1; left < right; left++, right--) {
    for (long c = 0; c < channels; c++) {
      float kept = y[left * channels + c];
      y[left * channels + c] = y[right * channels + c];
      y[right * channels + c] = kept;
    }
  }
}

void esp_image_crop_u8_f32(const esp_image_crop *crop, const uint8_t *x, float *y) {
  long channels = crop->channels, width = crop->out_width, left = crop->left;
  /* Columns of the output that are inside the image. */
  long first = clamped(-left, 0, width), last = clamped(crop->width - left, first, width);
  for (long row = 0; row < crop->out_height; row++, y += width * channels) {
    long from = row + crop->top;
    if (from < 0 || from >= crop->height || first == last) {
      fill(y, width * channels, crop->offset);
      continue;
    }
    const uint8_t *pixel = x + from * crop->row_stride + (first + left) * crop->column_stride;
    fill(y, first * channels, crop->offset);
    copy_pixels(crop, pixel, last - first, y + first * channels);
    fill(y + last * channels, (width - last) * channels, crop->offset);
    if (crop->flip) {
      mirror(y, width, channels);
    }
  }
}

/* Σ (x - center), or of its squares: in eight strands, since one addition at a time would wait for the one before. */
static double sum_around(long count, const float *x, double center, int squared) {
  double strands[8] = {0}, sum = 0;
  long whole = count / 8 * 8;
  for (long i = 0; i < whole; i += 8) {
    for (int k = 0; k < 8; k++) {
      double d = x[i + k] - center;
      strands[k] += squared ? d * d : d;
    }
  }
  for (long i = whole; i < count; i++) {
    double d = x[i] - center;
    sum += squared ? d * d : d;
  }
  for (int k = 0; k < 8; k++) {
    sum += strands[k];
  }
  return sum;
}

void esp_image_standardize_f32(long count, const float *x, float *y) {
  double n = count > 0 ? (double)count : 1, mean = sum_around(count, x, 0, 0) / n;
  double deviation = sqrt(sum_around(count, x, mean, 1) / n), least = 1 / sqrt(n);
  float shift = (float)mean, factor = (float)(1 / (deviation > least ? deviation : least));
  for (long i = 0; i < count; i++) {
    y[i] = (x[i] - shift) * factor;
  }
}
