#ifndef ESPALIER_POINTWISE_H
#define ESPALIER_POINTWISE_H

/* The tile machine: runs a cluster of pointwise operations, and reductions of their results, in one pass over memory.

   A *program* is a straight line of instructions over values of one compute type T (f32, f64, i32 or i64). Every value
   has a number: the loads come first, then the constants, then the result of each instruction:

       0 ..< loads | loads ..< loads + constants | loads + constants ..< loads + constants + instructions

   An instruction may use any value of a lower number. Stores and reductions name the values they take. For
   y = relu(x · scale + shift), with scale and shift per channel:

       loads        0: x, ESP_LOAD_FULL    1: scale, ESP_LOAD_CHANNEL, C    2: shift, ESP_LOAD_CHANNEL, C
       instructions 3: MUL 0 1             4: ADD 3 2                       5: RELU 4
       stores       value 5 → output 0

   esp_pointwise_prepare checks a program once, joins the commonest pairs into one instruction (here all three become
   one), and writes a self-contained plan. Running a plan allocates nothing and keeps no state; any number of threads
   may run disjoint ranges at once, each with its own scratch.

   Results do not depend on how the elements are split into ranges, nor (but for exp, log and their kin) on the
   instruction set. Joining pairs changes no bit: products are rounded before they are added. */

#include <stddef.h>
#include <stdint.h>

#include "espalier_dtype.h"

/* X(NUMBER_NAME, name, operands, whether it exists for integers). Operands are a, b, c in this order; comparisons,
   logical operations and predicates give 0 or 1 in T, and any value but 0 is true. */
