import EspalierGraph

/// Keeps a decaying average of variables, which often predicts better than the last value.
///
/// The average of `w` is the variable `w/ExponentialMovingAverage`, which begins at the initial value of `w`:
/// s ← s − (1 − d)(s − w), with d = min(decay, (1 + n) / (10 + n)) if the number of updates n is given.
///
/// Source: `tf.train.ExponentialMovingAverage`.
public final class ExponentialMovingAverage {
  /// The last part of the names of the averages.
  public let name: String
  private let decay: any TensorConvertible
  private let updateCount: (any TensorConvertible)?
  private var averages: [Variable: Variable] = [:]
  /// Whether averages are updated when they run; nil for always.
  var condition: Tensor?
  /// Whether variables are read when the nodes run on which the updates depend.
  var readsAnew = false

  /// Returns a keeper of averages.
  ///
  /// - Parameters:
  ///   - decay: How much of the old average stays, close to 1.
  ///   - updateCount: The number of updates so far, so that the average follows fast at first.
  public init(
    decay: any TensorConvertible, updateCount: (any TensorConvertible)? = nil,
    name: String = "ExponentialMovingAverage"
  ) {
    self.decay = decay
    self.updateCount = updateCount
    self.name = name
  }

  /// Returns the node that brings the averages of `variables` up to date; makes them at the first call.
  ///
  /// - Parameter variables: By default all trainable ones of the current graph.
  public func apply(
    _ variables: [Variable]? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Node {
    BuildContext.at(file, line) {
      let variables = variables ?? trainableVariables(in: BuildContext.current.requiredGraph)
      for variable in variables where averages[variable] == nil { averages[variable] = average(beside: variable) }
      return nameScope(name) {
        let updates = variables.compactMap { variable in averages[variable].map { update($0, with: variable).node } }
        return group(updates, name: currentScope)
      }
    }
  }

  private func average(beside variable: Variable) -> Variable {
    let graph = variable.graph
    let made = withoutControlDependencies {
      makeVariable(
        averageName(of: variable), shape: variable.shape, dataType: variable.dataType,
        neighbour: variable
      ) { _, _ in variable.initialValue }
    }
    graph.add(variable, to: .movingAverageVariables)
    return made
  }

  private func update(_ average: Variable, with variable: Variable) -> Tensor {
    let value = readsAnew ? identity(variable.handle, name: "read") : variable.value
    // With a decay of 1 the average stays as it is.
    let decay = decay(variable.dataType)
    return assignMovingAverage(
      average, value, decay: condition.map { select($0, decay, ones(like: decay)) } ?? decay)
  }

  private func decay(_ dataType: DataType) -> Tensor {
    let decay = decay.tensor(of: dataType, name: "decay")
    guard let updateCount else { return decay }
    let count = updateCount.tensor(of: dataType, name: "num_updates")
    return minimum(decay, (1 + count) / (10 + count))
  }

  /// Returns the average of a variable, or nil before `apply`.
  public func average(of variable: Variable) -> Variable? { averages[variable] }

  /// Returns the name that the average of a variable has or will have.
  public func averageName(of variable: Variable) -> String { "\(variable.name)/\(name)" }

  /// Returns what to read from a checkpoint so that variables take the values of their averages: names in the
  /// checkpoint, and the variables that read them; variables without an average read their own.
  public func variablesToRestore(in graph: Graph) -> [String: Variable] {
    let own = Set(averages.values)
    var result: [String: Variable] = [:]
    for variable in graph.collection(.globalVariables, of: Variable.self) where !own.contains(variable) {
      result[averages[variable]?.name ?? variable.name] = variable
    }
    return result
  }
}

/// Returns the new value of a moving average after `value` joined it: average ← average − (average − value)(1 − decay).
///
/// Source: `tensorflow.python.training.moving_averages.assign_moving_average`, without zero debiasing.
@discardableResult
public func assignMovingAverage(
  _ average: Variable, _ value: Tensor, decay: any TensorConvertible, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  building(in: average.graph, file, line) {
    nameScope("AssignMovingAvg") {
      let scope = currentScope
      let share = momentumComplement(decay, average.dataType)
      return average.assignSub((average.value - value) * share, name: scope)
    }
  }
}

private func momentumComplement(_ decay: any TensorConvertible, _ dataType: DataType) -> Tensor {
  if let known = decay as? Double { return constant(number: 1 - known, dataType, name: "decay") }
  return 1 - decay.tensor(of: dataType, name: nil)
}

/// Returns the new value of a moving average that began at zero, corrected for that: what it would be had it begun at
/// the mean of the values so far.
///
/// The sum and the number of values are kept beside it in `<average>/biased` and `<average>/local_step`.
///
/// Source: Kingma and Ba 2014, section 3; `assign_moving_average(zero_debias=True)`.
@discardableResult
public func assignDebiasedMovingAverage(
  _ average: Variable, _ value: Tensor, decay: Double, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  building(in: average.graph, file, line) {
    let type = average.dataType
    let biased = makeVariable(
      average.name + "/biased", shape: average.shape, dataType: type, initializer: Initializers.zeros)
    let step = makeVariable(average.name + "/local_step", shape: [], dataType: type, initializer: Initializers.zeros)
    return nameScope("AssignMovingAvg") {
      let scope = currentScope
      let newBiased = biased.assignSub((biased.value - value) * (1 - decay))
      let newStep = step.assignAdd(constant(number: 1, type))
      let correction = 1 - pow(decay.tensor(of: type, name: "decay"), newStep)
      return average.assign(newBiased / correction, name: scope)
    }
  }
}
