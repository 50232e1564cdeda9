/* Joining of pairs: what an instruction would write and only its neighbour would read never leaves the registers. */

#include "pointwise_plan.h"

void esp_plan_count_uses(const esp_pointwise_plan *plan, int *uses) {
  for (int i = 0; i < ESP_PLAN_VALUES; i++) {
    uses[i] = 0;
  }
  for (int i = 0; i < plan->instruction_count; i++) {
    const esp_planned_instruction *instruction = &plan->instructions[i];
    int operands[3] = {instruction->a, instruction->b, instruction->c};
    for (int k = 0; instruction->opcode >= 0 && k < esp_pointwise_operands(instruction->opcode); k++) {
      uses[operands[k]]++;
    }
  }
  for (int i = 0; i < plan->store_count; i++) {
    uses[plan->stores[i].value]++;
  }
  for (int i = 0; i < plan->reduction_count; i++) {
    const esp_pointwise_reduction *reduction = &plan->reductions[i].reduction;
    uses[reduction->a]++;
    uses[reduction->b] += reduction->kind == ESP_REDUCE_DOT;
  }
}

/* Returns the instruction with this result if it has the opcode and nothing else reads it, else null. */
static esp_planned_instruction *sole(esp_pointwise_plan *plan, const int *uses, int value, int opcode) {
  int index = value - plan->load_count - plan->constant_count;
  if (index < 0 || uses[value] != 1 || plan->instructions[index].opcode != opcode) {
    return NULL;
  }
  return &plan->instructions[index];
}

static int is_zero(const esp_pointwise_plan *plan, int value) {
  int index = value - plan->load_count;
  if (index < 0 || index >= plan->constant_count) {
    return 0;
  }
  const esp_pointwise_constant *constant = &plan->constants[index].value;
  return plan->type == ESP_F32 || plan->type == ESP_F64 ? constant->real == 0 : constant->integer == 0;
}

static void replace(esp_planned_instruction *by, esp_planned_instruction *gone, int opcode, int a, int b, int c) {
  by->opcode = opcode;
  by->a = a, by->b = b, by->c = c;
  gone->opcode = -1;
}

/*  %1 = mul(a, b); %2 = add(%1, c)                    →  %2 = mul_add(a, b, c)
    %1 = add(a, b); %2 = relu(%1)                      →  %2 = add_relu(a, b)
    %1 = mul_add(a, b, c); %2 = relu(%1)               →  %2 = mul_add_relu(a, b, c)
    %1 = greater(x, 0); %2 = select(%1, dy, 0)         →  %2 = relu_grad(dy, x)
    No bit changes: see FP_CONTRACT in pointwise_float_operations.h. */
static void join_into(esp_pointwise_plan *plan, const int *uses, esp_planned_instruction *i) {
  esp_planned_instruction *other;
  if (i->opcode == ESP_OP_ADD) {
    if ((other = sole(plan, uses, i->a, ESP_OP_MUL))) {
      replace(i, other, ESP_OP_MUL_ADD, other->a, other->b, i->b);
    } else if ((other = sole(plan, uses, i->b, ESP_OP_MUL))) {
      replace(i, other, ESP_OP_MUL_ADD, other->a, other->b, i->a);
    }
  } else if (i->opcode == ESP_OP_RELU) {
    if ((other = sole(plan, uses, i->a, ESP_OP_ADD))) {
      replace(i, other, ESP_OP_ADD_RELU, other->a, other->b, 0);
    } else if ((other = sole(plan, uses, i->a, ESP_OP_MUL_ADD))) {
      replace(i, other, ESP_OP_MUL_ADD_RELU, other->a, other->b, other->c);
    }
  } else if (i->opcode == ESP_OP_SELECT && is_zero(plan, i->c)) {
    if ((other = sole(plan, uses, i->a, ESP_OP_GREATER)) && is_zero(plan, other->b)) {
      replace(i, other, ESP_OP_RELU_GRAD, i->b, other->a, 0);
    }
  }
}

/* Whether the elements of a tile of this value lie side by side, as reductions read them. */
static int is_side_by_side(const esp_pointwise_plan *plan, int value) {
  return value >= plan->load_count + plan->constant_count
         || (value < plan->load_count && plan->loads[value].load.kind == ESP_LOAD_FULL);
}

/*  %1 = mul(a, b); sum(%1)                            →  dot(a, b) */
static void join_into_sum(esp_pointwise_plan *plan, const int *uses, esp_pointwise_reduction *sum) {
  esp_planned_instruction *product = sole(plan, uses, sum->a, ESP_OP_MUL);
  int is_sum = sum->kind == ESP_REDUCE_SUM && (plan->type == ESP_F32 || plan->type == ESP_F64);
  if (is_sum && product && is_side_by_side(plan, product->a) && is_side_by_side(plan, product->b)) {
    sum->kind = ESP_REDUCE_DOT;
    sum->a = product->a, sum->b = product->b;
    product->opcode = -1;
  }
}

void esp_plan_join(esp_pointwise_plan *plan) {
  int uses[ESP_PLAN_VALUES];
  esp_plan_count_uses(plan, uses);
  for (int i = 0; i < plan->reduction_count; i++) {
    join_into_sum(plan, uses, &plan->reductions[i].reduction);
  }
  for (int i = 0; i < plan->instruction_count; i++) {
    join_into(plan, uses, &plan->instructions[i]);
  }
  for (int i = plan->instruction_count - 1; i >= 0; i--) {
    esp_plan_count_uses(plan, uses);
    if (uses[plan->load_count + plan->constant_count + i] == 0) {
      plan->instructions[i].opcode = -1;
    }
  }
}
