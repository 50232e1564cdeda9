import EspalierGraph

extension Cases {
  private static let product: Builder = { o in
    let y = matMul(
      try o.tensor("a"), try o.tensor("b"), transposeA: o.flag("transpose_a"), transposeB: o.flag("transpose_b"))
    return ["y": y]
  }

  private static let clippedByGlobalNorm: Builder = { o in
    let (clipped, norm) = clipByGlobalNorm(
      [try o.tensor("a"), try o.tensor("b")], clipNorm: try o.double("clip_norm"))
    return numbered(clipped.compactMap { $0 } + [norm])
  }

  static let matrices: [String: Builder] = [
    "MatMul": product,
    "BatchMatMulV2": product,
    "tensordot": { o in ["y": tensorDot(try o.tensor("a"), try o.tensor("b"), axes: try o.int("axes"))] },
    "MatrixBandPart": function { x, o in
      matrixBandPart(x, lower: try o.int("num_lower"), upper: try o.int("num_upper"))
    },
    "diag": unary { diagonal($0) },
    "diag_part": unary { diagonalPart($0) },
    "eye": { o in ["y": eye(try o.int("rows"), columns: try o.int("columns"))] },
    "global_norm": binary { globalNorm([$0, $1]) },
    "clip_by_global_norm": clippedByGlobalNorm,
    "clip_by_global_norm_loose": clippedByGlobalNorm,
    "clip_by_norm": function { x, o in
      clipByNorm(x, clipNorm: try o.double("clip_norm"), axes: try o.axes("axes"))
    },
    "norm": function { x, o in
      // The cases are the Euclidean norm of all, and the sum of magnitudes along an axis.
      let axes = try o.axes()
      return norm(x, order: axes == nil ? .euclidean : .one, axes: axes)
    },
  ]
}
