import EspalierExecutor
import EspalierGraph
import Foundation
import Testing

/// Nobody adds an operation without a row.
@Suite struct CompletenessTests {
  /// Files whose operations cannot stand in the table, or are tested where they belong.
  private static let otherFiles: [String: String] = [
    "Constant.swift": "no inputs", "Placeholder.swift": "no inputs", "NoOp.swift": "no outputs",
    "Variables.swift": "change variables", "Random.swift": "different in each run",
    "DistortedBoundingBox.swift": "different in each run", "Summaries.swift": "give strings",
    "TrainingAdam.swift": "change variables", "TrainingAdaptive.swift": "change variables",
    "TrainingGradientDescent.swift": "change variables", "TrainingMomentum.swift": "change variables",
    "TrainingRMSProp.swift": "change variables",
  ]

  /// Operations whose inputs or outputs are strings or that hold a graph, and have tests of their own.
  private static let others: Set<String> = [
    "AsString", "DecodeBmp", "DecodeGif", "DecodeImage", "DecodeJpeg", "DecodePng", "DecodeRaw", "EncodeJpeg",
    "EncodeJpegVariableQuality", "EncodePng", "EspalierMapElements", "ParseExampleV2",
  ]

  @Test func everyOperationStandsInTheTable() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/Graph/Ops")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
    var declared: Set<String> = []
    for file in files where Self.otherFiles[file] == nil {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for line in text.split(separator: "\n") where line.contains("static let tfName = ") {
        declared.insert(String(line.split(separator: "\"")[1]))
      }
    }
    #expect(declared.count > 100)
    let missing = try declared.subtracting(operationsOfTheTable()).subtracting(Self.others)
    #expect(missing.isEmpty, "no row has \(missing.sorted())")
  }

  /// Returns the names of all operations in the rows and in their gradients, first and second.
  private func operationsOfTheTable() throws -> Set<String> {
    var names: Set<String> = []
    for row in OperationTable.rows {
      for knowledge in OperationRow.Knowledge.allCases {
        let trial = try Trial(row, row.isSingle ? .float32 : .float64, knowing: knowledge)
        if row.order > 0, trial.graph.diagnostics.isEmpty, knowledge >= row.needs {
          let slopes = try trial.gradients(of: trial.weighted(trial.outputs, seed: "loss")).compactMap { $0 }
          if row.order > 1, !slopes.isEmpty { _ = try trial.gradients(of: trial.weighted(slopes, seed: "slopes")) }
        }
        names.formUnion(trial.graph.nodes.map(\.operation.name))
      }
    }
    return names
  }
}
