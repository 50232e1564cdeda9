import EspalierFormats
import EspalierGraph

/// What goes into a checkpoint: tensors in one piece, and variables in the parts that they are cut into.
package struct CheckpointContents {
  package private(set) var tensors: [String: HostTensor]
  package private(set) var partitioned: [String: PartitionedTensor] = [:]

  /// Returns contents of no variables, with tensors that are none.
  package init(_ tensors: [String: HostTensor] = [:]) { self.tensors = tensors }

  /// Adds a variable in one piece.
  package mutating func add(_ value: HostTensor, as name: String) { tensors[name] = value }

  /// Adds a variable under its own name, or under that of the whole if it is a part.
  package mutating func add(_ value: HostTensor, of variable: Variable) {
    guard let slice = variable.slice else { return add(value, as: variable.name) }
    let part = PartitionedTensor.Part(offset: slice.offsets, value: value)
    partitioned[slice.name, default: PartitionedTensor(shape: slice.shape, parts: [])].parts.append(part)
  }
}

extension VariableSlice {
  /// Where the part begins along each axis.
  package var offsets: [Int] { shape.indices.map { $0 == axis ? offset : 0 } }

  /// Returns the place of a part with these extents as savers spell it, `10 4 0,5:0,4`.
  ///
  /// Source: `tf.Variable.SaveSliceInfo.spec`.
  func specification(of extents: [Int]) -> String {
    let places = zip(offsets, extents).map { "\($0),\($1)" }.joined(separator: ":")
    return shape.map(String.init).joined(separator: " ") + " " + places
  }
}
