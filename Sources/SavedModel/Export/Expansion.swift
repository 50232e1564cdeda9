import EspalierFormats
import EspalierGraph

/// What stands in files for an operation that TensorFlow does not have: several of its own that do the same.
struct Expansion {
  /// Builds the result from the inputs.
  private let build: ([Tensor]) -> Tensor

  /// Returns the expansion of an operation, or nil if it needs none.
  init?(_ operation: any Operation) {
    switch operation {
    case is AllAxes: build = { Self.counted(rank($0[0])) }
    case is ReducedShape: build = { Self.reducedShape($0[0], axes: $0[1]) }
    case is ChannelVariance: build = { Self.variance($0[0], axes: $0[1]) }
    case let gather as GatherGrad: build = { Self.slopes(of: gather, $0) }
    default: return nil
    }
  }

  /// Returns the nodes for `node`: the last one has its name, the others names below it.
  func definitions(for node: Node, stripsDefaults: Bool) -> [NodeDef] {
    let graph = Graph()
    let (inputs, result) = withGraph(graph) {
      let inputs = node.inputs.map { placeholder($0.dataType, shape: $0.shape) }
      return (inputs, build(inputs))
    }
    let outer = Dictionary(uniqueKeysWithValues: zip(inputs.map(\.node), node.inputs.map(GraphDefEncoder.reference)))
    let controls = node.controlInputs.map { "^" + $0.name }
    return graph.nodes.filter { outer[$0] == nil }.map { inner in
      var definition = GraphDefEncoder.definition(of: inner, stripsDefaults: stripsDefaults)
      definition.name = inner == result.node ? node.name : "\(node.name)/\(inner.name)"
      definition.device = node.device
      definition.inputs = inner.inputs.map { input in
        outer[input.node] ?? "\(node.name)/" + GraphDefEncoder.reference(input)
      }
      if inner == result.node { definition.inputs += controls }
      return definition
    }
  }

  private static func counted(from start: Tensor? = nil, _ end: Tensor) -> Tensor {
    range(start ?? constant(Int32(0)), end, by: constant(Int32(1)))
  }

  /// Returns a shape in which some axes, counted from the end if negative, have extent 1.
  private static func reducedShape(_ shape: Tensor, axes: Tensor) -> Tensor {
    let rank = size(shape)
    let axes = floorMod(cast(reshape(axes, to: [-1]), to: .int32), rank)
    let isReduced = reduceAny(equal(expandDims(counted(rank), axis: 1), expandDims(axes, axis: 0)), axes: [1])
    return select(isReduced, ones(like: shape), shape)
  }

  private static func variance(_ x: Tensor, axes: Tensor) -> Tensor {
    apply(Mean(keepDims: false), squaredDifference(x, apply(Mean(keepDims: true), x, axes)), axes)
  }

  /// Returns the gradient of `GatherV2`: sums of the slices of `dy` that come from one place.
  private static func slopes(of operation: GatherGrad, _ inputs: [Tensor]) -> Tensor {
    let (extents, indices, dy) = (cast(inputs[0], to: .int32), inputs[1], inputs[3])
    let batchDims = constant(Int32(truncatingIfNeeded: operation.batchDims))
    let one = constant(Int32(1))
    let axis = floorMod(cast(reshape(inputs[2], to: []), to: .int32), size(extents))
    let indexAxes = rank(indices) - batchDims
    func part(_ start: Tensor, _ end: Tensor) -> Tensor {
      gather(extents, indices: counted(from: start, end))
    }
    let count = gather(extents, indices: axis)
    let batch = part(constant(Int32(0)), batchDims)

    // The places of all members of the batch, numbered through.
    let batchCount = reduceProd(batch)
    let offsets = reshape(
      counted(batchCount) * count, to: concat([batch, fill(reshape(indexAxes, to: [1]), value: one)], axis: 0))
    let places = indices + cast(offsets, to: indices.dataType)

    // The axes of the indices before those that stand before the axis.
    let order = concat(
      [
        counted(batchDims), counted(from: axis, axis + indexAxes), counted(from: batchDims, axis),
        counted(from: axis + indexAxes, rank(dy)),
      ], axis: 0)
    let slices = apply(Transpose(), dy, order)
    let sums = apply(UnsortedSegmentSum(), slices, places, batchCount * count)
    let outerFirst = concat(
      [batch, reshape(count, to: [1]), part(batchDims, axis), part(axis + one, size(extents))], axis: 0)
    let back = concat(
      [
        counted(batchDims), counted(from: batchDims + one, axis + one), reshape(batchDims, to: [1]),
        counted(from: axis + one, size(extents)),
      ], axis: 0)
    return apply(Transpose(), reshape(sums, to: outerFirst), back)
  }
}
