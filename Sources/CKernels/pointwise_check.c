#include "pointwise_plan.h"

static const struct {
  const char *name;
  int operands, integer;
} opcodes[ESP_OPCODE_COUNT] = {
#define DESCRIPTION(NAME, name, operands, integer) [ESP_OP_##NAME] = {#name, operands, integer},
  ESP_POINTWISE_OPCODES(DESCRIPTION)
#undef DESCRIPTION
};

static int is_opcode(int opcode) { return opcode >= 0 && opcode < ESP_OPCODE_COUNT; }

static int is_floating(int type) { return type == ESP_F32 || type == ESP_F64; }

static int is_compute_type(int type) { return is_floating(type) || type == ESP_I32 || type == ESP_I64; }

int esp_pointwise_operands(int opcode) { return is_opcode(opcode) ? opcodes[opcode].operands : 0; }

const char *esp_pointwise_name(int opcode) { return is_opcode(opcode) ? opcodes[opcode].name : NULL; }

int esp_pointwise_supports(int type, int opcode) {
  return is_opcode(opcode) && is_compute_type(type) && (opcodes[opcode].integer || is_floating(type));
}

static int check_counts(const esp_pointwise_program *program) {
  struct {
    int count, limit;
    const void *items;
  } lists[] = {
    {program->load_count, ESP_POINTWISE_LOADS, program->loads},
    {program->constant_count, ESP_POINTWISE_CONSTANTS, program->constants},
    {program->instruction_count, ESP_POINTWISE_INSTRUCTIONS, program->instructions},
    {program->store_count, ESP_POINTWISE_STORES, program->stores},
    {program->reduction_count, ESP_POINTWISE_REDUCTIONS, program->reductions},
  };
  for (int i = 0; i < 5; i++) {
    if (lists[i].count < 0 || lists[i].count > lists[i].limit) {
      return ESP_POINTWISE_TOO_LARGE;
    }
    if (lists[i].count > 0 && !lists[i].items) {
      return ESP_POINTWISE_BAD_VALUE;
    }
  }
  return ESP_POINTWISE_OK;
}

static int check_load(const esp_pointwise_load *load, int64_t count) {
  if (esp_dtype_size(load->dtype) == 0) {
    return ESP_POINTWISE_BAD_TYPE;
  }
  int good = load->input >= 0;
  switch (load->kind) {
  case ESP_LOAD_FULL:
  case ESP_LOAD_SCALAR:
    break;
  case ESP_LOAD_CHANNEL:
  case ESP_LOAD_ROW:
    good = good && load->period > 0 && count % load->period == 0;
    break;
  case ESP_LOAD_STRIDED: {
    good = good && load->rank >= 1 && load->rank <= ESP_LOAD_RANK;
    int64_t product = 1;
    for (int i = 0; good && i < load->rank; i++) {
      good = load->extents[i] >= 0 && !__builtin_mul_overflow(product, load->extents[i], &product);
    }
    good = good && product == count;
    break;
  }
  default:
    good = 0;
  }
  return good ? ESP_POINTWISE_OK : ESP_POINTWISE_BAD_LOAD;
}

static int check_instruction(int type, const esp_pointwise_instruction *instruction, int values) {
  if (!esp_pointwise_supports(type, instruction->opcode)) {
    return ESP_POINTWISE_BAD_OPCODE;
  }
  int operands[3] = {instruction->a, instruction->b, instruction->c};
  for (int i = 0; i < opcodes[instruction->opcode].operands; i++) {
    if (operands[i] < 0 || operands[i] >= values) {
      return ESP_POINTWISE_BAD_VALUE;
    }
  }
  return ESP_POINTWISE_OK;
}

static int check_store(const esp_pointwise_store *store, int values) {
  if (esp_dtype_size(store->dtype) == 0) {
    return ESP_POINTWISE_BAD_TYPE;
  }
  if (store->value < 0 || store->value >= values) {
    return ESP_POINTWISE_BAD_VALUE;
  }
  return store->output >= 0 && (store->flags & ~ESP_STORE_STREAM) == 0 ? ESP_POINTWISE_OK : ESP_POINTWISE_BAD_STORE;
}

static int check_reduction(const esp_pointwise_program *program, const esp_pointwise_reduction *reduction, int values) {
  if (reduction->a < 0 || reduction->a >= values
      || (reduction->kind == ESP_REDUCE_DOT && (reduction->b < 0 || reduction->b >= values))) {
    return ESP_POINTWISE_BAD_VALUE;
  }
  int good = reduction->kind >= ESP_REDUCE_SUM && reduction->kind <= ESP_REDUCE_VARIANCE && reduction->output >= 0;
  good = good
         && (reduction->kind != ESP_REDUCE_VARIANCE
             || (reduction->scope == ESP_SCOPE_CHANNEL && is_floating(program->type)));
  good = good && reduction->scope >= ESP_SCOPE_ALL && reduction->scope <= ESP_SCOPE_ROW;
  good = good && (reduction->scope == ESP_SCOPE_ALL || program->row_length > 0);
  good = good && (reduction->dtype == program->type || (reduction->dtype == ESP_F64 && program->type == ESP_F32));
  return good ? ESP_POINTWISE_OK : ESP_POINTWISE_BAD_REDUCTION;
}

int esp_pointwise_check(const esp_pointwise_program *program) {
  if (!is_compute_type(program->type)) {
    return ESP_POINTWISE_BAD_TYPE;
  }
  int problem = check_counts(program);
  if (program->count < 0) {
    return ESP_POINTWISE_BAD_LOAD;
  }
  if (program->row_length < 0 || (program->row_length > 0 && program->count % program->row_length != 0)) {
    return ESP_POINTWISE_BAD_REDUCTION;
  }
  for (int i = 0; !problem && i < program->load_count; i++) {
    problem = check_load(&program->loads[i], program->count);
  }
  int values = program->load_count + program->constant_count;
  for (int i = 0; !problem && i < program->instruction_count; i++) {
    problem = check_instruction(program->type, &program->instructions[i], values + i);
  }
  values += program->instruction_count;
  for (int i = 0; !problem && i < program->store_count; i++) {
    problem = check_store(&program->stores[i], values);
  }
  for (int i = 0; !problem && i < program->reduction_count; i++) {
    problem = check_reduction(program, &program->reductions[i], values);
  }
  return problem;
}
