import EspalierGraph

extension AllAxes: ShapeOperation {}
extension BroadcastGradientArgs: ShapeOperation {}
extension Rank: ShapeOperation {}
extension ReducedShape: ShapeOperation {}
extension ShapeOf: ShapeOperation {}
extension Size: ShapeOperation {}

/// An operation on shapes: what it gives follows from the types of its inputs, so that all that is left to do, if it was
/// not folded, is to write it down.
package protocol ShapeOperation: CPUOperation {}

extension ShapeOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    var values: [(numbers: [Int], isLong: Bool)] = []
    for output in outputs {
      guard let numbers = output.knownValue else {
        throw ExecutionError("\(name) of \(inputs) does not follow from types", kind: .unimplemented)
      }
      values.append((numbers, output.dataType == .int64))
    }
    return Kernel(name) { call in
      for (index, (numbers, isLong)) in values.enumerated() {
        for (place, number) in numbers.enumerated() {
          if isLong {
            call.output(index, as: Int64.self)[place] = Int64(number)
          } else {
            call.output(index, as: Int32.self)[place] = Int32(truncatingIfNeeded: number)
          }
        }
      }
    }
  }
}
