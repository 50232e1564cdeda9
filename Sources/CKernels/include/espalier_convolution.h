#ifndef ESPALIER_CONVOLUTION_H
#define ESPALIER_CONVOLUTION_H

#include <stddef.h>

#include "espalier_pointwise.h"

/* Two-dimensional convolution and its two gradients.

   Layouts: activations x [N, H, W, C] and y [N, OH, OW, K], filters [KH, KW, C, K], all dense.
     y[n, oy, ox, k] = Σ x[n, oy·stride_h + ky·dilation_h − pad_top, ox·stride_w + kx·dilation_w − pad_left, c]
                         · filter[ky, kx, c, k]
   with x = 0 outside. Padding on the bottom and right is what oh and ow imply. Any extent may be 0.

   Every operation has three steps: a plan (integers only; made once per shape), a packing of the filter (once per
   filter value; any number of parts, in any order, on any threads), and the work itself, cut into independent units:
   any thread may run any range of units, and the results do not depend, to the last bit, on who runs what.
   Buffers: `scratch` is owned by the calling thread during the call, holds plan.scratch_bytes and needs no initial
   value; scratch and packed buffers are 64-byte aligned; x, y, dy, dx and filters may lie at any float address.
   No buffer overlaps another, except `residual`, which may be y itself. */

typedef struct {
  ptrdiff_t n, h, w, c;
  ptrdiff_t k, kh, kw;
  ptrdiff_t stride_h, stride_w;
  ptrdiff_t dilation_h, dilation_w;
  ptrdiff_t pad_top, pad_left;
  ptrdiff_t oh, ow;
} esp_conv_shape;

/* How a plan computes; ESP_CONV_AUTO is a request only. */
enum {
  ESP_CONV_AUTO = 0,
  ESP_CONV_DIRECT = 1,
  ESP_CONV_WINOGRAD = 2 /* F(4×4, 3×3): 4 times fewer multiplications, rounding errors about 5 times larger */
};

enum { ESP_ACTIVATION_NONE = 0, ESP_ACTIVATION_RELU = 1, ESP_ACTIVATION_RELU6 = 2 };

/* The choices left to the caller. */
typedef struct {
  int isa;           /* as esp_isa_level() returns */
  int algorithm;     /* AUTO, or DIRECT, or WINOGRAD where it applies (else DIRECT) */
  ptrdiff_t workers; /* virtual workers of the filter's gradient: a constant of the program, not the thread count */
} esp_conv_options;

/* One spatial axis of the correlation a plan runs; private to the kernels. */
typedef struct {
  ptrdiff_t source, destination;    /* extents */
  ptrdiff_t taps, tap_step;         /* filter extent, dilation */
  ptrdiff_t backward;               /* 1 for a gradient with respect to x */
  ptrdiff_t phases;                 /* residues of the destination index that see different taps */
  ptrdiff_t pad;                    /* padding of the forward convolution */
  ptrdiff_t stride;                 /* scratch pixels between neighbouring destinations of a phase */
  ptrdiff_t gather, origin;         /* scratch pixel j holds source pixel j·gather + origin */
  ptrdiff_t first, count;           /* destination positions, in steps of `phases` */
  ptrdiff_t low, high;              /* least and greatest scratch offset of a tap */
} esp_conv_axis;

