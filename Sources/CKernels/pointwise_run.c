/* Running a plan: tile after tile, instruction after instruction. */

#include <string.h>

#include "pointwise_run.h"

const esp_tile_functions *esp_tile_functions_of(int type, int level) {
  switch (type) {
  case ESP_F32:
    return esp_tile_functions_f32[level];
  case ESP_F64:
    return esp_tile_functions_f64[level];
  case ESP_I32:
    return esp_tile_functions_i32[level];
  default:
    return esp_tile_functions_i64[level];
  }
}

/* A result may be computed into its output unless that is an input which something reads later. */
static int can_be_direct(const esp_run *run, int index) {
  const esp_pointwise_plan *plan = run->plan;
  const esp_planned_instruction *instruction = &plan->instructions[index];
  if (instruction->store < 0) {
    return 0;
  }
  const void *output = run->outputs[plan->stores[instruction->store].output];
  for (int i = 0; i < plan->load_count; i++) {
    const esp_planned_load *load = &plan->loads[i];
    if (load->place == ESP_PLACE_MEMORY && load->last_use > index && run->inputs[load->load.input] == output) {
      return 0;
    }
  }
  return 1;
}

/* Points every operand that stays where it is, and fills blocks and patterns, for tiles from `begin` on. */
static void set_up(esp_run *run, int64_t begin) {
  const esp_pointwise_plan *plan = run->plan;
  run->block = ESP_BLOCK_BYTES / plan->element_size;
  for (int i = 0; i < plan->load_count; i++) {
    const esp_planned_load *load = &plan->loads[i];
    char *scratch = run->scratch + load->offset;
    run->operands[i] = (esp_run_operand){scratch, load->place == ESP_PLACE_BLOCK ? 0 : run->block};
    if (load->last_use < 0) {
      continue;
    }
    if (load->place == ESP_PLACE_PATTERN) {
      esp_run_load_repeating(run, &load->load, scratch, 0, (long)load->load.period + plan->tile);
    } else if (load->place == ESP_PLACE_BLOCK && load->load.kind == ESP_LOAD_CHANNEL) {
      esp_run_load_repeating(run, &load->load, scratch, begin, run->block);
    } else if (load->place == ESP_PLACE_BLOCK) {
      run->functions->load[load->load.dtype](scratch, run->inputs[load->load.input], 0, run->block);
    }
  }
  for (int i = 0; i < plan->constant_count; i++) {
    run->operands[plan->load_count + i] = (esp_run_operand){run->scratch + plan->constants[i].offset, 0};
    run->functions->fill(run->scratch + plan->constants[i].offset, &plan->constants[i].value, run->block);
  }
  esp_run_operand *results = run->operands + plan->load_count + plan->constant_count;
  for (int i = 0; i < plan->instruction_count; i++) {
    results[i] = (esp_run_operand){run->scratch + plan->instructions[i].offset, run->block};
    run->direct[i] = plan->instructions[i].opcode >= 0 && can_be_direct(run, i);
  }
}

static void place_loads(esp_run *run, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  for (int i = 0; i < plan->load_count; i++) {
    const esp_planned_load *load = &plan->loads[i];
    if (load->last_use < 0) {
      continue;
    }
    if (load->place == ESP_PLACE_MEMORY) {
      const char *memory = run->inputs[load->load.input];
      run->operands[i].pointer = (char *)(uintptr_t)memory + index * plan->element_size;
    } else if (load->place == ESP_PLACE_PATTERN) {
      run->operands[i].pointer = run->scratch + load->offset + index % load->load.period * plan->element_size;
    } else if (load->place == ESP_PLACE_SLOT) {
      esp_run_fill_slot(run, i, index, count);
    }
  }
}

static void execute(esp_run *run, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  esp_run_operand *results = run->operands + plan->load_count + plan->constant_count;
  for (int i = 0; i < plan->instruction_count; i++) {
    const esp_planned_instruction *instruction = &plan->instructions[i];
    if (instruction->opcode < 0) {
      continue;
    }
    if (run->direct[i]) {
      char *output = run->outputs[plan->stores[instruction->store].output];
      results[i].pointer = output + index * plan->element_size;
    }
    /* Operands that the opcode does not have are set to one that it has: loads of them are harmless. */
    int operands = esp_pointwise_operands(instruction->opcode);
    const esp_run_operand *a = &run->operands[instruction->a];
    const esp_run_operand *b = operands > 1 ? &run->operands[instruction->b] : a;
    const esp_run_operand *c = operands > 2 ? &run->operands[instruction->c] : a;
    esp_tile_operands tile = {results[i].pointer, a->pointer, b->pointer, c->pointer, a->step, b->step, c->step, count};
    run->functions->operations[instruction->opcode](&tile);
  }
}

