/* The table of everything that the body defined. */

#define FLOAT_ENTRY_1(NAME, name) [ESP_OP_##NAME] = ESP_ISA_NAME(tile_##name),
#define FLOAT_ENTRY_0(NAME, name) OPERATION_OF_FLOATS(NAME, name)
#define TABLE_ENTRY(NAME, name, operands, integer) FLOAT_ENTRY_##integer(NAME, name)

static const esp_tile_functions TABLE = {
  .operations = {ESP_POINTWISE_OPCODES(TABLE_ENTRY)},
  .load =
    {
      [ESP_F32] = ESP_ISA_NAME(load_f32),
      [ESP_F64] = ESP_ISA_NAME(load_f64),
      [ESP_F16] = ESP_ISA_NAME(load_f16),
      [ESP_BF16] = ESP_ISA_NAME(load_bf16),
      [ESP_I8] = ESP_ISA_NAME(load_i8),
      [ESP_U8] = ESP_ISA_NAME(load_u8),
      [ESP_I16] = ESP_ISA_NAME(load_i16),
      [ESP_U16] = ESP_ISA_NAME(load_u16),
      [ESP_I32] = ESP_ISA_NAME(load_i32),
      [ESP_U32] = ESP_ISA_NAME(load_u32),
      [ESP_I64] = ESP_ISA_NAME(load_i64),
      [ESP_U64] = ESP_ISA_NAME(load_u64),
      [ESP_BOOL] = ESP_ISA_NAME(load_bool),
    },
  .store =
    {
      [ESP_F32] = ESP_ISA_NAME(store_f32),
      [ESP_F64] = ESP_ISA_NAME(store_f64),
      [ESP_F16] = ESP_ISA_NAME(store_f16),
      [ESP_BF16] = ESP_ISA_NAME(store_bf16),
      [ESP_I8] = ESP_ISA_NAME(store_i8),
      [ESP_U8] = ESP_ISA_NAME(store_u8),
      [ESP_I16] = ESP_ISA_NAME(store_i16),
      [ESP_U16] = ESP_ISA_NAME(store_u16),
      [ESP_I32] = ESP_ISA_NAME(store_i32),
      [ESP_U32] = ESP_ISA_NAME(store_u32),
      [ESP_I64] = ESP_ISA_NAME(store_i64),
      [ESP_U64] = ESP_ISA_NAME(store_u64),
      [ESP_BOOL] = ESP_ISA_NAME(store_bool),
    },
  .stream = ESP_ISA_NAME(stream),
  .repeat = ESP_ISA_NAME(repeat),
  .fill = ESP_ISA_NAME(fill),
  .accumulate =
    {
      [ESP_REDUCE_SUM] = ESP_ISA_NAME(accumulate_sum),
      [ESP_REDUCE_MAX] = ESP_ISA_NAME(accumulate_max),
      [ESP_REDUCE_MIN] = ESP_ISA_NAME(accumulate_min),
      [ESP_REDUCE_PROD] = ESP_ISA_NAME(accumulate_prod),
      [ESP_REDUCE_DOT] = ESP_ISA_NAME(accumulate_dot),
    },
  .accumulate_columns_deviations = ESP_ISA_NAME(accumulate_columns_deviations),
  .accumulate_columns_sum_dot = ESP_ISA_NAME(accumulate_columns_sum_dot),
  .accumulate_columns =
    {
      [ESP_REDUCE_SUM] = ESP_ISA_NAME(accumulate_columns_sum),
      [ESP_REDUCE_MAX] = ESP_ISA_NAME(accumulate_columns_max),
      [ESP_REDUCE_MIN] = ESP_ISA_NAME(accumulate_columns_min),
      [ESP_REDUCE_PROD] = ESP_ISA_NAME(accumulate_columns_prod),
      [ESP_REDUCE_DOT] = ESP_ISA_NAME(accumulate_columns_dot),
    },
};
