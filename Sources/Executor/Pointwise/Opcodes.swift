import CKernels
import EspalierGraph

extension DataType {
  /// The type in which elements of this type are computed with, or nil if they are no real numbers.
  var computeType: DataType? {
    switch self {
    case .float32, .float16, .bfloat16: .float32
    case .float64: .float64
    case .int8, .uint8, .int16, .uint16, .int32, .bool: .int32
    case .uint32, .int64, .uint64: .int64
    case .string, .complex64, .complex128: nil
    }
  }
}

extension PointwiseOpcode {
  /// Returns the type in which an operation is computed, or nil if there is no such kernel.
  func computeType(_ inputs: [DataType], _ output: DataType) -> DataType? {
    switch self {
    case .cast:
      guard let from = inputs.first else { return nil }
      return from.isFloating && !output.isFloating || output == .bool ? from.computeType : output.computeType
    case .select: return inputs.count == 3 ? inputs[1].computeType : nil
    default: return inputs.first?.computeType
    }
  }

  /// Whether operands and result are truth values, which are 0 or 1 in whatever type the neighbours compute.
  var isLogical: Bool {
    switch self {
    case .logicalNot, .logicalAnd, .logicalOr, .logicalXor: true
    default: false
    }
  }

  /// The instruction of the tile machine that computes this, or nil for what needs none or several.
  var instruction: Int32? {
    switch self {
    case .identity, .cast: nil
    default: Self.instructions[self].map(Int32.init)
    }
  }

  private static let instructions: [PointwiseOpcode: Int] = [
    .neg: ESP_OP_NEG, .abs: ESP_OP_ABS, .sign: ESP_OP_SIGN, .square: ESP_OP_SQUARE, .sqrt: ESP_OP_SQRT,
    .rsqrt: ESP_OP_RSQRT, .reciprocal: ESP_OP_RECIPROCAL, .exp: ESP_OP_EXP, .expm1: ESP_OP_EXPM1, .log: ESP_OP_LOG,
    .log1p: ESP_OP_LOG1P, .sin: ESP_OP_SIN, .cos: ESP_OP_COS, .tan: ESP_OP_TAN, .asin: ESP_OP_ASIN,
    .acos: ESP_OP_ACOS, .atan: ESP_OP_ATAN, .sinh: ESP_OP_SINH, .cosh: ESP_OP_COSH, .tanh: ESP_OP_TANH,
    .erf: ESP_OP_ERF, .erfc: ESP_OP_ERFC, .lgamma: ESP_OP_LGAMMA, .sigmoid: ESP_OP_SIGMOID,
    .softplus: ESP_OP_SOFTPLUS, .relu: ESP_OP_RELU, .floor: ESP_OP_FLOOR, .ceil: ESP_OP_CEIL, .round: ESP_OP_ROUND,
    .isNaN: ESP_OP_IS_NAN, .isFinite: ESP_OP_IS_FINITE, .isInf: ESP_OP_IS_INF, .logicalNot: ESP_OP_LOGICAL_NOT,
    .add: ESP_OP_ADD, .sub: ESP_OP_SUB, .mul: ESP_OP_MUL, .div: ESP_OP_DIV, .floorDiv: ESP_OP_FLOOR_DIV,
    .floorMod: ESP_OP_FLOOR_MOD, .truncateMod: ESP_OP_TRUNC_MOD, .truncateDiv: ESP_OP_DIV,
    .divNoNaN: ESP_OP_DIV_NO_NAN, .pow: ESP_OP_POW, .max: ESP_OP_MAX, .min: ESP_OP_MIN,
    .squaredDifference: ESP_OP_SQUARED_DIFFERENCE, .atan2: ESP_OP_ATAN2, .equal: ESP_OP_EQUAL,
    .notEqual: ESP_OP_NOT_EQUAL, .less: ESP_OP_LESS, .lessEqual: ESP_OP_LESS_EQUAL, .greater: ESP_OP_GREATER,
    .greaterEqual: ESP_OP_GREATER_EQUAL, .logicalAnd: ESP_OP_LOGICAL_AND, .logicalOr: ESP_OP_LOGICAL_OR,
    .logicalXor: ESP_OP_LOGICAL_XOR, .select: ESP_OP_SELECT, .reluGrad: ESP_OP_RELU_GRAD,
  ]
}

extension Cluster {
  /// Adds the instructions of one operation and returns its result.
  ///
  /// - Returns: nil if the tile machine has no such instruction for the cluster's type.
  mutating func append(
    _ opcode: PointwiseOpcode, _ operands: [Operand], _ inputs: [DataType], _ output: DataType
  ) -> Operand? {
    switch opcode {
    case .identity: return operands.first
    case .cast:
      guard let value = operands.first, output == .bool, inputs.first != .bool else { return operands.first }
      return emit(Int32(ESP_OP_NOT_EQUAL), [value, constant(Number(real: 0, integer: 0))])
    case .truncateDiv where type.isFloating: return nil
    default:
      guard let instruction = opcode.instruction, esp_pointwise_supports(type.number, instruction) != 0,
        Int(esp_pointwise_operands(instruction)) == operands.count
      else { return nil }
      return emit(instruction, operands)
    }
  }

  mutating func emit(_ opcode: Int32, _ operands: [Operand]) -> Operand {
    let instruction = Instruction(opcode: opcode, operands: operands)
    if let known = instructions.firstIndex(of: instruction) { return .result(known) }
    instructions.append(instruction)
    return .result(instructions.count - 1)
  }

  /// Returns a number as an operand.
  mutating func constant(_ number: Number) -> Operand {
    if let known = constants.firstIndex(of: number) { return .constant(known) }
    constants.append(number)
    return .constant(constants.count - 1)
  }

  /// Returns an input as an operand.
  mutating func load(_ input: Int, _ type: TensorType) -> Operand {
    let load = Load(input: input, dataType: type.dataType, shape: type.shape.known ?? [])
    if let known = loads.firstIndex(of: load) { return .load(known) }
    loads.append(load)
    return .load(loads.count - 1)
  }

  /// Returns the cluster of a single pointwise operation, or nil if there is none.
  init?(_ operation: any Operation, inputs: [TensorType], outputs: [TensorType]) {
    guard case .pointwise(let opcode) = operation.fusion, let output = outputs.first, outputs.count == 1,
      let shape = output.shape.known,
      let type = opcode.computeType(inputs.map(\.dataType), output.dataType)
    else { return nil }
    self.init(type: type, extents: shape)
    var operands: [Operand] = []
    for (index, input) in inputs.enumerated() { operands.append(load(index, input)) }
    guard let value = append(opcode, operands, inputs.map(\.dataType), output.dataType) else { return nil }
    stores = [Store(value: value, output: 0)]
    self.outputs = outputs
  }
}

extension DataType {
  /// The number of the type in C.
  var number: Int32 { Int32(rawValue) }
}