#define ESP_POINTWISE_OPCODES(X)                                                                      \
  X(MOV, mov, 1, 1)                                                                                   \
  X(NEG, neg, 1, 1)                                                                                   \
  X(ABS, abs, 1, 1)                                                                                   \
  X(SIGN, sign, 1, 1) /* a NaN stays a NaN */                                                         \
  X(SQUARE, square, 1, 1)                                                                             \
  X(SQRT, sqrt, 1, 0)                                                                                 \
  X(RSQRT, rsqrt, 1, 0)                                                                               \
  X(RECIPROCAL, reciprocal, 1, 0)                                                                     \
  X(EXP, exp, 1, 0)                                                                                   \
  X(EXPM1, expm1, 1, 0)                                                                               \
  X(LOG, log, 1, 0)                                                                                   \
  X(LOG1P, log1p, 1, 0)                                                                               \
  X(SIN, sin, 1, 0)                                                                                   \
  X(COS, cos, 1, 0)                                                                                   \
  X(TAN, tan, 1, 0)                                                                                   \
  X(ASIN, asin, 1, 0)                                                                                 \
  X(ACOS, acos, 1, 0)                                                                                 \
  X(ATAN, atan, 1, 0)                                                                                 \
  X(SINH, sinh, 1, 0)                                                                                 \
  X(COSH, cosh, 1, 0)                                                                                 \
  X(TANH, tanh, 1, 0)                                                                                 \
  X(ERF, erf, 1, 0)                                                                                   \
  X(ERFC, erfc, 1, 0)                                                                                 \
  X(LGAMMA, lgamma, 1, 0)                                                                             \
  X(SIGMOID, sigmoid, 1, 0)                                                                           \
  X(SOFTPLUS, softplus, 1, 0)                                                                         \
  X(RELU, relu, 1, 1)                                                                                 \
  X(FLOOR, floor, 1, 0)                                                                               \
  X(CEIL, ceil, 1, 0)                                                                                 \
  X(ROUND, round, 1, 0) /* halves to even */                                                          \
  X(TRUNC, trunc, 1, 0)                                                                               \
  X(IS_NAN, is_nan, 1, 0)                                                                             \
  X(IS_FINITE, is_finite, 1, 0)                                                                       \
  X(IS_INF, is_inf, 1, 0)                                                                             \
  X(LOGICAL_NOT, logical_not, 1, 1)                                                                   \
  X(ADD, add, 2, 1) /* integers wrap around */                                                        \
  X(SUB, sub, 2, 1)                                                                                   \
  X(MUL, mul, 2, 1)                                                                                   \
  X(DIV, div, 2, 1) /* integers: towards zero; by zero gives 0, and so do the next three */           \
  X(FLOOR_DIV, floor_div, 2, 1)                                                                       \
  X(FLOOR_MOD, floor_mod, 2, 1) /* the sign of b */                                                   \
  X(TRUNC_MOD, trunc_mod, 2, 1) /* the sign of a */                                                   \
  X(DIV_NO_NAN, div_no_nan, 2, 0) /* 0 where b is 0 */                                                \
  X(POW, pow, 2, 1) /* integers: a negative power of anything but 1 and -1 is 0 */                    \
  X(MAX, max, 2, 1) /* a NaN on either side gives NaN, min too */                                     \
  X(MIN, min, 2, 1)                                                                                   \
  X(SQUARED_DIFFERENCE, squared_difference, 2, 1)                                                     \
  X(ATAN2, atan2, 2, 0)                                                                               \
  X(EQUAL, equal, 2, 1)                                                                               \
  X(NOT_EQUAL, not_equal, 2, 1)                                                                       \
  X(LESS, less, 2, 1)                                                                                 \
  X(LESS_EQUAL, less_equal, 2, 1)                                                                     \
  X(GREATER, greater, 2, 1)                                                                           \
  X(GREATER_EQUAL, greater_equal, 2, 1)                                                               \
  X(LOGICAL_AND, logical_and, 2, 1)                                                                   \
  X(LOGICAL_OR, logical_or, 2, 1)                                                                     \
  X(LOGICAL_XOR, logical_xor, 2, 1)                                                                   \
  X(RELU_GRAD, relu_grad, 2, 1) /* a = dy, b = x or y: b > 0 ? a : 0 */                               \
  X(SIGMOID_GRAD, sigmoid_grad, 2, 0) /* a = dy, b = y: a · b · (1 - b) */                            \
  X(TANH_GRAD, tanh_grad, 2, 0) /* a = dy, b = y: a · (1 - b²) */                                     \
  X(ADD_RELU, add_relu, 2, 1) /* max(a + b, 0) */                                                     \
  X(MUL_ADD, mul_add, 3, 1) /* a · b + c */                                                           \
  X(MUL_ADD_RELU, mul_add_relu, 3, 1) /* max(a · b + c, 0) */                                         \
  X(SELECT, select, 3, 1) /* a ? b : c */                                                             \
  X(CLAMP, clamp, 3, 1) /* min(max(a, b), c) */

enum {
#define ESP_OPCODE(NAME, name, operands, integer) ESP_OP_##NAME,
  ESP_POINTWISE_OPCODES(ESP_OPCODE)
#undef ESP_OPCODE
  ESP_OPCODE_COUNT
};

/* How a load takes the element i of a tile out of memory p, whose elements have the load's dtype and are converted to
   T. Conversions are C's, made total: a float goes through int32 (int64 for u32, i64 and u64, and when T is i64), of
   which NaN and what does not fit give the least, and is then cut to the integer at hand. */
enum {
  ESP_LOAD_FULL = 0,    /* p[i] */
  ESP_LOAD_SCALAR = 1,  /* p[0] */
  ESP_LOAD_CHANNEL = 2, /* p[i mod period]: a trailing vector, as a bias of length C or [H, W, C] of [N, H, W, C] */
  ESP_LOAD_ROW = 3,     /* p[i / period]: one value for each row of that length, as [N, 1] of [N, C] */
  ESP_LOAD_STRIDED = 4  /* p[Σ coordinate · stride] for i counted through extents, last fastest; stride 0 broadcasts */
};

enum { ESP_LOAD_RANK = 6 };