typedef struct {
  esp_conv_shape shape;
  int isa;
  int algorithm;              /* ESP_CONV_DIRECT or ESP_CONV_WINOGRAD */
  ptrdiff_t units;            /* independent units of …_run; for the filter's gradient, of each worker: always 1 */
  ptrdiff_t scratch_bytes;    /* per thread */
  ptrdiff_t packed_bytes;     /* the packed filter; 0 if units read the filter itself, and for its gradient */
  ptrdiff_t stats_floats;     /* of esp_conv_epilogue.stats, per unit: [2, K rounded up to 16] */
  ptrdiff_t workers;          /* virtual workers of the filter's gradient, at most those asked for */
  ptrdiff_t partial_floats;   /* of the filter's gradient, per virtual worker */
  ptrdiff_t stores;           /* 1 if workers store the filter's gradient itself: there are no partials */

  /* Private to the kernels. */
  esp_conv_axis rows, columns;
  ptrdiff_t source_c, destination_c;
  ptrdiff_t chunks, chunk;    /* source channels are summed in `chunks` runs of (at most) `chunk` channels */
  ptrdiff_t merged;           /* 1 if the taps of a filter row are summed as one run */
  ptrdiff_t view;             /* 1 if the source is read in place, without a padded copy */
  ptrdiff_t pixel, row, image; /* strides of the padded copy or the view, in floats */
  ptrdiff_t band, bands;      /* destination positions per band of rows, bands per image */
  ptrdiff_t group, groups;    /* images per unit, units along the batch */
  ptrdiff_t splits;           /* units along the destination's channels */
  ptrdiff_t blocks;           /* blocks of 16 destination channels */
  ptrdiff_t panel;            /* blocks per packed panel: 1 or 2 */
  ptrdiff_t segments;         /* runs summed, over all phases */
  ptrdiff_t reduction;        /* products summed, over all phases, padding included */
  ptrdiff_t packs;            /* 1 if the filter's gradient packs strips of pixels, block by block of channels */
  ptrdiff_t copy_dy;          /* 1 if the filter's gradient copies dy to whole blocks of 16 channels */
  ptrdiff_t image_splits;     /* workers along the batch; workers = image_splits · splits */
  ptrdiff_t at_once;          /* Winograd: rows of tiles of a unit that are worked on at once */
  ptrdiff_t across, down;     /* Winograd: 4×4 tiles per row and column of tiles; `band` counts rows of tiles */
  ptrdiff_t source_pitch, destination_pitch; /* Winograd: floats between tiles of a plane of V and M */
  ptrdiff_t source_plane, destination_plane; /* Winograd: floats between planes of V and M (or W) */
  ptrdiff_t weight_plane;     /* Winograd: floats between planes of U (or of its gradient) */
} esp_conv_plan;

/* What a forward convolution does to a result before storing it:
     y = activation(convolution + bias + residual). A null pointer leaves its part out. */
typedef struct {
  const float *bias;     /* [K] */
  const float *residual; /* as y */
  int activation;        /* ESP_ACTIVATION_… */
  float *stats;          /* [units, 2, K rounded up to 16]: each unit run stores Σ y and Σ y² of what it stored */
} esp_conv_epilogue;

/* ---- y = x ∗ filter ---- */
void esp_f32_conv_forward_plan(const esp_conv_shape *shape, esp_conv_options options, esp_conv_plan *plan);
/* Packs part `part` of `parts` of the filter. If plan.packed_bytes is 0, runs take the filter itself as `packed`. */
void esp_f32_conv_forward_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part,
                               ptrdiff_t parts);
/* Computes units unit_begin ..< unit_end of y. `epilogue` may be null. */
void esp_f32_conv_forward_run(const esp_conv_plan *plan, const float *x, const float *packed, float *y,
                              ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch,
                              const esp_conv_epilogue *epilogue);

/* ---- dx, the gradient with respect to x ---- */
void esp_f32_conv_backward_data_plan(const esp_conv_shape *shape, esp_conv_options options, esp_conv_plan *plan);
void esp_f32_conv_backward_data_pack(const esp_conv_plan *plan, const float *filter, float *packed, ptrdiff_t part,
                                     ptrdiff_t parts);
/* Computes units unit_begin ..< unit_end of dx. `residual`, if not null, is as dx (or dx itself) and is added. */
void esp_f32_conv_backward_data_run(const esp_conv_plan *plan, const float *dy, const float *packed, float *dx,
                                    ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch, const float *residual);

/* ---- dfilter, the gradient with respect to the filter ---- */
void esp_f32_conv_backward_filter_plan(const esp_conv_shape *shape, esp_conv_options options, esp_conv_plan *plan);
/* Computes the share of virtual worker 0 ≤ worker < plan.workers and stores it in
   partials[worker · plan.partial_floats ...] (64-byte aligned), which needs no initial value; or, if plan.stores, stores
   its part of dfilter, which `partials` then is. */
void esp_f32_conv_backward_filter_run(const esp_conv_plan *plan, const float *x, const float *dy, float *partials,
                                      ptrdiff_t worker, void *scratch);
/* Sums the workers' shares, always in the same order, into part `part` of `parts` of dfilter; not if plan.stores. */
void esp_f32_conv_backward_filter_reduce(const esp_conv_plan *plan, const float *partials, float *dfilter,
                                         ptrdiff_t part, ptrdiff_t parts);

