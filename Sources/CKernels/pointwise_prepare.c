/* From a program to a plan: what lies where in scratch, and how the work is cut. */

#include <string.h>

#include "pointwise_accumulators.h"
#include "pointwise_plan.h"
#include "pointwise_results.h"

/* A chunk has at least this many elements, and there are at most so many chunks. */
enum { LEAST_CHUNK = 16384, MOST_CHUNKS = 64 };

static int first_result(const esp_pointwise_plan *plan) { return plan->load_count + plan->constant_count; }

static void copy_program(const esp_pointwise_program *program, esp_pointwise_plan *plan) {
  memset(plan, 0, sizeof *plan);
  plan->type = program->type;
  plan->element_size = (int32_t)esp_dtype_size(program->type);
  plan->isa = esp_isa_level();
  plan->count = program->count;
  plan->row_length = program->reduction_count > 0 ? program->row_length : 0;
  plan->load_count = program->load_count;
  plan->constant_count = program->constant_count;
  plan->instruction_count = program->instruction_count;
  plan->store_count = program->store_count;
  plan->reduction_count = program->reduction_count;
  for (int i = 0; i < program->load_count; i++) {
    plan->loads[i].load = program->loads[i];
    if ((program->loads[i].kind == ESP_LOAD_CHANNEL || program->loads[i].kind == ESP_LOAD_ROW)
        && program->loads[i].period == program->count) {
      int is_row = program->loads[i].kind == ESP_LOAD_ROW;
      plan->loads[i].load.kind = is_row ? ESP_LOAD_SCALAR : ESP_LOAD_FULL;
    }
  }
  for (int i = 0; i < program->constant_count; i++) {
    plan->constants[i].value = program->constants[i];
  }
  for (int i = 0; i < program->instruction_count; i++) {
    const esp_pointwise_instruction *from = &program->instructions[i];
    plan->instructions[i] = (esp_planned_instruction){.opcode = from->opcode, .a = from->a, .b = from->b, .c = from->c};
  }
  for (int i = 0; i < program->store_count; i++) {
    plan->stores[i] = program->stores[i];
  }
  for (int i = 0; i < program->reduction_count; i++) {
    plan->reductions[i].reduction = program->reductions[i];
  }
}

/* Whether the elements of a tile of this value may not lie side by side: constants, and what may get PLACE_BLOCK. */
static int may_repeat(const esp_pointwise_plan *plan, int value) {
  if (value >= plan->load_count) {
    return value < first_result(plan);
  }
  int kind = plan->loads[value].load.kind;
  return kind == ESP_LOAD_SCALAR || kind == ESP_LOAD_CHANNEL;
}

static int copy_of(esp_pointwise_plan *plan, int value) {
  plan->instructions[plan->instruction_count] = (esp_planned_instruction){.opcode = ESP_OP_MOV, .a = value};
  return first_result(plan) + plan->instruction_count++;
}

/* Stores and reductions read tiles that lie side by side. Stores read none that another store may have overwritten:
   only a lone conversion reads an input itself. */
static void insert_copies(esp_pointwise_plan *plan) {
  int alone = plan->store_count == 1 && plan->reduction_count == 0;
  for (int i = 0; i < plan->store_count; i++) {
    esp_pointwise_store *store = &plan->stores[i];
    int is_load = store->value < plan->load_count;
    if (may_repeat(plan, store->value) || (is_load && (!alone || store->dtype == plan->type))) {
      store->value = copy_of(plan, store->value);
    }
  }
  for (int i = 0; i < plan->reduction_count; i++) {
    esp_pointwise_reduction *reduction = &plan->reductions[i].reduction;
    reduction->b = reduction->kind == ESP_REDUCE_DOT ? reduction->b : reduction->a;
    if (may_repeat(plan, reduction->a)) {
      int copy = copy_of(plan, reduction->a);
      reduction->b = reduction->b == reduction->a ? copy : reduction->b;
      reduction->a = copy;
    }
    if (may_repeat(plan, reduction->b)) {
      reduction->b = copy_of(plan, reduction->b);
    }
  }
}

/* A tile is full, unless rows are reduced: then it is a number of whole rows, or rows are cut into tiles one by one. */
static long tile_length(const esp_pointwise_plan *plan) {
  long most = ESP_TILE_BYTES / plan->element_size, row = plan->row_length;
  if (row == 0 || row > most) {
    return most;
  }
  long width = esp_side_by_side(row, ESP_BLOCK_BYTES / plan->element_size, most);
  return width > 0 ? most / width * width : most / row * row;
}

static int64_t chunk_length(const esp_pointwise_plan *plan) {
  int64_t row = plan->row_length, unit = row > plan->tile ? row : plan->tile;
  int64_t least = (plan->count + MOST_CHUNKS - 1) / MOST_CHUNKS;
  least = least < LEAST_CHUNK ? LEAST_CHUNK : least;
  return (least + unit - 1) / unit * unit;
}