static void store_results(esp_run *run, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  for (int i = 0; i < plan->store_count; i++) {
    const esp_pointwise_store *store = &plan->stores[i];
    int result = store->value - plan->load_count - plan->constant_count;
    if (result >= 0 && run->direct[result] && plan->instructions[result].store == i) {
      continue;
    }
    char *to = (char *)run->outputs[store->output] + index * esp_dtype_size(store->dtype);
    const char *from = run->operands[store->value].pointer;
    if (store->dtype == plan->type && (store->flags & ESP_STORE_STREAM)) {
      run->functions->stream(to, from, count);
    } else {
      run->functions->store[store->dtype](to, from, count);
    }
  }
}

static void reduce_rows(esp_run *run, int number, const char *a, const char *b, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  const esp_pointwise_reduction *reduction = &plan->reductions[number].reduction;
  int64_t row = index / plan->row_length;
  if (plan->row_length <= plan->tile) {
    long bytes = (long)plan->row_length * plan->element_size;
    for (long i = 0; i < count; i += (long)plan->row_length, row++, a += bytes, b += bytes) {
      esp_accumulator accumulator = esp_reduction_identity(plan->type, reduction->kind);
      run->functions->accumulate[reduction->kind](a, b, (long)plan->row_length, &accumulator);
      esp_reduction_write(plan->type, reduction, run->outputs[reduction->output], row, accumulator);
    }
    return;
  }
  int64_t column = index % plan->row_length;
  esp_accumulator *accumulator = &run->row_accumulators[number];
  if (column == 0) {
    *accumulator = esp_reduction_identity(plan->type, reduction->kind);
  }
  run->functions->accumulate[reduction->kind](a, b, count, accumulator);
  if (column + count == plan->row_length) {
    esp_reduction_write(plan->type, reduction, run->outputs[reduction->output], row, *accumulator);
  }
}

/* Returns the width over which a pair of sums is to be taken together (see esp_tile_functions), or 0 for one by one. */
static long pair_width(const esp_run *run, long count) {
  const esp_pointwise_plan *plan = run->plan;
  long width = esp_side_by_side((long)plan->row_length, run->block, ESP_TILE_BYTES / plan->element_size);
  width = width > 0 ? width : plan->row_length < count ? (long)plan->row_length : count;
  return plan->isa == ESP_ISA_AVX512 && width % run->block == 0 && count % width == 0 ? width : 0;
}

/* The first row of a part is what its variances subtract. */
static void reduce_deviations(esp_run *run, const esp_planned_reduction *planned, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  const char *a = run->operands[planned->reduction.a].pointer;
  char *shift = run->scratch + planned->shift;
  long row = (long)plan->row_length, column = 0, width = count;
  if (row > plan->tile) {
    column = (long)(index % row);
    shift += column * plan->element_size;
  } else {
    width = esp_side_by_side(row, run->block, ESP_TILE_BYTES / plan->element_size);
    width = width > 0 ? width : row;
  }
  esp_accumulator *shifts = run->partial + planned->partial + 1 + column;
  if (index - run->begin < row) {
    for (long i = 0; i < width; i++) {
      memcpy(shift + i * plan->element_size, a + i % row * plan->element_size, (size_t)plan->element_size);
    }
    for (long i = 0; i < (row < width ? row : width); i++) {
      shifts[i].real = plan->type == ESP_F32 ? ((const float *)shift)[i] : ((const double *)shift)[i];
    }
  }
  run->functions->accumulate_columns_deviations(a, shift, count, row, width, shifts + row, shifts + 2 * row);
}

static void reduce_columns(esp_run *run, const esp_planned_reduction *planned, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  const esp_pointwise_reduction *reduction = &planned->reduction;
  const char *a = run->operands[reduction->a].pointer, *b = run->operands[reduction->b].pointer;
  if (reduction->kind == ESP_REDUCE_VARIANCE) {
    reduce_deviations(run, planned, index, count);
    return;
  }
  if (planned->variance >= 0) {
    return;
  }
  long row = (long)plan->row_length, column = row > plan->tile ? (long)(index % row) : 0;
  long width = pair_width(run, count);
  esp_accumulator *partial = run->partial + planned->partial + column;
  if (planned->dot >= 0 && width > 0) {
    const esp_planned_reduction *dot = &plan->reductions[planned->dot];
    b = run->operands[dot->reduction.b].pointer;
    esp_accumulator *dots = run->partial + dot->partial + column;
    run->functions->accumulate_columns_sum_dot(a, b, count, row, width, partial, dots);
  } else if (planned->sum < 0 || width == 0) {
    run->functions->accumulate_columns[reduction->kind](a, b, count, row, partial);
  }
}

