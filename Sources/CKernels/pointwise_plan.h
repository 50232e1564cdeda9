#ifndef ESP_POINTWISE_PLAN_H
#define ESP_POINTWISE_PLAN_H

#include "espalier_pointwise.h"
#include "isa.h"

/* A tile is what one instruction handles at a time, and a slot the scratch memory that holds one. Slots are an odd
   number of cache lines apart: at multiples of 4 KB their lines would compete for the same few places in the
   first-level cache. */
enum { ESP_TILE_BYTES = 4096, ESP_SLOT_BYTES = ESP_TILE_BYTES + 5 * 64, ESP_BLOCK_BYTES = 256 };

/* The operands of one instruction on one tile. An operand advances by its step (in elements) after each block of 256
   bytes: by a block, or by 0 if its block holds a constant or a short pattern that repeats. */
typedef struct {
  void *d;
  const void *a, *b, *c;
  long step_a, step_b, step_c;
  long count;
} esp_tile_operands;

typedef void (*esp_tile_operation)(const esp_tile_operands *tile);

/* Everything that depends on T and the instruction set. */
typedef struct {
  esp_tile_operation operations[ESP_OPCODE_COUNT];
  /* Converts `count` elements, `stride` elements apart, to T. */
  void (*load[ESP_DTYPE_COUNT])(void *to, const void *from, long stride, long count);
  /* Converts `count` elements of T. */
  void (*store[ESP_DTYPE_COUNT])(void *to, const void *from, long count);
  /* Writes `count` elements of T past the caches. */
  void (*stream)(void *to, const void *from, long count);
  /* Writes values[(phase + i) / period] for each i < count; may write up to 63 bytes more. */
  void (*repeat)(void *to, const void *values, long period, long phase, long count);
  /* Writes a constant `count` times. */
  void (*fill)(void *to, const esp_pointwise_constant *value, long count);
  /* Joins `count` elements into one accumulator, by ESP_REDUCE_. */
  void (*accumulate[5])(const void *a, const void *b, long count, void *accumulator);
  /* Joins rows of `period` elements, or one row's first `count`, into an accumulator for each column. */
  void (*accumulate_columns[5])(const void *a, const void *b, long count, long period, void *accumulators);
  /* Adds Σ (a - shift) and Σ (a - shift)² of each column, where shift[0 ..< width] repeats and width is a number of
     rows, or the first part of one if count is. */
  void (*accumulate_columns_deviations)(const void *a, const void *shift, long count, long period, long width,
                                        void *sums, void *squares);
  /* Sums of a and of a · b, where count is a multiple of width, a multiple of a block that `period` divides. */
  void (*accumulate_columns_sum_dot)(const void *a, const void *b, long count, long period, long width, void *sums,
                                     void *dots);
} esp_tile_functions;

extern const esp_tile_functions *const esp_tile_functions_f32[ESP_ISA_LEVELS];
extern const esp_tile_functions *const esp_tile_functions_f64[ESP_ISA_LEVELS];
extern const esp_tile_functions *const esp_tile_functions_i32[ESP_ISA_LEVELS];
extern const esp_tile_functions *const esp_tile_functions_i64[ESP_ISA_LEVELS];

/* Returns the functions for a compute type at a level. */
const esp_tile_functions *esp_tile_functions_of(int type, int level);

/* Where a load's elements are while a tile runs. */
enum {
  ESP_PLACE_MEMORY,  /* in the input itself */
  ESP_PLACE_BLOCK,   /* in a block of scratch that repeats */
  ESP_PLACE_PATTERN, /* in scratch, as a pattern long enough to start a tile at any phase */
  ESP_PLACE_SLOT     /* in a slot, filled for each tile */
};

typedef struct {
  esp_pointwise_load load;
  int32_t place;
  int32_t offset;   /* of its scratch */
  int32_t last_use; /* the last instruction that reads it; the number of instructions if a store or reduction does */
} esp_planned_load;

typedef struct {
  esp_pointwise_constant value;
  int64_t offset;
} esp_planned_constant;

typedef struct {
  int32_t opcode; /* -1: nothing is left to do */
  int32_t a, b, c;
  int32_t offset; /* of its slot */
  int32_t store;  /* the store that the result may be computed into directly, or -1 */
} esp_planned_instruction;

typedef struct {
  esp_pointwise_reduction reduction;
  int64_t partial; /* offset in a chunk's partials, in accumulators; -1 for rows and what `variance` gives */
  int32_t dot;     /* of a sum of columns: the reduction that dots the same values with others, or -1 */
  int32_t sum;     /* of that reduction: the sum, else -1 */
  int32_t variance; /* of a sum of columns: the variance of the same values, which sums them too, or -1 */
  int64_t shift;    /* of a variance: the scratch that holds what is subtracted from rows */
} esp_planned_reduction;

struct esp_pointwise_plan {
  int32_t type, element_size, tile, isa;
  int32_t load_count, constant_count, instruction_count, store_count, reduction_count;
  int64_t count, row_length, chunk, scratch_size, partial_count;
  esp_planned_load loads[ESP_POINTWISE_LOADS];
  esp_planned_constant constants[ESP_POINTWISE_CONSTANTS];
  esp_planned_instruction instructions[ESP_POINTWISE_INSTRUCTIONS + ESP_POINTWISE_STORES + ESP_POINTWISE_REDUCTIONS];
  esp_pointwise_store stores[ESP_POINTWISE_STORES];
  esp_planned_reduction reductions[ESP_POINTWISE_REDUCTIONS];
};

/* Joins pairs of instructions into one and drops those whose result nobody reads. */
void esp_plan_join(esp_pointwise_plan *plan);

/* Counts how often each value is read by instructions, stores and reductions. */
void esp_plan_count_uses(const esp_pointwise_plan *plan, int *uses);

enum {
  ESP_PLAN_INSTRUCTIONS = ESP_POINTWISE_INSTRUCTIONS + ESP_POINTWISE_STORES + ESP_POINTWISE_REDUCTIONS,
  ESP_PLAN_VALUES = ESP_POINTWISE_LOADS + ESP_POINTWISE_CONSTANTS + ESP_PLAN_INSTRUCTIONS
};

#endif