/* For each value the last instruction that reads it, instruction_count if that is a store or reduction, -1 if none. */
static void find_last_uses(const esp_pointwise_plan *plan, int *last) {
  for (int i = 0; i < ESP_PLAN_VALUES; i++) {
    last[i] = -1;
  }
  for (int i = 0; i < plan->instruction_count; i++) {
    const esp_planned_instruction *instruction = &plan->instructions[i];
    int operands[3] = {instruction->a, instruction->b, instruction->c};
    for (int k = 0; instruction->opcode >= 0 && k < esp_pointwise_operands(instruction->opcode); k++) {
      last[operands[k]] = i;
    }
  }
  for (int i = 0; i < plan->store_count; i++) {
    last[plan->stores[i].value] = plan->instruction_count;
  }
  for (int i = 0; i < plan->reduction_count; i++) {
    last[plan->reductions[i].reduction.a] = plan->instruction_count;
    last[plan->reductions[i].reduction.b] = plan->instruction_count;
  }
}

/* Scratch that is handed out: slots are reused once nobody reads them any more. */
typedef struct {
  int free[ESP_PLAN_VALUES], free_count, slot_count;
  int64_t end; /* of what follows the slots, relative to them */
} layout;

static int take_slot(layout *layout) {
  return layout->free_count > 0 ? layout->free[--layout->free_count] : layout->slot_count++;
}

static int place_of(const esp_pointwise_plan *plan, const esp_pointwise_load *load) {
  long block = ESP_BLOCK_BYTES / plan->element_size;
  switch (load->kind) {
  case ESP_LOAD_FULL:
    return load->dtype == plan->type ? ESP_PLACE_MEMORY : ESP_PLACE_SLOT;
  case ESP_LOAD_SCALAR:
    return ESP_PLACE_BLOCK;
  case ESP_LOAD_CHANNEL: {
    /* A block serves if the pattern has the same phase at the start of every tile. */
    int steady = plan->tile % load->period == 0 && plan->row_length % load->period == 0;
    if (block % load->period == 0 && steady) {
      return ESP_PLACE_BLOCK;
    }
    return load->period <= ESP_TILE_BYTES / plan->element_size ? ESP_PLACE_PATTERN : ESP_PLACE_SLOT;
  }
  default:
    return ESP_PLACE_SLOT;
  }
}

static int64_t append(layout *layout, int64_t bytes) {
  int64_t offset = layout->end;
  layout->end += (bytes + 63) / 64 * 64;
  return offset;
}

static void place_loads(esp_pointwise_plan *plan, const int *last, layout *layout) {
  for (int i = 0; i < plan->load_count; i++) {
    esp_planned_load *load = &plan->loads[i];
    load->last_use = last[i];
    load->place = place_of(plan, &load->load);
    if (last[i] < 0) {
      continue;
    }
    if (load->place == ESP_PLACE_SLOT) {
      load->offset = take_slot(layout) * ESP_SLOT_BYTES;
    } else if (load->place == ESP_PLACE_BLOCK) {
      load->offset = (int32_t)append(layout, ESP_BLOCK_BYTES);
    } else if (load->place == ESP_PLACE_PATTERN) {
      load->offset = (int32_t)append(layout, (load->load.period + plan->tile) * plan->element_size);
    }
  }
  for (int i = 0; i < plan->constant_count; i++) {
    plan->constants[i].offset = append(layout, ESP_BLOCK_BYTES);
  }
}

/* Gives back the slot of an operand that is read for the last time. */
static void release(const esp_pointwise_plan *plan, int value, layout *layout) {
  if (value < plan->load_count && plan->loads[value].place == ESP_PLACE_SLOT) {
    layout->free[layout->free_count++] = plan->loads[value].offset / ESP_SLOT_BYTES;
  } else if (value >= first_result(plan)) {
    layout->free[layout->free_count++] = plan->instructions[value - first_result(plan)].offset / ESP_SLOT_BYTES;
  }
}

static void place_results(esp_pointwise_plan *plan, const int *last, layout *layout) {
  for (int i = 0; i < plan->instruction_count; i++) {
    esp_planned_instruction *instruction = &plan->instructions[i];
    if (instruction->opcode < 0) {
      continue;
    }
    int operands[3] = {instruction->a, instruction->b, instruction->c};
    int count = esp_pointwise_operands(instruction->opcode);
    for (int k = 0; k < count; k++) {
      int repeated = (k > 0 && operands[k] == operands[0]) || (k > 1 && operands[k] == operands[1]);
      if (last[operands[k]] == i && !repeated) {
        release(plan, operands[k], layout);
      }
    }
    instruction->offset = take_slot(layout) * ESP_SLOT_BYTES;
    instruction->store = -1;
    for (int k = 0; k < plan->store_count && instruction->store < 0; k++) {
      const esp_pointwise_store *store = &plan->stores[k];
      if (store->value == first_result(plan) + i && store->dtype == plan->type && store->flags == 0) {
        instruction->store = k;
      }
    }
  }
}

