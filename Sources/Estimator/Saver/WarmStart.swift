import EspalierFormats
import EspalierGraph

/// Which variables of a new model begin with the values of an earlier one.
///
///     let settings = WarmStartSettings(ckptToInitializeFrom: "pretrained", varsToWarmStart: .scopes(["resnet"]))
///
/// Source: `tf.estimator.WarmStartSettings`.
public struct WarmStartSettings {
  /// Variables of a model.
  public enum Selection {
    /// The trainable variables whose names begin with what a regular expression matches.
    case trainable(matching: String)
    /// The variables, trainable or not, whose names begin with what one of the regular expressions matches.
    case scopes([String])
    /// These variables.
    case variables([Variable])
    /// Only those with a vocabulary in the settings.
    case onlyVocabularies
  }

  /// The path prefix of a checkpoint, or a directory whose latest one is meant.
  public var ckptToInitializeFrom: String
  /// Which variables; by default all that are trained.
  public var varsToWarmStart: Selection
  /// How the vocabularies behind variables changed, by the variables' names.
  public var varNameToVocabInfo: [String: VocabInfo]
  /// Names in the checkpoint by names in the model, where they differ.
  public var varNameToPrevVarName: [String: String]

  /// Returns settings.
  public init(
    ckptToInitializeFrom: String, varsToWarmStart: Selection = .trainable(matching: ".*"),
    varNameToVocabInfo: [String: VocabInfo] = [:], varNameToPrevVarName: [String: String] = [:]
  ) {
    self.ckptToInitializeFrom = ckptToInitializeFrom
    self.varsToWarmStart = varsToWarmStart
    self.varNameToVocabInfo = varNameToVocabInfo
    self.varNameToPrevVarName = varNameToPrevVarName
  }
}

/// Makes variables of the current graph begin with the values of an earlier model.
///
/// - Returns: What of the graph and of the checkpoint found each other.
/// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if a tensor is missing, is of another shape, or the
///   settings name variables that the graph does not have; `FormatError` if the checkpoint cannot be read.
///
/// Source: `tf.train.warm_start`.
@discardableResult
public func warmStart(_ settings: WarmStartSettings) throws -> RestoreReport {
  Logging.info("Warm-starting from: \(settings.ckptToInitializeFrom)")
  let graph = BuildContext.current.requiredGraph
  let variables = try selected(settings.varsToWarmStart, in: graph)
  var plain: [String: Variable] = [:]
  var mapped: [(tensor: String, variable: Variable, info: VocabInfo)] = []
  var again: [(String, Variable)] = []
  for variable in variables {
    let tensor = settings.varNameToPrevVarName[variable.name] ?? variable.slice?.name ?? variable.name
    if let info = settings.varNameToVocabInfo[variable.name] {
      mapped.append((tensor, variable, info))
    } else if case .onlyVocabularies = settings.varsToWarmStart {
      continue
    } else if plain[tensor] == nil {
      plain[tensor] = variable
    } else {
      // Two variables can begin with one tensor.
      again.append((tensor, variable))
    }
  }
  try checkUse(of: settings, by: variables)
  var report = try initFromCheckpoint(settings.ckptToInitializeFrom, variables: plain)
  for (tensor, variable) in again {
    report.restored += try initFromCheckpoint(settings.ckptToInitializeFrom, variables: [tensor: variable]).restored
  }
  for (tensor, variable, info) in mapped {
    try initialize(variable, from: tensor, settings.ckptToInitializeFrom, info, graph)
    report.restored.append(variable.name)
  }
  Logging.info("Warm-started \(report.restored.count) variables.")
  return report
}

private func selected(_ selection: WarmStartSettings.Selection, in graph: Graph) throws -> [Variable] {
  func matching(_ patterns: [String], _ key: CollectionKey) throws -> [Variable] {
    let all = graph.collection(key, of: Variable.self)
    var seen: Set<String> = []
    return try patterns.flatMap { pattern in
      let regex: Regex<AnyRegexOutput>
      do { regex = try Regex(pattern) } catch {
        throw EstimatorError.invalidArgument("'\(pattern)' is no regular expression: \(error)")
      }
      return try all.filter { try regex.prefixMatch(in: $0.name) != nil }
    }.filter { seen.insert($0.name).inserted }
  }
  switch selection {
  case .trainable(let pattern):
    Logging.info("Warm-starting variables only in TRAINABLE_VARIABLES.")
    return try matching([pattern], .trainableVariables)
  case .onlyVocabularies:
    Logging.info("Warm-starting variables only in TRAINABLE_VARIABLES.")
    return graph.collection(.trainableVariables, of: Variable.self)
  case .scopes(let patterns): return try matching(patterns, .globalVariables)
  case .variables(let variables): return variables
  }
}

/// Throws if settings name variables that are not warm-started, which would go unnoticed otherwise.
private func checkUse(of settings: WarmStartSettings, by variables: [Variable]) throws(EstimatorError) {
  let names = Set(variables.map(\.name))
  func check(_ keys: some Collection<String>, _ what: String) throws(EstimatorError) {
    let unused = keys.filter { !names.contains($0) }.sorted()
    guard let first = unused.first else { return }
    let hint = NearestNames.hint(for: first, among: names.sorted())
    throw .invalidArgument(
      "You provided the following variables in \(what) that were not used: \(unused).  Perhaps you misspelled them?  "
        + "Here is the list of viable variable names: \(names.sorted())\(hint)")
  }
  try check(settings.varNameToPrevVarName.keys, "var_name_to_prev_var_name")
  try check(settings.varNameToVocabInfo.keys, "var_name_to_vocab_info")
}

private func initialize(
  _ variable: Variable, from tensor: String, _ path: String, _ info: VocabInfo, _ graph: Graph
) throws {
  let checkpoint = try loadCheckpoint(path)
  guard checkpoint.contains(tensor) else {
    let hint = NearestNames.hint(for: tensor, among: checkpoint.variables.map(\.name))
    throw EstimatorError.invalidArgument("Tensor \(tensor) is not found in \(checkpoint.prefix) checkpoint\(hint)")
  }
  let mapping = try VocabularyMapping(info, for: variable)
  graph.add(
    CheckpointInitializer(variable: variable, checkpoint: checkpoint, tensor: tensor, vocabulary: mapping),
    to: .checkpointInitializers)
}
