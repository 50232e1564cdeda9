import EspalierGraph

extension Losses {
  /// Adds a loss that was computed some other way to a collection.
  ///
  /// Source: `tf.losses.add_loss`.
  public static func add(_ loss: Tensor, to collection: CollectionKey = .losses) {
    if !loss.isPoisoned { loss.graph.add(loss, to: collection) }
  }

  /// Returns the losses of a graph, those whose name begins with `scope` if given.
  ///
  /// - Parameter graph: By default the current one.
  ///
  /// Source: `tf.losses.get_losses`.
  public static func all(
    in graph: Graph? = nil, scope: String? = nil, collection: CollectionKey = .losses
  ) -> [Tensor] {
    (graph ?? BuildContext.current.requiredGraph).collection(collection, scope: scope)
  }

  /// Returns the losses that regularizers have added.
  ///
  /// Source: `tf.losses.get_regularization_losses`.
  public static func regularizationLosses(in graph: Graph? = nil, scope: String? = nil) -> [Tensor] {
    all(in: graph, scope: scope, collection: .regularizationLosses)
  }

  /// Returns the sum of the losses that regularizers have added; 0 if there are none.
  ///
  /// Source: `tf.losses.get_regularization_loss`.
  public static func regularizationLoss(
    scope: String? = nil, name: String = "total_regularization_loss", file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    BuildContext.at(file, line) { sum(regularizationLosses(scope: scope), name: name) }
  }

  /// Returns the sum of all losses of the current graph, and of those that regularizers have added.
  ///
  /// Source: `tf.losses.get_total_loss`.
  public static func totalLoss(
    addRegularizationLosses: Bool = true, scope: String? = nil, name: String = "total_loss",
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    BuildContext.at(file, line) {
      let own = all(scope: scope)
      return sum(addRegularizationLosses ? own + regularizationLosses(scope: scope) : own, name: name)
    }
  }

  private static func sum(_ losses: [Tensor], name: String) -> Tensor {
    losses.isEmpty ? constant(0 as Float, name: name) : addN(losses, name: name)
  }
}
