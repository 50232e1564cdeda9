import EspalierGraph

extension OperationTable {
  static let matrices: [OperationRow] = [
    row("MatMul", .real(2, 3), .real(3, 5), needs: .ranks) { matMul($0, $1) },
    row("MatMul of both transposed", .real(3, 2), .real(5, 3), needs: .ranks) {
      matMul($0, $1, transposeA: true, transposeB: true)
    },
    row("MatMul of the first transposed", .real(3, 2), .real(3, 5), needs: .ranks) {
      matMul($0, $1, transposeA: true)
    },
    row("BatchMatMulV2", .real(2, 1, 3, 4), .real(5, 4, 6)) { batchMatMul($0, $1) },
    row("BatchMatMulV2 of adjoints", .real(2, 4, 3), .real(2, 5, 4)) {
      batchMatMul($0, $1, adjointA: true, adjointB: true)
    },
    row("tensordot", .real(2, 3, 4), .real(3, 4, 5), needs: .ranks) { tensorDot($0, $1, axes: 2) },
    row("MatrixBandPart", .real(2, 4, 5)) { matrixBandPart($0, lower: 1, upper: 2) },
    row("Diag", .real(2, 3)) { diagonal($0) },
    row("DiagPart", .real(3, 3)) { diagonalPart($0) },
    row("eye", .real(3, 4)) { eye(3, columns: 4, dataType: $0.dataType) * $0 },
  ]

  static let norms: [OperationRow] = [
    row("global_norm", .real(2, 3), .real(5)) { globalNorm([$0, $1]) },
    row("clip_by_global_norm", .real(2, 3, in: 1...2), .real(5, in: 1...2)) {
      clipByGlobalNorm([$0, nil, $1], clipNorm: 1.5).clipped[2] ?? $0
    },
    row("clip_by_average_norm", .real(2, 3, in: 1...2)) { clipByAverageNorm($0, clipNorm: 0.1) },
    row("clip_by_norm", .real(2, 3, in: 1...2)) { clipByNorm($0, clipNorm: 1, axes: [1]) },
    row("norm", .real(2, 3)) { norm($0, axes: [1]) },
    row("norm of magnitudes", .real(2, 3, in: 0.5...2)) { norm($0, order: .one) },
    row("norm of the largest", .distinct(2, 3)) { norm($0, order: .infinity, axes: [0]) },
  ]
}
