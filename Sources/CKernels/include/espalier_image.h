#ifndef ESPALIER_IMAGE_H
#define ESPALIER_IMAGE_H

/* Bytes of an image to floats [height, width, channels], cropped, padded and flipped on the way. */

#include <stdint.h>

/* The output pixel (row, column) is the input pixel (row + top, column + left), or zeros where there is none, times
   scale plus offset; with `flip` the columns of the output are mirrored. So padding an image by 4 and cropping it to
   its own size at (dy, dx) is top = dy - 4, left = dx - 4; resize_with_crop_or_pad is top = floor((height - out_height)
   / 2). */
typedef struct {
  int32_t height, width, channels;
  /* The bytes of the input from a row, a column or a channel to the next. [height, width, channels] as decoders give it
     has width · channels, channels and 1; [channels, height, width] as in CIFAR's files has width, 1 and height · width;
     a part of an image has those of the whole. */
  int32_t row_stride, column_stride, channel_stride;
  int32_t out_height, out_width;
  int32_t top, left;
  int32_t flip;
  float scale, offset; /* 1 and 0 keep bytes as they are; padding gives `offset` */
} esp_image_crop;

/* Writes y [out_height, out_width, channels] from x; they do not overlap. */
void esp_image_crop_u8_f32(const esp_image_crop *crop, const uint8_t *x, float *y);

/* Subtracts the mean of `count` values and divides by their deviation, or by 1/√count if that is more: x and y may be
   the same. Source: tf.image.per_image_standardization. */
void esp_image_standardize_f32(long count, const float *x, float *y);

#endif