/* ---- pointwise work on the way in and out ----

   A *stage* is a tile program (espalier_pointwise.h) of which a unit runs the elements that it needs: one stage
   computes what the unit reads, another takes over what it computes, while both are in the second-level cache.

   The program of a source stage stores float32 to output number `value`, of the source's shape, which lies in scratch
   memory; that of a result stage loads float32 from input number `value`, of the result's shape. Further outputs are
   ordinary memory. Elements that several units need are computed by each, but stored, and counted in reductions, only
   once. */
typedef struct {
  const esp_pointwise_plan *plan; /* null: no stage */
  const void *const *inputs;      /* input_count addresses; number `value` of a result stage is one more */
  void *const *outputs;           /* output_count addresses; number `value` of a source stage is one more */
  ptrdiff_t input_count, output_count;
  void *partials;                 /* [parts][esp_pointwise_part_size] if the program has reductions, else null */
} esp_conv_stage;

enum { ESP_CONV_STAGE_ADDRESSES = 64 }; /* at most, with one more */

/* Returns whether units are whole rows of images with all channels, as stages need them. */
int esp_f32_conv_takes_stages(const esp_conv_plan *plan);

/* Returns the scratch bytes of a run with these stages, either of which may be null. `keeps` says whether the result is
   stored as it is, too. */
ptrdiff_t esp_f32_conv_staged_scratch(const esp_conv_plan *plan, const esp_conv_stage *source,
                                      const esp_conv_stage *result, int keeps);

/* As …_forward_run and …_backward_data_run; part p of the stages' partials is that of unit p. `source_memory` may be
   null if there is a source stage, `destination` if there is a result stage. The reductions of a source stage need a
   plan whose units are whole images. */
void esp_f32_conv_run_staged(const esp_conv_plan *plan, const float *source_memory, const float *packed,
                             float *destination, ptrdiff_t unit_begin, ptrdiff_t unit_end, void *scratch,
                             const esp_conv_epilogue *epilogue, const esp_conv_stage *source,
                             const esp_conv_stage *result);

/* Both gradients, of a few images at a time: dy, computed by its stage, is read by both. */
typedef struct {
  esp_conv_plan data, filter; /* filter.workers virtual workers share the parts */
  int has_data;               /* 0 if only the filter's gradient is wanted */
  ptrdiff_t group, parts;     /* images per part, parts; 0 parts if the shape is better done image by image */
} esp_conv_backward_plan;

/* The addresses of a run. */
typedef struct {
  const float *x, *dy;        /* null where there is a stage */
  const float *packed;        /* as esp_f32_conv_backward_data_pack leaves it */
  const float *residual;      /* or null: added to dx */
  float *dx;                  /* null if only the result stage sees it */
  float *partials;            /* of the filter's gradient */
  const esp_conv_stage *x_stage, *dy_stage, *dx_stage; /* or null */
} esp_conv_backward_work;

void esp_f32_conv_backward_plan(const esp_conv_shape *shape, esp_conv_options options, int has_data,
                                esp_conv_backward_plan *plan);
ptrdiff_t esp_f32_conv_backward_scratch(const esp_conv_backward_plan *plan, const esp_conv_backward_work *work);
/* Computes the share of a virtual worker; esp_f32_conv_backward_filter_reduce sums them. */
void esp_f32_conv_backward_run(const esp_conv_backward_plan *plan, const esp_conv_backward_work *work,
                               ptrdiff_t worker, void *scratch);

/* ---- double precision: for float64 graphs and as reference. Rows are y's (n, oy), x's (n, h), the filter's (kh, kw,
   c) in order; the call computes rows row_begin ..< row_end ---- */
void esp_f64_conv_forward(const esp_conv_shape *shape, const double *x, const double *filter, double *y,
                          ptrdiff_t row_begin, ptrdiff_t row_end);
void esp_f64_conv_backward_data(const esp_conv_shape *shape, const double *dy, const double *filter, double *dx,
                                ptrdiff_t row_begin, ptrdiff_t row_end);
void esp_f64_conv_backward_filter(const esp_conv_shape *shape, const double *x, const double *dy, double *dfilter,
                                  ptrdiff_t row_begin, ptrdiff_t row_end);

#endif
