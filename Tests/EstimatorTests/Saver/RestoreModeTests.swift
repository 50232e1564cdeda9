import Espalier
import TestSupport
import Testing

@Suite struct RestoreModeTests {
  private func session(_ shapes: [String: [Int]], value: Float) throws -> Session {
    let graph = Graph()
    withGraph(graph) {
      for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) { _ = getVariable(name, shape: shape) }
    }
    let session = Session(graph: graph)
    for (name, shape) in shapes {
      try session.variables.set(
        try HostTensor(Array(repeating: value, count: shape.reduce(1, *)), shape: shape), for: name)
    }
    return session
  }

  private func numbers(_ session: Session, _ name: String) throws -> [Float]? {
    try session.variables.value(of: name)?.scalars(as: Float.self)
  }

  @Test func fourKindsOfVariablesAreToldApart() throws {
    try withTemporaryDirectory { directory in
      let old = try session(["a": [2], "b": [2], "dense/kernel": [2], "gone": [1]], value: 1)
      let prefix = try Saver().save(old, directory: directory, step: 1)
      let new = try session(["a": [2], "b": [3], "dense/kernels": [2]], value: 5)
      let text = errorText { try Saver().restore(new, from: prefix, mode: .lenient) }
      #expect(
        text == """
          Restoring from checkpoint \(prefix) failed, no variable was changed.
          Key dense/kernels not found in checkpoint (float32[2]), perhaps it is dense/kernel
            variable       in the graph  in the checkpoint
            b              float32[3]    float32[2]         another shape
            dense/kernels  float32[2]    –                  missing; perhaps it is dense/kernel
            dense/kernel   –             yes                unused
            gone           –             yes                unused
            1 variables fit.
          """)
      #expect(try numbers(new, "a") == [5, 5])
    }
  }

  @Test func missingVariablesCanStayAsTheyAre() throws {
    try withTemporaryDirectory { directory in
      let prefix = try Saver().save(try session(["a": [2], "b": [1]], value: 1), directory: directory, step: 1)
      let new = try session(["a": [2], "c": [1]], value: 5)
      let lines = try LogLines.of {
        let report = try Saver().restore(new, from: prefix, mode: .lenient)
        #expect(report.restored == ["a"] && report.unused == ["b"])
      }
      #expect(lines.first?.hasPrefix("Restoring a part of the variables from \(prefix)\n  variable") == true)
      #expect(try numbers(new, "a") == [1, 1])
      #expect(try numbers(new, "c") == [5])
      let report = try Saver().restore(new, from: prefix, renaming: ["c": "b"])
      #expect(report.isComplete)
      #expect(try numbers(new, "c") == [1])
    }
  }
}
