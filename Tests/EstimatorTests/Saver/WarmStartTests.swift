import Espalier
import TestSupport
import Testing

@Suite struct WarmStartTests {
  /// Saves variables of these values by name; returns the path prefix.
  private func save(_ values: [String: HostTensor], in directory: String) throws -> String {
    let graph = Graph()
    let session = Session(graph: graph)
    try withGraph(graph) {
      for (name, value) in values {
        _ = getVariable(name, shape: value.shape, initializer: Initializers.zeros)
        try session.variables.set(value, for: name)
      }
    }
    return try Saver().save(session, directory: directory, step: 7)
  }

  /// Returns the values after initialization of a graph with variables of these shapes, all zero by themselves.
  private func values(
    _ shapes: [String: [Int]], _ prepare: () throws -> Void
  ) throws -> [String: HostTensor] {
    let graph = Graph()
    try withGraph(graph) {
      for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
        _ = getVariable(name, shape: shape, initializer: Initializers.zeros)
      }
      try prepare()
    }
    return try LogLines.hidden {
      let loop = try MonitoredSession(Session(graph: graph))
      return Dictionary(uniqueKeysWithValues: shapes.keys.map { ($0, loop.session.variables.value(of: $0)!) })
    }
  }

  private let ones = HostTensor([Float(1), 1])
  private let twos = HostTensor([Float(2), 2])
  private let zeros = HostTensor([Float(0), 0])

  @Test func variablesAndScopesAreMapped() throws {
    try withTemporaryDirectory { directory in
      let prefix = try save(["old/a": ones, "old/b": twos], in: directory)
      #expect(
        try values(["new/a": [2], "new/b": [2], "c": [2]]) { try initFromCheckpoint(prefix, ["old/": "new/"]) }
          == ["new/a": ones, "new/b": twos, "c": zeros])
      #expect(
        try values(["new/a": [2], "c": [2]]) { try initFromCheckpoint(directory, ["old/b": "c"]) }
          == ["new/a": zeros, "c": twos])
      #expect(
        try values(["old/a": [2], "old/b": [2]]) { try initFromCheckpoint(prefix, ["/": "/"]) }
          == ["old/a": ones, "old/b": twos])
    }
  }

  @Test func mismatchesAreErrorsAndReportsSayWhatIsLeft() throws {
    try withTemporaryDirectory { directory in
      let prefix = try save(["old/a": ones, "old/b": twos], in: directory)
      func text(_ shapes: [String: [Int]], _ map: [String: String]) -> String? {
        errorText { _ = try values(shapes) { try initFromCheckpoint(prefix, map) } }
      }
      #expect(
        text(["a": [3]], ["old/a": "a"])
          == "Shape of variable a:0 ((3,)) doesn't match with shape of tensor old/a ([2]) from checkpoint reader.")
      #expect(
        text(["a": [2]], ["old/c": "a"])
          == "Tensor old/c is not found in \(prefix) checkpoint Did you mean 'old/a'?")
      #expect(
        text(["new/c": [2]], ["old/": "new/"])
          == "Tensor old/c (c in old/) is not found in \(prefix) checkpoint Did you mean 'old/a'?")
      #expect(
        text(["new/a": [2]], ["old": "new/"])
          == "Assignment map with scope only name new/ should map to scope only old. Should be 'scope/': 'other_scope/'."
      )
      _ = try values(["old/a": [2], "old/c": [2]]) {
        let report = try initFromCheckpoint(prefix, ["old/a": "old/a"])
        #expect(report.restored == ["old/a"] && report.unused == ["old/b"])
        #expect(report.missing.map(\.name) == ["old/c"] && report.missing.first?.nearest == "old/b")
      }
    }
  }

  @Test func settingsChooseAndRename() throws {
    try withTemporaryDirectory { directory in
      let prefix = try save(["a": ones, "b": twos], in: directory)
      let shapes = ["a": [2], "b": [2], "c": [2]]
      func started(_ settings: WarmStartSettings) throws -> [String: HostTensor] {
        try LogLines.hidden { try values(shapes) { try warmStart(settings) } }
      }
      #expect(
        try started(.init(ckptToInitializeFrom: prefix, varsToWarmStart: .trainable(matching: "[ab]")))
          == ["a": ones, "b": twos, "c": zeros])
      #expect(
        try started(
          .init(
            ckptToInitializeFrom: prefix, varsToWarmStart: .scopes(["a", "c"]), varNameToPrevVarName: ["c": "a"]))
          == ["a": ones, "b": zeros, "c": ones])
      #expect(
        errorText {
          _ = try started(
            .init(
              ckptToInitializeFrom: prefix, varsToWarmStart: .trainable(matching: "a"),
              varNameToPrevVarName: ["d": "a"]))
        }
          == "You provided the following variables in var_name_to_prev_var_name that were not used: [\"d\"].  Perhaps "
          + "you misspelled them?  Here is the list of viable variable names: [\"a\"] Did you mean 'a'?")
    }
  }

  @Test(arguments: [0, 1])
  func vocabulariesMoveRows(_ axis: Int) throws {
    try withTemporaryDirectory { directory in
      let numbers = [Float(1), 2, 3, 4, 5, 6]
      // Three words of two numbers each, or two numbers for each of three words.
      let shape = axis == 0 ? [3, 2] : [2, 3]
      let prefix = try save(["e": try HostTensor(numbers, shape: shape)], in: directory)
      try write(Array("cat\ndog\ncow\n".utf8), toFile: directory + "/old.txt")
      try write(Array("cow\nfox\ncat\nbee\n".utf8), toFile: directory + "/new.txt")
      let info = try VocabInfo(
        newVocab: directory + "/new.txt", newVocabSize: 3, numOovBuckets: 1, oldVocab: directory + "/old.txt",
        backupInitializer: Initializers.constant(9), axis: axis)
      let settings = WarmStartSettings(
        ckptToInitializeFrom: prefix, varsToWarmStart: .onlyVocabularies, varNameToVocabInfo: ["e": info])
      let found = try LogLines.hidden {
        try values(["e": axis == 0 ? [4, 2] : [2, 4]]) { try warmStart(settings) }["e"]
      }
      #expect(
        try found?.scalars(as: Float.self)
          == (axis == 0 ? [5, 6, 9, 9, 1, 2, 9, 9] : [3, 9, 1, 9, 6, 9, 4, 9]))
    }
  }

  @Test func estimatorsWarmStartOnlyWhereTheyHaveNoCheckpoint() throws {
    try withTemporaryDirectory { directory in
      let lines = LogLines()
      try lines.during {
        let first = try LinearModel.estimator(directory + "/a")
        try first.train(inputFn: { try LinearModel.samples() }, steps: 5)
        let weights = try first.variableValue("weights")
        let settings = WarmStartSettings(ckptToInitializeFrom: directory + "/a")
        let second = try Estimator(
          modelFn: LinearModel.modelFn, modelDir: directory + "/b", params: .init(learningRate: 0),
          warmStartFrom: settings)
        try second.train(inputFn: { try LinearModel.samples() }, steps: 1)
        #expect(try second.variableValue("weights") == weights)
        #expect(try second.variableValue("global_step") == HostTensor(Int64(1)))
        try first.train(inputFn: { try LinearModel.samples() }, steps: 5)
        try second.train(inputFn: { try LinearModel.samples() }, steps: 1)
        #expect(try second.variableValue("weights") == weights, "a resumed training begins with its own weights")
      }
      #expect(lines.lines.contains("Warm-started 1 variables."))
      #expect(lines.lines.contains("Warm-starting variables only in TRAINABLE_VARIABLES."))
    }
  }
}