static void reduce(esp_run *run, int64_t index, long count) {
  const esp_pointwise_plan *plan = run->plan;
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_pointwise_reduction *reduction = &plan->reductions[i].reduction;
    const char *a = run->operands[reduction->a].pointer, *b = run->operands[reduction->b].pointer;
    esp_accumulator *partial = run->partial + plan->reductions[i].partial;
    if (reduction->scope == ESP_SCOPE_ROW) {
      reduce_rows(run, i, a, b, index, count);
    } else if (reduction->scope == ESP_SCOPE_ALL) {
      run->functions->accumulate[reduction->kind](a, b, count, partial);
    } else {
      reduce_columns(run, &plan->reductions[i], index, count);
    }
  }
}

/* Streamed stores are weakly ordered: another thread may see them only after a fence of their own. */
static void order_streamed_stores(void) {
#if ESP_ISA_X86
  __builtin_ia32_sfence();
#else
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static void run_range(esp_run *run, int64_t begin, int64_t end) {
  const esp_pointwise_plan *plan = run->plan;
  run->begin = begin;
  set_up(run, begin);
  int64_t row = plan->row_length > plan->tile ? plan->row_length : 0;
  for (int64_t index = begin, n; index < end; index += n) {
    int64_t left = row > 0 ? row - index % row : end - index;
    n = left < plan->tile ? left : plan->tile;
    place_loads(run, index, (long)n);
    execute(run, index, (long)n);
    reduce(run, index, (long)n);
    store_results(run, index, (long)n);
  }
  for (int i = 0; i < plan->store_count; i++) {
    if (plan->stores[i].flags & ESP_STORE_STREAM) {
      order_streamed_stores();
      break;
    }
  }
}

/* Slots are written while inputs are read: a write that is shortly followed by a read of the same address modulo 4 KB
   holds the read up. So slots begin a good half of 4 KB after the first input. */
static uintptr_t place_scratch(const esp_pointwise_plan *plan, const void *const *inputs, void *scratch) {
  uintptr_t base = ((uintptr_t)scratch + 63) & ~(uintptr_t)63;
  for (int i = 0; i < plan->load_count; i++) {
    if (plan->loads[i].place == ESP_PLACE_MEMORY && plan->loads[i].last_use >= 0) {
      uintptr_t wanted = (uintptr_t)inputs[plan->loads[i].load.input] + 2560;
      return base + ((wanted - base) % 4096 & ~(uintptr_t)63);
    }
  }
  return base;
}

static esp_run start(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs, void *scratch) {
  return (esp_run){.plan = plan,
               .functions = esp_tile_functions_of(plan->type, plan->isa),
               .inputs = inputs,
               .outputs = outputs,
               .scratch = (char *)place_scratch(plan, inputs, scratch)};
}

void esp_pointwise_run(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs, long begin,
                       long end, void *scratch) {
  if (begin < end) {
    esp_run run = start(plan, inputs, outputs, scratch);
    run_range(&run, begin, end);
  }
}

void esp_pointwise_run_chunks(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs,
                              void *partials, long first, long last, void *scratch) {
  esp_run run = start(plan, inputs, outputs, scratch);
  for (long chunk = first; chunk < last; chunk++) {
    run.partial = (esp_accumulator *)partials + chunk * plan->partial_count;
    int64_t begin = chunk * plan->chunk, end = begin + plan->chunk;
    end = end < plan->count ? end : plan->count;
    esp_reduction_clear(plan, run.partial, end - begin);
    run_range(&run, begin, end);
  }
}

void esp_pointwise_run_part(const esp_pointwise_plan *plan, const void *const *inputs, void *const *outputs,
                            void *partial, long begin, long end, void *scratch) {
  esp_run run = start(plan, inputs, outputs, scratch);
  run.partial = partial;
  if (partial) {
    esp_reduction_clear(plan, partial, end - begin);
  }
  if (begin < end) {
    run_range(&run, begin, end);
  }
}
