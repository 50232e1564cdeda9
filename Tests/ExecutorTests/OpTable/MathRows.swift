import EspalierGraph

extension OperationTable {
  static let unary: [OperationRow] = [
    row("Neg", .real(2, 3)) { -$0 },
    row("Abs", .real(2, 3, in: 0.2...2)) { abs($0) },
    row("Abs of negative", .real(2, 3, in: -2 ... -0.2)) { abs($0) },
    row("Sign", .real(2, 3, in: 0.2...2)) { sign($0) },
    row("Square", .real(2, 3)) { square($0) },
    row("Sqrt", .real(2, 3, in: 0.5...4)) { sqrt($0) },
    row("Rsqrt", .real(2, 3, in: 0.5...4)) { rsqrt($0) },
    row("Reciprocal", .real(2, 3, in: 0.5...4)) { reciprocal($0) },
    row("Exp", .real(2, 3)) { exp($0) },
    row("Expm1", .real(2, 3)) { expm1($0) },
    row("Log", .real(2, 3, in: 0.5...4)) { log($0) },
    row("Log1p", .real(2, 3, in: -0.5...4)) { log1p($0) },
    row("Erf", .real(2, 3)) { erf($0) },
    row("Erfc", .real(2, 3)) { erfc($0) },
    row("Lgamma", .real(2, 3, in: 0.6...6)) { lgamma($0) },
    row("Lgamma of negative", .real(2, 3, in: -1.8 ... -1.2)) { lgamma($0) },
    row("Digamma", .real(2, 3, in: 0.6...30)) { digamma($0) },
    row("Polygamma", .real(2, 3, in: 0.6...9)) { polygamma(order: 2, $0) },
    row("Sin", .real(2, 3)) { sin($0) },
    row("Cos", .real(2, 3)) { cos($0) },
    row("Tan", .real(2, 3, in: -1...1)) { tan($0) },
    row("Asin", .real(2, 3, in: -0.8...0.8)) { asin($0) },
    row("Acos", .real(2, 3, in: -0.8...0.8)) { acos($0) },
    row("Atan", .real(2, 3)) { atan($0) },
    row("Sinh", .real(2, 3)) { sinh($0) },
    row("Cosh", .real(2, 3)) { cosh($0) },
    row("Floor", .real(2, 3, in: 1.1...1.9)) { floor($0) },
    row("Ceil", .real(2, 3, in: 1.1...1.9)) { ceil($0) },
    row("Round", .real(2, 3, in: 1.1...1.4)) { round($0) },
    row("Rint", .real(2, 3, in: 1.1...1.4)) { rint($0) },
    row("IsFinite", .real(2, 3), order: 0) { isFinite($0) },
    row("IsInf", .real(2, 3), order: 0) { isInf($0) },
    row("IsNan", .real(2, 3), order: 0) { isNaN($0) },
    row("Identity", .real(2, 3)) { identity($0) },
    row("Cast", .real(2, 3), tolerance: 1e-6) { cast(cast($0, to: .float64), to: $0.dataType) },
    row("CheckNumerics", .real(2, 3)) { checkNumerics($0, message: "checked") },
    row("PreventGradient", .real(2, 3), order: 0) { apply(PreventGradient(), $0) },
    // No gradient flows through one of the factors.
    row("StopGradient", .real(2, 3), order: 0) { $0 * stopGradient($0) },
  ]

  static let binary: [OperationRow] = [
    row("AddV2", .real(2, 3), .real(3)) { $0 + $1 },
    row("Sub", .real(2, 3), .real(2, 1)) { $0 - $1 },
    row("Mul", .real(2, 1, 4), .real(3, 1)) { $0 * $1 },
    row("RealDiv", .real(2, 3), .real(3, in: 0.5...2)) { $0 / $1 },
    row("Maximum", .real(2, 3, in: 1...2), .real(3, in: -1...0)) { maximum($0, $1) },
    row("Minimum", .real(2, 3, in: 1...2), .real(3, in: -1...0)) { minimum($0, $1) },
    row("SquaredDifference", .real(2, 3), .real(2, 1)) { squaredDifference($0, $1) },
    row("Pow", .real(2, 3, in: 0.5...2), .real(3)) { pow($0, $1) },
    row("FloorDiv", .real(2, 3, in: 4.1...4.8), .real(3, in: 1.05...1.15)) { floorDiv($0, $1) },
    row("FloorMod", .real(2, 3, in: 4.1...4.4), .real(3, in: 2.5...3)) { floorMod($0, $1) },
    row("TruncateMod", .real(2, 3, in: -4.4 ... -4.1), .real(3, in: 2.5...3)) { truncateMod($0, $1) },
    row("TruncateDiv", .integers(2, 3, in: -9..<10), .integers(3, in: 1..<4), order: 0) { truncateDiv($0, $1) },
    row("DivNoNan", .real(2, 3), .real(3, in: 0.5...2)) { divideNoNaN($0, $1) },
    row("Atan2", .real(2, 3, in: 0.5...2), .real(3, in: 0.5...2)) { atan2($0, $1) },
  ]

  static let comparisons: [OperationRow] = [
    row("Equal", .integers(2, 3, in: 0..<3), .integers(3, in: 0..<3), order: 0) { equal($0, $1) },
    row("NotEqual", .integers(2, 3, in: 0..<3), .integers(3, in: 0..<3), order: 0) { notEqual($0, $1) },
    row("Less", .real(2, 3), .real(3), order: 0) { less($0, $1) },
    row("LessEqual", .real(2, 3), .real(3), order: 0) { lessEqual($0, $1) },
    row("Greater", .real(2, 3), .real(3), order: 0) { greater($0, $1) },
    row("GreaterEqual", .real(2, 3), .real(3), order: 0) { greaterEqual($0, $1) },
    row("LogicalAnd", .truth(2, 3), .truth(3), order: 0) { logicalAnd($0, $1) },
    row("LogicalOr", .truth(2, 3), .truth(3), order: 0) { logicalOr($0, $1) },
    row("LogicalXor", .truth(2, 3), .truth(3), order: 0) { logicalXor($0, $1) },
    row("LogicalNot", .truth(2, 3), order: 0) { logicalNot($0) },
  ]

  static let selections: [OperationRow] = [
    OperationRow("SelectV2", [.truth(2, 1), .real(3), .real(2, 3)]) { [select($0[0], $0[1], $0[2])] },
    OperationRow("Select rows", [.truth(2), .real(2, 3), .real(2, 3)]) { [selectRows($0[0], $0[1], $0[2])] },
    OperationRow("Select", [.truth(2, 3), .real(2, 3), .real(2, 3)]) { [selectRows($0[0], $0[1], $0[2])] },
    row("clip_by_value", .distinct(2, 3)) { clipByValue($0, minimum: -0.2, maximum: 0.3) },
    row("AddN", .real(2, 3), .real(2, 3)) { addN([$0, $1, $0]) },
  ]
}
