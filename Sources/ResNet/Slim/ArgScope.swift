import EspalierGraph
import EspalierLayers

/// The layers of TensorFlow's slim, whose arguments take their defaults from the scopes around a call.
///
///     let logits = Slim.argScope([.conv2D, .fullyConnected], { $0.weightsRegularizer = Regularizers.l2(1e-4) }) {
///       let y = Slim.conv2D(x, 32, 3, scope: "conv1")
///       return Slim.fullyConnected(Layers.flatten(y), 10, activation: nil, scope: "logits")
///     }
///
/// Source: `tf.contrib.slim`.
public enum Slim {
  /// The layers that scopes give arguments to.
  public enum Layer: Hashable, Sendable, CaseIterable {
    case conv2D, fullyConnected, batchNorm, maxPool2D
  }

  /// What scopes can say; what is nil is as the layer has it by default.
  public struct Arguments {
    public var padding: Padding?
    /// What is applied to results; an activation of nil is `.none`.
    public var activation: Activation??
    /// Whether results are normalised over the batch, which takes the place of a bias.
    public var normalizes: Bool?
    public var weightsInitializer: Initializer?
    public var weightsRegularizer: Regularizer?
    /// The arguments of batch normalisation.
    public var decay: Double?
    public var epsilon: Double?
    public var scale: Bool?
    public var isTraining: Bool?
    /// Whether optimizers train the variables.
    public var trainable: Bool?

    /// Returns arguments of which nothing is said.
    public init() {}

    /// Returns these arguments, with what `other` says in their place.
    func merged(with other: Arguments) -> Arguments {
      var result = self
      result.padding = other.padding ?? padding
      result.activation = other.activation ?? activation
      result.normalizes = other.normalizes ?? normalizes
      result.weightsInitializer = other.weightsInitializer ?? weightsInitializer
      result.weightsRegularizer = other.weightsRegularizer ?? weightsRegularizer
      result.decay = other.decay ?? decay
      result.epsilon = other.epsilon ?? epsilon
      result.scale = other.scale ?? scale
      result.isTraining = other.isTraining ?? isTraining
      result.trainable = other.trainable ?? trainable
      return result
    }
  }

  /// The defaults of all layers: what an `argScope` says, kept to be entered again.
  ///
  /// `@unchecked Sendable` because task-local values must be; a graph is built in one isolation domain.
  public struct ArgScope: @unchecked Sendable {
    var arguments: [Layer: Arguments] = [:]

    /// Returns a scope that says nothing.
    public init() {}

    /// Returns this scope with further arguments for some layers.
    public func adding(_ layers: [Layer], _ change: (inout Arguments) -> Void) -> ArgScope {
      var given = Arguments()
      change(&given)
      var result = self
      for layer in layers { result.arguments[layer] = (arguments[layer] ?? Arguments()).merged(with: given) }
      return result
    }

    func merged(with other: ArgScope) -> ArgScope {
      var result = self
      result.arguments.merge(other.arguments) { $0.merged(with: $1) }
      return result
    }
  }

  @TaskLocal static var current = ArgScope()

  /// The scope around the code that runs now, to be entered again elsewhere.
  public static var currentArgScope: ArgScope { current }

  /// Returns what `body` returns; in it, calls of these layers take arguments from here that they do not say themselves.
  ///
  /// Source: `slim.arg_scope`.
  public static func argScope<Result>(
    _ layers: [Layer], _ change: (inout Arguments) -> Void, _ body: () throws -> Result
  ) rethrows -> Result {
    try $current.withValue(current.adding(layers, change)) { try body() }
  }

  /// Returns what `body` returns, inside a scope that was kept.
  public static func argScope<Result>(_ scope: ArgScope, _ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(current.merged(with: scope)) { try body() }
  }

  static func arguments(of layer: Layer) -> Arguments { current.arguments[layer] ?? Arguments() }
}
