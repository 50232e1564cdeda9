import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Where a variable gets its first value from instead of its initializer: a tensor of a checkpoint.
struct CheckpointInitializer: CollectionMember {
  /// The variable.
  let variable: Variable
  let checkpoint: CheckpointReader
  /// The name of the tensor in the checkpoint.
  let tensor: String
  /// How rows of the tensor become rows of the variable where their vocabularies differ, or nil.
  var vocabulary: VocabularyMapping?

  var name: String { variable.name }

  /// Returns the variable's part of the tensor.
  private func part(of tensor: HostTensor) throws -> HostTensor {
    let saved = SavedVariable(name: name, parts: [variable])
    guard tensor.shape != variable.shape, tensor.shape == saved.shape else { return tensor }
    return try saved.values(of: tensor)[0].value
  }

  /// Gives all variables of a session that have one their first values. All are read before any is set.
  static func apply(in session: Session) throws {
    let all = session.graph.collection(.checkpointInitializers, of: CheckpointInitializer.self)
    let values = try all.map { initializer in
      let value = try initializer.checkpoint.tensor(named: initializer.tensor)
      guard let vocabulary = initializer.vocabulary else { return (initializer.name, try initializer.part(of: value)) }
      return (initializer.name, try vocabulary.applied(to: value, for: initializer.variable, session))
    }
    for (name, value) in values { try session.variables.set(value, for: name) }
  }
}

extension CollectionKey {
  /// Variables that begin with values from checkpoints.
  static let checkpointInitializers: CollectionKey = "espalier_checkpoint_initializers"
}

/// Makes variables of the current graph begin with the values that a checkpoint has instead of their initializers.
///
///     try initFromCheckpoint("pretrained/model.ckpt-900", ["resnet/": "classifier/resnet/"])
///
/// The map goes from the checkpoint to the graph: `"scope/": "other/"` takes all variables of the graph's scope `other`
/// from the checkpoint's `scope`, with `/` for all of either; `"name": "other"` takes one. A variable in parts goes by the
/// name of the whole; each part takes its own of the tensor. Nothing is read before the
/// variables are initialized; a training that goes on from a checkpoint of its own does not read it at all.
///
/// - Parameters:
///   - path: The path prefix of a checkpoint, or a directory whose latest one is meant.
///   - assignments: Names or scopes in the checkpoint, with names or scopes in the graph.
/// - Returns: What of the graph and of the checkpoint found each other.
/// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if a variable is not in the graph, a tensor not in
///   the checkpoint, or their shapes differ; `FormatError` if the checkpoint cannot be read.
///
/// Source: `tf.train.init_from_checkpoint`.
@discardableResult
public func initFromCheckpoint(_ path: String, _ assignments: [String: String]) throws -> RestoreReport {
  let checkpoint = try loadCheckpoint(path)
  let graph = try graphAround()
  var pairs: [(tensor: String, variable: Variable)] = []
  for (tensor, name) in assignments.sorted(by: { $0.key < $1.key }) {
    let parts = graph.collection(.globalVariables, of: Variable.self).filter { $0.slice?.name == name }
    if let variable = graph.variable(named: name) {
      pairs.append((tensor, variable))
    } else if !parts.isEmpty {
      pairs += parts.map { (tensor, $0) }
    } else {
      pairs += try scopePairs(from: tensor, to: name, checkpoint, graph)
    }
  }
  return try assign(pairs, checkpoint, graph)
}

/// Makes variables begin with the values of these names in a checkpoint.
///
/// - Returns: What of the graph and of the checkpoint found each other.
/// - Throws: As the function with names does.
@discardableResult
public func initFromCheckpoint(_ path: String, variables: [String: Variable]) throws -> RestoreReport {
  let checkpoint = try loadCheckpoint(path)
  let pairs = variables.sorted { $0.key < $1.key }.map { (tensor: $0.key, variable: $0.value) }
  return try assign(pairs, checkpoint, try graphAround())
}

/// Returns the path prefix that is meant by itself, or by the directory of its checkpoint.
func checkpointPrefix(_ path: String) throws -> String {
  if LocalFileSystem().exists(CheckpointFiles.index(path)) { return path }
  if LocalFileSystem().exists(path), let latest = try latestCheckpoint(in: path) { return latest }
  throw EstimatorError.invalidArgument("Couldn't find 'checkpoint' file or checkpoints in given directory \(path)")
}

private func graphAround() throws(EstimatorError) -> Graph {
  guard let graph = BuildContext.current.graph else {
    throw .invalidArgument("Variables begin with a checkpoint's values only inside of withGraph.")
  }
  return graph
}

/// Returns the variables of a scope of the graph with their names in a scope of the checkpoint.
private func scopePairs(
  from tensor: String, to name: String, _ checkpoint: CheckpointReader, _ graph: Graph
) throws -> [(tensor: String, variable: Variable)] {
  guard tensor.hasSuffix("/") else {
    throw EstimatorError.invalidArgument(
      "Assignment map with scope only name \(name) should map to scope only \(tensor). "
        + "Should be 'scope/': 'other_scope/'.")
  }
  let scope = name == "/" ? "" : name.lastIndex(of: "/").map { String(name[..<$0]) + "/" } ?? ""
  let variables = graph.collection(.globalVariables, of: Variable.self).filter { $0.name.hasPrefix(scope) }
  return try variables.map { variable in
    let rest = String((variable.slice?.name ?? variable.name).dropFirst(scope.count))
    let full = tensor == "/" ? rest : tensor + rest
    guard checkpoint.contains(full) else {
      let known = checkpoint.variables.map(\.name)
      let hint = NearestNames.hint(for: full, among: known)
      throw EstimatorError.invalidArgument(
        "Tensor \(full) (\(rest) in \(tensor)) is not found in \(checkpoint.prefix) checkpoint\(hint)")
    }
    return (full, variable)
  }
}

/// Enters pairs into the graph, if all of them fit.
private func assign(
  _ pairs: [(tensor: String, variable: Variable)], _ checkpoint: CheckpointReader, _ graph: Graph
) throws -> RestoreReport {
  var report = RestoreReport(checkpoint: checkpoint.prefix)
  for (tensor, variable) in pairs {
    guard let found = checkpoint.variable(named: tensor) else {
      let hint = NearestNames.hint(for: tensor, among: checkpoint.variables.map(\.name))
      throw EstimatorError.invalidArgument(
        "Tensor \(tensor) is not found in \(checkpoint.prefix) checkpoint\(hint)")
    }
    let whole = variable.slice?.shape ?? variable.shape
    guard found.shape == variable.shape || found.shape == whole, found.dataType == variable.dataType else {
      throw EstimatorError.invalidArgument(
        "Shape of variable \(variable.name):0 (\(Shape(whole).tuple)) doesn't match with shape of tensor "
          + "\(tensor) (\(Shape(found.shape))) from checkpoint reader.")
    }
    report.restored.append(variable.name)
  }
  for (tensor, variable) in pairs {
    graph.add(
      CheckpointInitializer(variable: variable, checkpoint: checkpoint, tensor: tensor), to: .checkpointInitializers)
  }
  let taken = Set(pairs.map(\.tensor))
  let given = Set(report.restored)
  report.unused = checkpoint.variables.map(\.name).filter { !taken.contains($0) && !TrainingState.isKey($0) }
  report.missing = graph.collection(.globalVariables, of: Variable.self).filter { !given.contains($0.name) }.map {
    .init(
      name: $0.name, type: TensorType($0.dataType, Shape($0.shape)),
      nearest: NearestNames.nearest(to: $0.name, among: report.unused))
  }
  return report
}
