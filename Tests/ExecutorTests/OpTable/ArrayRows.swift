import EspalierGraph

extension OperationTable {
  static let joins: [OperationRow] = [
    row("ConcatV2", .real(2, 3, 4), .real(2, 5, 4)) { concat([$0, $1], axis: 1) },
    row("ConcatV2 of three", .real(2, 3), .real(4, 3)) { concat([$0, $1, $0], axis: -2) },
    row("Pack", .real(2, 3), .real(2, 3)) { stack([$0, $1], axis: 1) },
    OperationRow("Split", [.real(2, 6, 5)]) { split($0[0], count: 3, axis: 1) },
    OperationRow("SplitV", [.real(2, 6, 5)]) { split($0[0], sizes: [1, -1, 2], axis: 1) },
    OperationRow("Unpack", [.real(2, 3, 5)]) { unstack($0[0], count: 3, axis: 1) },
    OperationRow("IdentityN", [.real(2, 3), .real(4)]) { identityN($0) },
    // One part only: zeros stand for the gradients of the others.
    row("part of a Split", .real(2, 6)) { split($0, count: 2, axis: 1)[1] },
    row("part of an Unpack", .real(2, 3)) { unstack($0, count: 2, axis: 0)[1] },
  ]

  static let slices: [OperationRow] = [
    row("Slice", .real(4, 5, 3)) { slice($0, begin: [1, 0, 2], size: [2, -1, 1]) },
    row("StridedSlice", .real(6, 5, 4)) { $0[.range(4, 0, by: -2), .newAxis, .ellipsis, 1] },
    row("StridedSlice from the end", .real(6, 5)) { $0[.range(-3, nil), .every(-1)] },
    row("Pad", .real(2, 3)) { pad($0, paddings: [(1, 0), (2, 3)]) },
    row("PadV2", .real(2, 3)) { pad($0, paddings: [(0, 2), (1, 1)], value: 1.5) },
    row("MirrorPad", .real(3, 4)) { mirrorPad($0, paddings: [(2, 1), (3, 0)], mode: .reflect) },
    row("MirrorPad symmetric", .real(3, 4)) { mirrorPad($0, paddings: [(3, 1), (0, 4)], mode: .symmetric) },
  ]

  static let rearrangements: [OperationRow] = [
    row("Transpose", .real(2, 3, 5)) { transpose($0, order: [2, 0, 1]) },
    row("Transpose of all axes", .real(2, 3, 5)) { transpose($0) },
    row("ReverseV2", .real(2, 3, 5)) { reverse($0, axes: [0, 2]) },
    row("Roll", .real(4, 5)) { roll($0, shifts: [1, -2], axes: [0, 1]) },
    row("Tile", .real(2, 3), needs: .ranks) { tile($0, multiples: [3, 2]) },
    row("BroadcastTo", .real(3, 1)) { broadcast($0, to: constant([2, 3, 4] as [Int32])) },
    row("SpaceToDepth", .real(2, 4, 6, 3)) { spaceToDepth($0, blockSize: 2) },
    row("DepthToSpace", .real(2, 3, 5, 8)) { depthToSpace($0, blockSize: 2) },
    row("Reshape", .real(2, 6)) { reshape($0, to: [3, -1]) },
    row("Squeeze", .real(1, 3, 1, 2)) { squeeze($0, axes: [0, -2]) },
    row("Squeeze of all", .real(1, 3, 1, 2)) { squeeze($0) },
    row("ExpandDims", .real(2, 3)) { expandDims($0, axis: -2) },
    row("Transpose by a computed order", .real(2, 3, 5), .exactly([1, 2, 0])) { apply(Transpose(), $0, $1) },
    row("InvertPermutation", .exactly([2, 0, 3, 1]), order: 0) { invertPermutation($0) },
  ]

  static let indexing: [OperationRow] = [
    row("GatherV2", .real(5, 3), .integers(4, 2, in: 0..<5)) { gather($0, indices: $1) },
    row("GatherV2 along an axis", .real(2, 5, 3), .integers(4, in: 0..<5, type: .int64)) {
      gather($0, indices: $1, axis: 1)
    },
    row("GatherV2 in batches", .real(2, 5, 3), .integers(2, 4, in: 0..<5)) {
      gather($0, indices: $1, axis: 1, batchDims: 1)
    },
    row("GatherNd", .real(4, 5, 3), .integers(6, 2, in: 0..<4)) { gatherNd($0, indices: $1) },
    row("ScatterNd", .real(3, 2), .exactly([4, 1, 4], shape: [3, 1])) {
      scatterNd(indices: $1, updates: $0, shape: [5, 2])
    },
    row("OneHot", .integers(2, 3, in: -1..<5), order: 0) { oneHot($0, depth: 4, onValue: 2, offValue: -1, axis: 1) },
    OperationRow("TopKV2", [.distinct(2, 7)], needs: .ranks) {
      let (values, indices) = topK($0[0], k: 3)
      return [values, indices]
    },
    row("sort", .distinct(5, 3), needs: .ranks) { sort($0, axis: 0) },
    row("argsort", .distinct(5, 3), order: 0, needs: .ranks) { argSort($0, axis: 0, direction: .descending) },
  ]

  static let fills: [OperationRow] = [
    row("ZerosLike", .real(2, 3)) { zeros(like: $0) + $0 },
    row("OnesLike", .real(2, 3)) { ones(like: $0) * $0 },
    row("Fill", .real()) { fill(constant([2, 3] as [Int32]), value: $0) },
    row("Shape", .real(2, 3), order: 0) { shape($0, outType: .int64) },
    row("Size", .real(2, 3), order: 0) { size($0) },
    row("Rank", .real(2, 3), order: 0) { rank($0) },
    row("Range", .integers(in: 2..<5), order: 0) { range(constant(0 as Int32), $0, by: constant(1 as Int32)) },
    row("LinSpace", .real(3)) { linSpace(from: -1, to: 2, count: 3, dataType: $0.dataType) * $0 },
    row("sequence_mask", .integers(3, in: 0..<6), order: 0) { sequenceMask($0, maximumLength: 5) },
    OperationRow("meshgrid", [.real(3), .real(2)], needs: .ranks) { meshgrid($0) },
  ]

  static let dataDependent: [OperationRow] = [
    row("Where", .truth(3, 4), order: 0) { indicesWhere($0) },
    row("boolean_mask", .real(4, 3), .truth(4), needs: .ranks) { booleanMask($0, mask: $1) },
    OperationRow("Unique", [.integers(9, in: 0..<4)], order: 0) {
      let (values, indices) = unique($0[0])
      return [values, indices]
    },
    row("bincount", .integers(9, in: 0..<5), order: 0) { binCount($0) },
    row("SegmentSum", .real(5, 2), .exactly([0, 0, 1, 3, 3])) { segmentSum($0, ids: $1) },
  ]
}
