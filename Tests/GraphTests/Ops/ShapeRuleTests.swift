import EspalierGraph
import Testing

/// What is known of shapes and of the values of shapes before anything runs.
@Suite struct ShapeRuleTests {
  @Test func slicesResolveOpenAndNegativeEnds() {
    withGraph(Graph()) {
      let x = placeholder(shape: [6, 5, 4])
      #expect(x[-1].shape == [5, 4])
      #expect(x[.range(1, 3), .every(2)].shape == [2, 3, 4])
      #expect(x[.ellipsis, .newAxis, 1].shape == [6, 5, 1])
      #expect(x[.range(-2, nil, by: -1)].shape == [5, 5, 4])
      #expect(x[.range(4, 1, by: -2), .all, .range(-100, 100)].shape == [2, 5, 4])
      #expect(slice(x, begin: [1, 2, 0], size: [-1, 3, 0]).shape == [5, 3, 0])
      #expect(placeholder(shape: [nil, 4])[.all, .range(1, nil)].shape == [nil, 3])
    }
  }

  @Test func sizesComputedFromShapesAreFollowed() {
    withGraph(Graph()) {
      let x = placeholder(shape: [nil, 8, 6, 3])
      let extents = shape(x)
      let half = floorDiv(extents[.range(1, 3)], constant(2 as Int32))
      let target = concat([extents[.range(0, 1)], half, stack([extents[3] * constant(4 as Int32)])], axis: 0)
      #expect(target.type.value == [nil, 4, 3, 12])
      #expect(reshape(x, to: target).shape == [nil, 4, 3, 12])
      #expect(reduceProd(extents[.range(1, nil)]).type.value == [144])
      #expect(gather(extents, indices: constant([3, 1] as [Int32])).type.value == [3, 8])
      #expect(tile(constant([1, 2] as [Int32]), multiples: [2]).type.value == [1, 2, 1, 2])
      #expect(range(2, 9, by: 3).type.value == [2, 5, 8])
    }
  }

  @Test func partialShapesStayPartial() {
    withGraph(Graph()) {
      let x = placeholder(shape: [nil, 4])
      let y = placeholder(shape: [3, nil])
      #expect(concat([x, y], axis: 0).shape == [nil, 4])
      #expect(stack([x, y], axis: 1).shape == [3, 2, 4])
      #expect(transpose(x).shape == [4, nil])
      #expect(pad(x, paddings: [(0, 1), (2, 3)]).shape == [nil, 9])
      #expect(split(x, sizes: [1, -1], axis: 1).map(\.shape) == [[nil, 1], [nil, 3]])
      #expect(oneHot(cast(x, to: .int32), depth: 7).shape == [nil, 4, 7])
      #expect(argMax(x, axis: 1).shape == [nil])
      #expect(matMul(x, transpose(y)).shape == [nil, 3])
      #expect(squeeze(placeholder(shape: [nil, 1, 2])).shape.rank == nil)
      #expect(squeeze(placeholder(shape: [nil, 1, 2]), axes: [1]).shape == [nil, 2])
    }
  }

  @Test(arguments: Mistake.all)
  fileprivate func mistakesAreToldInTensorFlowsWords(_ mistake: Mistake) {
    let graph = Graph()
    withGraph(graph) { _ = mistake.call(placeholder(shape: [2, 3])) }
    #expect(graph.diagnostics.count == 1)
    #expect(graph.diagnostics.first?.description.contains(mistake.text) == true, "\(graph.diagnostics)")
  }
}

/// A bad call on a tensor of shape `[2, 3]`, and what its error says.
private struct Mistake: Sendable {
  let text: String
  let call: @Sendable (Tensor) -> Tensor

  init(_ text: String, _ call: @escaping @Sendable (Tensor) -> Tensor) {
    self.text = text
    self.call = call
  }

  static let all = [
    Mistake("is not a permutation of the axes") { transpose($0, order: [0, 0]) },
    Mistake("Dimension 1 in both shapes must be equal, but are 3 and 2") { concat([$0, transpose($0)], axis: 0) },
    Mistake("Expected dimension in the range [-2, 2), but got 2") { split($0, count: 1, axis: 2)[0] },
    Mistake("evenly divide") { split($0, count: 2, axis: 1)[0] },
    Mistake("slice index 5 of dimension 0 out of bounds.") { $0[5] },
    Mistake("Expected size[1] in [0, 2], but got 9") { slice($0, begin: [0, 1], size: [1, 9]) },
    Mistake("Can not squeeze dim[0], expected a dimension of 1, got 2") { squeeze($0, axes: [0]) },
    Mistake("Paddings must be non-negative") { pad($0, paddings: [(0, -1), (0, 0)]) },
    Mistake("Dimensions must be equal, but are 3 and 2") { matMul($0, $0) },
    Mistake("Value passed to parameter 'x' has DataType int32") { sqrt(cast($0, to: .int32)) },
    Mistake("Cannot infer argument `num`") { _ in unstack(placeholder(shape: [nil]))[0] },
  ]
}