typedef struct {
  int32_t input; /* index into `inputs` of the run */
  int32_t dtype;
  int32_t kind;
  int32_t rank;                   /* STRIDED: 1 … ESP_LOAD_RANK */
  int64_t period;                 /* CHANNEL, ROW */
  int64_t extents[ESP_LOAD_RANK]; /* STRIDED: their product is the program's count */
  int64_t strides[ESP_LOAD_RANK]; /* STRIDED: in elements */
} esp_pointwise_load;

typedef struct {
  double real;     /* the value where T is f32 or f64 */
  int64_t integer; /* the value where T is i32 or i64 */
} esp_pointwise_constant;

typedef struct {
  int32_t opcode;
  int32_t a, b, c; /* values; those beyond the opcode's operands are ignored */
} esp_pointwise_instruction;

enum {
  ESP_STORE_STREAM = 1 /* write past the caches: for what is not read again soon */
};

/* Writes a value to p[i]. Floats become integers by truncation (see loads), anything becomes bool by != 0. */
typedef struct {
  int32_t value;
  int32_t output; /* index into `outputs` of the run */
  int32_t dtype;
  int32_t flags;
} esp_pointwise_store;

enum {
  ESP_REDUCE_SUM = 0,
  ESP_REDUCE_MAX = 1, /* NaN if there is any, min too */
  ESP_REDUCE_MIN = 2,
  ESP_REDUCE_PROD = 3,
  ESP_REDUCE_DOT = 4,     /* Σ a · b */
  ESP_REDUCE_VARIANCE = 5 /* of floats, scope CHANNEL only: the mean of (a - the mean of a)² */
};

/* What a reduction leaves over, of count elements seen as [rows, row_length]. */
enum {
  ESP_SCOPE_ALL = 0,     /* []: everything is reduced */
  ESP_SCOPE_CHANNEL = 1, /* [row_length]: the rows are reduced */
  ESP_SCOPE_ROW = 2      /* [rows]: each row is reduced */
};

/* Sums and products of f32 are accumulated in blocks, blocks in f64; i32 in i64, which wraps to the same bits.
   A variance is taken about the first row of each part of the work, and parts are joined by the formula of Chan, Golub
   and LeVeque ("Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979): digits do not cancel
   where the mean is far larger than the deviation. A sum of the same values costs nothing beside it. */
typedef struct {
  int32_t kind;
  int32_t scope;
  int32_t a, b; /* values; b only for ESP_REDUCE_DOT */
  int32_t output;
  int32_t dtype; /* T, or f64 where T is f32 */
  double scale;  /* floats: the result is multiplied by it; 1, or 1/n for a mean */
} esp_pointwise_reduction;

enum {
  ESP_POINTWISE_LOADS = 32,
  ESP_POINTWISE_CONSTANTS = 32,
  ESP_POINTWISE_INSTRUCTIONS = 96,
  ESP_POINTWISE_STORES = 16,
  ESP_POINTWISE_REDUCTIONS = 16
};

typedef struct {
  int32_t type; /* T: ESP_F32, ESP_F64, ESP_I32 or ESP_I64 */
  int32_t load_count, constant_count, instruction_count, store_count, reduction_count;
  const esp_pointwise_load *loads;
  const esp_pointwise_constant *constants;
  const esp_pointwise_instruction *instructions;
  const esp_pointwise_store *stores;
  const esp_pointwise_reduction *reductions;
  int64_t count;      /* elements of every full operand */
  int64_t row_length; /* for reductions with scope CHANNEL or ROW, a divisor of count; else 0 */
} esp_pointwise_program;

/* A prepared program, in memory of the caller's: plain bytes, copied freely, with no pointer into the program. */
typedef struct esp_pointwise_plan esp_pointwise_plan;

