import EspalierExecutor
import EspalierGraph
import Testing

/// Programs before and after single passes.
@Suite struct PassTests {
  private let graph = Graph()

  private func program(
    _ fetches: [Tensor], targets: [Node] = [], after names: [String], feeding: [Tensor: [Int]] = [:]
  ) throws -> String {
    let feeds = feeding.sorted { $0.key.name < $1.key.name }.map {
      Request.Feed(tensor: $0.key.id, type: TensorType($0.key.dataType, Shape($0.value)))
    }
    var program = try Program(
      graph, Request(fetches: fetches.map(\.id), targets: targets.map { Tensor($0).id.node }, feeds: feeds))
    for pass in Pipeline.all where pass.isRequired || names.contains(pass.name) {
      try pass.run(&program, PassContext(pool: .shared))
      try program.verify(after: pass.name)
      if pass.name == names.last { break }
    }
    return program.description
  }

  @Test func variablesGetVersions() throws {
    let (read, added, late) = withGraph(graph) {
      let v = getVariable("v", shape: [2]).variable
      let added = v.assignAdd(constant([1, 1] as [Float], name: "one"), name: "add")
      let late = withControlDependencies(on: [added.node]) { identity(v.handle, name: "late") }
      return (v.value, added, late)
    }
    #expect(
      try program([read, added, late], after: ["variables"]) == """
        %0 = ReadVariable() : float32[2]  // v
        %1 = Identity(%0) : float32[2]  // v/read
        %2 = Const() : float32[2]  // one
        %3 = AssignAdd(%0, %2) : float32[2]  // add
        %4 = Identity(%3) after %3 : float32[2]  // late
        fetch %1, %3, %4

        """)
  }

  @Test func valuesWaitOnlyForWhatChangesSomething() throws {
    let (gated, late, node) = withGraph(graph) {
      let x = constant([1, 2] as [Float], name: "x")
      let gated = tuple([x, sqrt(x, name: "y")])[0] ?? x
      let checked = checkNumerics(x, message: "x", name: "checked")
      let late = withControlDependencies(on: [checked.node]) { identity(x, name: "late") }
      return (gated, late, group([gated.node], name: "all"))
    }
    #expect(
      try program([gated, late], targets: [node], after: ["drop-gates"]) == """
        %0 = Const() : float32[2]  // x
        %1 = Identity(%0) : float32[2]  // tuple/control_dependency
        %2 = CheckNumerics(%0) : float32[2]  // checked
        %3 = Identity(%0) after %2 : float32[2]  // late
        %4 = NoOp() after %1  // all
        fetch %1, %3
        run %4

        """)
  }

  @Test func shapesAreSpecialized() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [nil, 3], name: "x")
      return (x, identity(x, name: "y"))
    }
    #expect(
      try program([y], after: ["specialize"], feeding: [x: [8, 3]]) == """
        %0 = Feed() : float32[8,3]  // x
        %1 = Identity(%0) : float32[8,3]  // y
        fetch %1

        """)
  }

  @Test func constantsAreFolded() throws {
    let y = withGraph(graph) { sqrt(constant([4, 9] as [Float], name: "c"), name: "y") }
    #expect(
      try program([y], after: ["fold-constants"]) == """
        %0 = Const() : float32[2]  // y
        fetch %0

        """)
  }

  @Test func duplicatesAreMerged() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2], name: "x")
      return (x, apply(Add(), relu(x, name: "a"), relu(x, name: "b"), name: "y"))
    }
    #expect(
      try program([y], after: ["merge-duplicates"], feeding: [x: [2]]) == """
        %0 = Feed() : float32[2]  // x
        %1 = Relu(%0) : float32[2]  // a
        %2 = AddV2(%1, %1) : float32[2]  // y
        fetch %2

        """)
  }

  @Test func whatChangesNothingIsLeftOut() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 3], name: "x")
      let same = -(-(identity(x) * 1 + 0))
      return (x, reduceSum(reshape(same, to: [2, 3]), axes: [], name: "y"))
    }
    #expect(
      try program([y], after: ["simplify"], feeding: [x: [2, 3]]) == """
        %0 = Feed() : float32[2,3]  // x
        fetch %0

        """)
  }

  @Test func numbersAreNotRepeatedInMemory() throws {
    let (x, y) = withGraph(graph) {
      let x = placeholder(.float32, shape: [2, 3], name: "x")
      let number = placeholder(.float32, shape: [], name: "a")
      return (x, apply(Mul(), x, broadcast(number, to: constant([2, 3] as [Int32])), name: "y"))
    }
    let number = try #require(graph.tensor(named: "a:0"))
    #expect(
      try program([y], after: ["simplify"], feeding: [x: [2, 3], number: []]) == """
        %0 = Feed() : float32[]  // a
        %1 = Feed() : float32[2,3]  // x
        %2 = Mul(%1, %0) : float32[2,3]  // y
        fetch %2

        """)
  }

  @Test func oldValuesAreCopiedForLateReaders() throws {
    let both = withGraph(graph) {
      let v = getVariable("v", shape: [2]).variable
      let written = v.assign(constant([1, 1] as [Float], name: "one"), name: "write")
      return apply(Add(), written, v.value, name: "both")
    }
    #expect(
      try program([both], after: ["schedule"]) == """
        %0 = ReadVariable() : float32[2]  // v
        %1 = Identity(%0) : float32[2]  // v/read
        %2 = Const() : float32[2]  // one
        %3 = Copy(%1) : float32[2]  // v/read/copy
        %4 = Assign(%0, %2) after %3 : float32[2]  // write
        %5 = AddV2(%4, %3) : float32[2]  // both
        fetch %5

        """)
  }
}
