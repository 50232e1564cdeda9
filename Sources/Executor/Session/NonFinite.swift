import EspalierGraph

/// The first place in a run where numbers turn up that are not finite.
package struct NonFiniteOrigin: Sendable {
  /// A tensor and the range of its numbers.
  package struct Range: Sendable {
    /// The path of the node that gives it.
    package let name: String
    package let type: TensorType
    /// The least and the greatest of its finite numbers, if there are any.
    package let finite: ClosedRange<Double>?
    package let nans: Int
    package let infinities: Int
    package let count: Int
  }

  /// The path of the node, or the name of the variable or placeholder that has them from the start.
  package let node: String
  /// The TensorFlow name of the operation.
  package let operation: String
  /// Where the user's program made the node.
  package let site: SourceSite?
  package let inputs: [Range]
  package let output: Range
}

extension NonFiniteOrigin.Range {
  init(_ name: String, _ value: HostTensor) {
    self.name = name
    type = value.type
    var low = Double.infinity
    var high = -Double.infinity
    var nans = 0
    var infinities = 0
    for number in (try? value.doubles()) ?? [] {
      if number.isFinite {
        low = min(low, number)
        high = max(high, number)
      } else if number.isNaN {
        nans += 1
      } else {
        infinities += 1
      }
    }
    finite = low <= high ? low...high : nil
    (self.nans, self.infinities) = (nans, infinities)
    count = value.count
  }

  var isFinite: Bool { nans == 0 && infinities == 0 }
}

extension Session {
  /// Returns the first place where the run of `fetches` meets numbers that are not finite: a feed, a variable, or a node
  /// whose inputs are all finite; nil if there is none.
  ///
  /// The run is made again, node by node, with the same random numbers and on copies of the variables, by the calling
  /// thread alone: it can be asked for in the middle of a run.
  package func originOfNonFinite(
    _ fetches: [Tensor], feeding: [Tensor: HostTensor]
  ) throws -> NonFiniteOrigin? {
    for (tensor, value) in try orderedFeeds(feeding) where value.dataType.isFloating {
      let range = NonFiniteOrigin.Range(tensor.node.name, value)
      if !range.isFinite { return Self.given(tensor.node, range) }
    }
    var configuration = SessionConfiguration(threads: 1)
    configuration.disabledPasses = Set(Pipeline.all.map(\.name))
    let other = Session(graph: graph, variables: try variables.copied(), configuration: configuration)
    other.copyRandomState(of: self)
    for storage in try other.plan(fetches, feeding: feeding).requiredVariables {
      let range = NonFiniteOrigin.Range(storage.storage.name, storage.storage.value)
      if !range.isFinite, let node = graph.node(named: storage.storage.name) { return Self.given(node, range) }
    }
    let search = NonFiniteSearch()
    other.observer = search
    // The search ends the run where it finds something.
    do { _ = try other.run(fetches, feeding: feeding) } catch { if search.found == nil { throw error } }
    return search.found
  }

  private static func given(_ node: Node, _ range: NonFiniteOrigin.Range) -> NonFiniteOrigin {
    NonFiniteOrigin(node: node.name, operation: node.operation.name, site: node.site, inputs: [], output: range)
  }
}

/// Ends a run at the first kernel that makes numbers which are not finite out of finite ones.
private final class NonFiniteSearch: StepObserver {
  private(set) var found: NonFiniteOrigin?

  func run(_ step: ObservedStep) throws(ExecutionError) {
    let node = step.description.node
    // Before the kernel runs: it may overwrite them.
    let inputs = node.inputs.compactMap { id in
      step.value(of: id).map { NonFiniteOrigin.Range(step.program.nodes[id.node].name, $0) }
    }
    try step.run()
    guard inputs.allSatisfy(\.isFinite) else { return }
    for id in step.description.outputs where step.program.type(of: id).dataType.isFloating {
      guard let value = step.value(of: id) else { continue }
      let output = NonFiniteOrigin.Range(node.name, value)
      guard !output.isFinite else { continue }
      found = NonFiniteOrigin(
        node: node.name, operation: node.operation.name, site: node.site, inputs: inputs, output: output)
      throw ExecutionError("\(node.name) made numbers that are not finite", kind: .cancelled)
    }
  }
}
