import EspalierFormats
import EspalierGraph

/// Returns the outputs of a case by name, in the current graph.
package typealias Builder = @Sendable (Operands) throws -> [String: Tensor]

/// What an expression is made from: tensors by name, and arguments that are not tensors.
package struct Operands {
  /// The inputs as placeholders.
  package let tensors: [String: Tensor]
  /// The values of the inputs, for those that must be known when the graph is built.
  package let values: [String: HostTensor]
  /// The other arguments.
  package let attributes: JSONValue

  /// Returns the input with this name.
  package func tensor(_ name: String) throws(ConformanceError) -> Tensor {
    guard let tensor = tensors[name] else { throw ConformanceError("there is no input \(name)") }
    return tensor
  }

  /// Returns an argument that is an integer.
  package func int(_ name: String) throws(ConformanceError) -> Int { try required(attributes[name]?.int, name) }

  /// Returns an argument that is a list of integers.
  package func ints(_ name: String) throws(ConformanceError) -> [Int] {
    guard attributes[name]?.elements?.isEmpty != true else { return [] }
    return try required(attributes[name]?.ints, name)
  }

  /// Returns an argument that is a number.
  package func double(_ name: String) throws(ConformanceError) -> Double {
    try required(attributes[name]?.double, name)
  }

  /// Returns an argument that is true or false.
  package func bool(_ name: String) throws(ConformanceError) -> Bool { try required(attributes[name]?.bool, name) }

  /// Returns an argument that is a word.
  package func string(_ name: String) throws(ConformanceError) -> String {
    try required(attributes[name]?.text, name)
  }

  private func required<Value>(_ value: Value?, _ name: String) throws(ConformanceError) -> Value {
    guard let value else { throw ConformanceError("argument \(name) is missing, or not what it should be") }
    return value
  }
}