/* Blocks and patterns come after the slots, whose number is known last. */
static void finish_layout(esp_pointwise_plan *plan, const layout *layout) {
  int64_t slots = (int64_t)layout->slot_count * ESP_SLOT_BYTES;
  for (int i = 0; i < plan->load_count; i++) {
    if (plan->loads[i].place == ESP_PLACE_BLOCK || plan->loads[i].place == ESP_PLACE_PATTERN) {
      plan->loads[i].offset += (int32_t)slots;
    }
  }
  for (int i = 0; i < plan->constant_count; i++) {
    plan->constants[i].offset += slots;
  }
  for (int i = 0; i < plan->reduction_count; i++) {
    plan->reductions[i].shift += slots;
  }
  /* Room to choose where it starts: see place_scratch. */
  plan->scratch_size = slots + layout->end + 64 + 4096;
}

static void place_partials(esp_pointwise_plan *plan) {
  for (int i = 0; i < plan->reduction_count; i++) {
    esp_planned_reduction *reduction = &plan->reductions[i];
    int64_t length = esp_partial_length(plan, reduction);
    reduction->partial = length == 0 ? -1 : plan->partial_count;
    plan->partial_count += length;
  }
}

/* A variance sums its values on the way. */
static void find_variances(esp_pointwise_plan *plan) {
  for (int i = 0; i < plan->reduction_count; i++) {
    esp_planned_reduction *planned = &plan->reductions[i];
    planned->variance = -1;
    for (int k = 0; k < plan->reduction_count && planned->reduction.kind == ESP_REDUCE_SUM; k++) {
      const esp_pointwise_reduction *other = &plan->reductions[k].reduction;
      if (planned->reduction.scope == ESP_SCOPE_CHANNEL && other->kind == ESP_REDUCE_VARIANCE
          && other->a == planned->reduction.a) {
        planned->variance = k;
      }
    }
  }
}

/* What a variance subtracts is a row, or as many as make a tile's width. */
static void place_shifts(esp_pointwise_plan *plan, layout *layout) {
  for (int i = 0; i < plan->reduction_count; i++) {
    if (plan->reductions[i].reduction.kind == ESP_REDUCE_VARIANCE) {
      int64_t length = plan->row_length > plan->tile ? plan->row_length : plan->tile;
      plan->reductions[i].shift = append(layout, length * plan->element_size);
    }
  }
}

/* Statistics of batch normalisation come in pairs: Σ a and Σ a · b. */
static void pair_sums(esp_pointwise_plan *plan) {
  for (int i = 0; i < plan->reduction_count; i++) {
    plan->reductions[i].dot = plan->reductions[i].sum = -1;
  }
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_pointwise_reduction *sum = &plan->reductions[i].reduction;
    for (int k = 0; k < plan->reduction_count && plan->reductions[i].dot < 0; k++) {
      esp_pointwise_reduction *dot = &plan->reductions[k].reduction;
      int match = sum->kind == ESP_REDUCE_SUM && dot->kind == ESP_REDUCE_DOT && plan->reductions[k].sum < 0;
      match = match && plan->reductions[i].variance < 0;
      match = match && sum->scope == ESP_SCOPE_CHANNEL && dot->scope == ESP_SCOPE_CHANNEL;
      if (match && dot->b == sum->a) {
        dot->b = dot->a;
        dot->a = sum->a;
      }
      if (match && dot->a == sum->a) {
        plan->reductions[i].dot = k;
        plan->reductions[k].sum = i;
      }
    }
  }
}

int esp_pointwise_prepare(const esp_pointwise_program *program, esp_pointwise_plan *plan) {
  int problem = esp_pointwise_check(program);
  if (problem) {
    return problem;
  }
  copy_program(program, plan);
  insert_copies(plan);
  esp_plan_join(plan);
  plan->tile = (int32_t)tile_length(plan);
  plan->chunk = chunk_length(plan);
  int last[ESP_PLAN_VALUES];
  find_last_uses(plan, last);
  layout layout = {.free_count = 0};
  place_loads(plan, last, &layout);
  place_results(plan, last, &layout);
  place_shifts(plan, &layout);
  finish_layout(plan, &layout);
  find_variances(plan);
  place_partials(plan);
  pair_sums(plan);
  return ESP_POINTWISE_OK;
}

size_t esp_pointwise_plan_size(void) { return sizeof(esp_pointwise_plan); }

void esp_pointwise_use_isa(esp_pointwise_plan *plan, int level) {
  int best = esp_isa_best();
  plan->isa = level < 0 ? 0 : level > best ? best : level;
}

size_t esp_pointwise_scratch_size(const esp_pointwise_plan *plan) { return (size_t)plan->scratch_size; }

long esp_pointwise_chunk_count(const esp_pointwise_plan *plan) {
  return (long)((plan->count + plan->chunk - 1) / plan->chunk);
}

size_t esp_pointwise_part_size(const esp_pointwise_plan *plan) { return (size_t)plan->partial_count * sizeof(double); }

size_t esp_pointwise_partials_size(const esp_pointwise_plan *plan) {
  return (size_t)esp_pointwise_chunk_count(plan) * esp_pointwise_part_size(plan);
}
