/// The name of a collection of things that a graph keeps for later.
///
/// Source: `tf.GraphKeys`.
public struct CollectionKey: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
  /// TensorFlow's name of the collection.
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
  public init(stringLiteral value: String) { rawValue = value }

  /// All variables that are saved.
  public static let globalVariables: CollectionKey = "variables"
  /// Variables that are not saved, such as the sums behind metrics.
  public static let localVariables: CollectionKey = "local_variables"
  /// The variables that an optimizer trains.
  public static let trainableVariables: CollectionKey = "trainable_variables"
  /// The variables of the model proper.
  public static let modelVariables: CollectionKey = "model_variables"
  /// The variables that have moving averages.
  public static let movingAverageVariables: CollectionKey = "moving_average_variables"
  /// The variables behind metrics.
  public static let metricVariables: CollectionKey = "metric_variables"
  /// Losses to be summed up.
  public static let losses: CollectionKey = "losses"
  /// Losses that regularizers add.
  public static let regularizationLosses: CollectionKey = "regularization_losses"
  /// Nodes that must run with each training step, such as the updates of moving averages.
  public static let updateOps: CollectionKey = "update_ops"
  /// The training step.
  public static let trainOp: CollectionKey = "train_op"
  /// Summaries to be written.
  public static let summaries: CollectionKey = "summaries"
  /// The step counter.
  public static let globalStep: CollectionKey = "global_step"
  /// The counter of evaluation steps.
  public static let evalStep: CollectionKey = "eval_step"
  /// What saves and restores variables.
  public static let savers: CollectionKey = "savers"
  /// The node that initializes all variables.
  public static let initOp: CollectionKey = "init_op"
  /// The node that initializes local variables.
  public static let localInitOp: CollectionKey = "local_init_op"
  /// The node that tells whether a model is ready.
  public static let readyOp: CollectionKey = "ready_op"
  /// The node that tells whether local variables can be initialized.
  public static let readyForLocalInitOp: CollectionKey = "ready_for_local_init_op"
  /// The summary of all summaries.
  public static let summaryOp: CollectionKey = "summary_op"
  /// The nodes that fill tables.
  public static let tableInitializers: CollectionKey = "table_initializer"
  /// What fills queues, in graphs of TensorFlow's.
  public static let queueRunners: CollectionKey = "queue_runners"
  /// The paths of the files that a graph reads.
  public static let assetFilepaths: CollectionKey = "asset_filepaths"
  /// The files that a SavedModel has with it.
  public static let savedModelAssets: CollectionKey = "saved_model_assets"
  /// The node that a SavedModel runs when it is loaded.
  public static let savedModelMainOp: CollectionKey = "saved_model_main_op"
  /// The training step of a SavedModel.
  public static let savedModelTrainOp: CollectionKey = "saved_model_train_op"
}

/// What can be in a collection.
public protocol CollectionMember {
  /// The name by which a scope selects it.
  var name: String { get }
}

extension Node: CollectionMember {}
extension Tensor: CollectionMember {}
extension Variable: CollectionMember {}

extension Graph {
  /// Adds a member to a collection.
  public func add(_ member: some CollectionMember, to key: CollectionKey) {
    collections[key, default: []].append(member)
  }

  /// Returns the members of a collection that are of type `Member`, in the order in which they were added.
  ///
  /// - Parameter scope: Only those whose name begins with what this regular expression matches, if given: `tower_0/` or
  ///   `(conv|dense)`. One that is none means itself.
  ///
  /// Source: `tf.get_collection`.
  public func collection<Member: CollectionMember>(
    _ key: CollectionKey, of type: Member.Type = Member.self, scope: String? = nil
  ) -> [Member] {
    let members = (collections[key] ?? []).compactMap { $0 as? Member }
    guard let scope, !scope.isEmpty else { return members }
    guard let pattern = try? Regex(scope) else { return members.filter { $0.name.hasPrefix(scope) } }
    return members.filter { ((try? pattern.prefixMatch(in: $0.name)) ?? nil) != nil }
  }

  /// Returns the nodes in the collection `update_ops`, of those whose name begins with what `scope` matches, if given.
  public func updateOps(scope: String? = nil) -> [Node] {
    collection(.updateOps, of: Node.self, scope: scope)
      + collection(.updateOps, of: Tensor.self, scope: scope).map(\.node)
  }

  /// The names of the collections that have members.
  public var collectionKeys: [CollectionKey] {
    collections.keys.sorted { $0.rawValue < $1.rawValue }
  }

  /// Empties a collection.
  public func clearCollection(_ key: CollectionKey) {
    collections[key] = nil
  }
}
