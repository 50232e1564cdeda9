import EspalierGraph

/// What a saver saves: variables under their own names, as a list, or under others, as a dictionary.
///
/// Source: `var_list` of `tf.train.Saver`.
public protocol SaverVariables {
  /// The variables with the names that they get in checkpoints; nil for their own.
  var namesInCheckpoints: [(name: String?, variable: Variable)] { get }
}

extension [Variable]: SaverVariables {
  public var namesInCheckpoints: [(name: String?, variable: Variable)] { map { (nil, $0) } }
}

extension [String: Variable]: SaverVariables {
  public var namesInCheckpoints: [(name: String?, variable: Variable)] { map { ($0.key, $0.value) } }
}

extension SavedVariable {
  /// Returns the variables of a list as checkpoints have them: parts of one together.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if two have one name.
  static func all(_ variables: any SaverVariables) throws(EstimatorError) -> [SavedVariable] {
    var named: [SavedVariable] = []
    var parts: [String: [Variable]] = [:]
    var seen: Set<String> = []
    for (name, variable) in variables.namesInCheckpoints {
      guard seen.insert(name ?? variable.name).inserted else {
        throw .invalidArgument("At least two variables have the same name: \(name ?? variable.name)")
      }
      if let name {
        named.append(SavedVariable(name: name, parts: [variable], isWhole: true))
      } else {
        parts[variable.slice?.name ?? variable.name, default: []].append(variable)
      }
    }
    return named + parts.map { SavedVariable(name: $0.key, parts: $0.value) }
  }
}