/* What is wrong with a program; 0 is nothing. */
enum {
  ESP_POINTWISE_OK = 0,
  ESP_POINTWISE_BAD_TYPE = 1,       /* T or a dtype */
  ESP_POINTWISE_TOO_LARGE = 2,      /* more loads, constants… than a plan holds */
  ESP_POINTWISE_BAD_OPCODE = 3,     /* unknown, or not for T */
  ESP_POINTWISE_BAD_VALUE = 4,      /* a value that is not there, or not yet */
  ESP_POINTWISE_BAD_LOAD = 5,       /* kind, rank, period or extents do not fit count */
  ESP_POINTWISE_BAD_STORE = 6,      /* output or flags */
  ESP_POINTWISE_BAD_REDUCTION = 7   /* kind, scope, dtype, or row_length */
};

/* Returns the number of operands of an opcode, or 0 if there is no such opcode. */
int esp_pointwise_operands(int opcode);

/* Returns whether an opcode exists for the compute type `type`. */
int esp_pointwise_supports(int type, int opcode);

/* Returns the lower-case name of an opcode, or NULL if there is none. */
const char *esp_pointwise_name(int opcode);

/* Returns what is wrong with `program`, or ESP_POINTWISE_OK. */
int esp_pointwise_check(const esp_pointwise_program *program);

/* Returns the bytes of a plan, to be allocated 8-byte aligned. */
size_t esp_pointwise_plan_size(void);

/* Checks `program` and writes its plan, for the instruction set in use; returns what esp_pointwise_check does. */
int esp_pointwise_prepare(const esp_pointwise_program *program, esp_pointwise_plan *plan);

/* Makes a plan run at a level of espalier_isa.h, lowered to what the processor has. */
void esp_pointwise_use_isa(esp_pointwise_plan *plan, int level);

/* Describes an operand of any rank ≤ 32 by the simplest kind of load: fills kind, rank, period, extents and strides of
   `load` from the shape of the cluster and the operand's strides over it (in elements; 0 where it is broadcast).
   Returns 1, or 0 if more than ESP_LOAD_RANK dimensions remain after joining. */
int esp_pointwise_classify(int rank, const int64_t *extents, const int64_t *strides, esp_pointwise_load *load);

/* Returns the bytes of scratch that one thread needs to run the plan; any alignment will do. */
size_t esp_pointwise_scratch_size(const esp_pointwise_plan *plan);

/* Runs elements [begin, end) of a plan without reductions. inputs[k] and outputs[k] point to element 0.

   An output may lie over an input only if both have the same address and element size and every load of that input is
   FULL; all other overlap is forbidden. */
void esp_pointwise_run(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs, long begin,
                       long end, void *scratch);

/* Returns the number of chunks that the work of a plan is cut into: a function of count and row_length alone. */
long esp_pointwise_chunk_count(const esp_pointwise_plan *plan);

/* Returns the bytes of partial results of all chunks; 0 if nothing needs combining. 8-byte aligned, need not be
   cleared. */
size_t esp_pointwise_partials_size(const esp_pointwise_plan *plan);

/* Runs chunks [first, last). Row reductions are written to their outputs, the others to each chunk's own partial. */
void esp_pointwise_run_chunks(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs,
                              void *partials, long first, long last, void *scratch);

/* Writes the outputs of all reductions of scope ALL and CHANNEL from the partials of all chunks, in a fixed order;
   overwrites the partials. */
void esp_pointwise_combine(const esp_pointwise_plan *plan, void *partials, void *const *outputs);

/* Whoever cuts the work into parts of its own, whole rows each, gives every part a partial of this many bytes, */
size_t esp_pointwise_part_size(const esp_pointwise_plan *plan);
/* runs the elements [begin, end) of each part once (`partial` may be null if there are no reductions), */
void esp_pointwise_run_part(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs,
                            void *partial, long begin, long end, void *scratch);
/* and joins them in the order in which they lie. Parts that had no elements must have been run all the same. */
void esp_pointwise_combine_parts(const esp_pointwise_plan *plan, void *partials, long parts, void *const *outputs);

#endif
