import CKernels
import EspalierGraph

/// Pointwise operations, and reductions of their results, that are done in one pass over memory.
///
/// A straight line of instructions over loaded elements: see `espalier_pointwise.h`. All loads are broadcast to
/// `extents`; every store writes as many elements.
package struct Cluster: NonDifferentiable {
  package static let tfName = "Fused"

  /// A value in the cluster.
  package enum Operand: Hashable, Sendable {
    case load(Int)
    case constant(Int)
    case result(Int)
  }

  /// The elements of an input.
  package struct Load: Hashable, Sendable {
    package var input: Int
    package var dataType: DataType
    /// What is broadcast to the extents of the cluster.
    package var shape: [Int]
  }

  /// A number that stands for itself.
  package struct Number: Hashable, Sendable {
    package var real: Double
    package var integer: Int64
  }

  package struct Instruction: Hashable, Sendable {
    /// One of `ESP_OP_…`.
    package var opcode: Int32
    package var operands: [Operand]
  }

  package struct Store: Hashable, Sendable {
    package var value: Operand
    package var output: Int
    /// Whether to write past the caches.
    package var isStreamed = false
  }

  /// What part of the elements, seen as rows, a reduction takes together.
  package enum Scope: Hashable, Sendable {
    case all, rows, eachRow
  }

  package struct Sum: Hashable, Sendable {
    package var kind: ReductionKind
    package var scope: Scope
    package var value: Operand
    package var output: Int
    /// What the result is multiplied by: 1/n for a mean.
    package var scale: Double
  }

  /// The type that everything is computed in: float32, float64, int32 or int64.
  package var type: DataType
  package var extents: [Int]
  package var loads: [Load] = []
  package var constants: [Number] = []
  package var instructions: [Instruction] = []
  package var stores: [Store] = []
  package var sums: [Sum] = []
  /// The length of the rows that reductions see; 0 if there are none, or only of everything.
  package var rowLength = 0
  package var outputs: [TensorType] = []
  /// Outputs that are written to a variable: the inputs by which its old value comes.
  package var assigned: [Program.Write] = []

  package init(type: DataType, extents: [Int]) {
    self.type = type
    self.extents = extents
  }

  package var effect: Effect { assigned.isEmpty ? .none : .writes(inputs: assigned.map(\.input)) }

  package func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { outputs }

  /// The number of elements.
  package var count: Int { extents.reduce(1, *) }

  /// Whether the elements of an input are loaded.
  func loads(_ input: Int) -> Bool { loads.contains { $0.input == input } }
}

extension Cluster: CustomStringConvertible {
  /// The formulas of all outputs, `Fused[relu(#0 * #1)]`.
  package var description: String {
    var formulas = stores.map { ($0.output, text($0.value)) }
    for sum in sums { formulas.append((sum.output, "\(sum.kind)(\(text(sum.value)))")) }
    return "Fused[" + formulas.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: "; ") + "]"
  }

  private func text(_ operand: Operand) -> String {
    switch operand {
    case .load(let index): return "#\(loads[index].input)"
    case .constant(let index):
      return type.isFloating ? "\(constants[index].real)" : "\(constants[index].integer)"
    case .result(let index):
      let instruction = instructions[index]
      let name = esp_pointwise_name(instruction.opcode).map { String(cString: $0) } ?? "?"
      return "\(name)(\(instruction.operands.map(text).joined(separator: ", ")))"
    }
  }
}
