import EspalierGradients
import EspalierGraph
import Testing

/// One property per test, over all rows of the table.
@Suite struct OpTableTests {
  @Test(arguments: OpTable.rows)
  func floatIsCloseToDouble(row: OpRow) throws {
    var generator = SampleGenerator()
    let points = row.points(&generator)
    let single = OpRun(row, .float32)
    let double = OpRun(row, .float64)
    try expectClose(
      try single.values(single.outputs, at: points), try double.values(double.outputs, at: points), row.tolerance)
  }

  @Test(arguments: OpTable.rows)
  func shapesFollowFromPartOfThem(row: OpRow) throws {
    var generator = SampleGenerator()
    let points = row.points(&generator)
    let known = OpRun(row)
    let partial = OpRun(row, partial: true)
    let results = try partial.values(partial.outputs, at: points)
    for ((a, b), result) in zip(zip(partial.outputs, known.outputs), results) {
      #expect(a.dataType == b.dataType)
      #expect(a.shape.isCompatible(with: b.shape))
      #expect(b.shape == Shape(result.shape))
    }
  }

  @Test(arguments: OpTable.rows)
  func passesChangeNoResult(row: OpRow) throws {
    var generator = SampleGenerator()
    let points = row.points(&generator)
    let whole = OpRun(row)
    let bare = OpRun(row, without: ["fuse", "simplify", "layout", "merge-duplicates", "fold-constants"])
    try expectClose(try bare.values(bare.outputs, at: points), try whole.values(whole.outputs, at: points), 1e-12)
  }

  @Test(arguments: OpTable.rows.filter { $0.order > 0 })
  func gradientsAreFiniteDifferences(row: OpRow) throws {
    let run = OpRun(row)
    var generator = SampleGenerator()
    let points = row.points(&generator)
    let shapes = try run.values(run.outputs, at: points).map(\.shape)
    try expectSlope(of: try run.weighted(run.outputs, shapes: shapes), run, points, &generator)
  }

  @Test(arguments: OpTable.rows.filter { $0.order > 1 })
  func gradientsOfGradientsAreFiniteDifferences(row: OpRow) throws {
    let run = OpRun(row)
    var generator = SampleGenerator()
    let points = row.points(&generator)
    let shapes = try run.values(run.outputs, at: points).map(\.shape)
    let scalar = try run.weighted(run.outputs, shapes: shapes)
    let first = try gradients(of: scalar, withRespectTo: run.inputs)
    let present = zip(first, row.inputs).filter { $0.0 != nil }
    let slopes = try run.weighted(present.compactMap(\.0), shapes: present.map(\.1))
    try expectSlope(of: slopes, run, points, &generator)
  }

  /// Compares the gradient of a scalar with its change along a random direction.
  private func expectSlope(
    of scalar: Tensor, _ run: OpRun, _ points: [[Double]], _ generator: inout SampleGenerator
  ) throws {
    let slopes = try gradients(of: scalar, withRespectTo: run.inputs)
    let direction = points.map { $0.map { _ in generator.between(-1, 1) } }
    let values = try run.values(slopes.compactMap { $0 }, at: points)
    var predicted = 0.0
    var position = 0
    for (index, slope) in slopes.enumerated() where slope != nil {
      predicted += zip(try values[position].doubles(), direction[index]).reduce(0) { $0 + $1.0 * $1.1 }
      position += 1
    }
    let step = 1e-5
    let ends = try [step, -step].map { step in
      let moved = zip(points, direction).map { zip($0, $1).map { $0 + step * $1 } }
      return try run.values([scalar], at: moved)[0].scalar(as: Double.self)
    }
    let measured = (ends[0] - ends[1]) / (2 * step)
    #expect(abs(measured - predicted) <= 1e-6 * max(1, abs(measured)), "measured \(measured), predicted \(predicted)")
  }

  private func expectClose(_ got: [HostTensor], _ want: [HostTensor], _ tolerance: Double) throws {
    #expect(got.map(\.shape) == want.map(\.shape))
    for (a, b) in zip(got, want) {
      let wanted = try b.doubles()
      let scale = max(wanted.map(abs).max() ?? 0, 1)
      for (x, y) in zip(try a.doubles(), wanted) where !(abs(x - y) <= tolerance * scale) {
        Issue.record("\(x) is not \(y)")
        return
      }
    }
  }
}
