import EspalierGraph
import EspalierLayers
import Synchronization

extension Keras {
  /// Something that makes values of others, with variables of its own; calling it again uses the same variables.
  ///
  /// For a layer of your own, subclass it and override `build`.
  open class Layer {
    /// The name, unique in a model; what was not given one gets `defaultName`, numbered, when a model is made.
    public internal(set) var name: String
    let isNamed: Bool
    let serial = Serial.next()
    var callCount = 0

    /// Returns a layer.
    public init(name: String? = nil) {
      self.name = name ?? ""
      isNamed = name != nil
    }

    /// The kind of layer as summaries show it, `Conv2D`.
    open var kind: String { "\(type(of: self))" }

    /// What unnamed layers of this kind are called, `conv2d`.
    open var defaultName: String { "layer" }

    /// The number that the first unnamed layer has; those of 0 have none.
    var firstNumber: Int { 0 }

    /// Returns what the layer makes of `inputs`, by adding operations to the current graph.
    ///
    /// - Parameters:
    ///   - name: The variable scope of its variables, which exist already when it is built again.
    ///   - training: Whether it is built for training.
    open func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor { inputs[0] }

    /// Returns what the layer makes of `x`.
    public func callAsFunction(
      _ x: SymbolicTensor, file: StaticString = #fileID, line: Int = #line
    ) -> SymbolicTensor {
      self([x], file: file, line: line)
    }

    /// Returns what the layer makes of several values.
    public func callAsFunction(
      _ inputs: [SymbolicTensor], file: StaticString = #fileID, line: Int = #line
    ) -> SymbolicTensor {
      let call = Call(self, inputs)
      if let mistake = inputs.lazy.compactMap(\.mistake).first {
        return SymbolicTensor(TensorType(.float32, .unknown), call, mistake: mistake)
      }
      // The shape rules of the operations say the shape: the layer is built once on a graph that is thrown away.
      let graph = Graph()
      let result = BuildContext.at(file, line) {
        withGraph(graph) {
          let placeholders = inputs.map { placeholder($0.dataType, shape: $0.shape) }
          return build(placeholders, name: isNamed ? name : defaultName, training: false)
        }
      }
      if let mistake = graph.diagnostics.first {
        return SymbolicTensor(TensorType(.float32, .unknown), call, mistake: mistake)
      }
      return SymbolicTensor(result.type, call)
    }
  }

  /// Numbers in the order in which they are asked for: layers are named in the order of their making.
  enum Serial {
    private static let counter = Atomic<Int>(0)

    static func next() -> Int { counter.wrappingAdd(1, ordering: .relaxed).oldValue }
  }

  /// Where a model's values come in.
  final class InputLayer: Layer {
    let type: TensorType

    init(_ type: TensorType, name: String?) {
      self.type = type
      super.init(name: name)
    }

    override var kind: String { "InputLayer" }
    override var defaultName: String { "input" }
    override var firstNumber: Int { 1 }
  }

  /// An operator between symbols.
  final class OperatorLayer: Layer {
    override var kind: String { "TFOpLambda" }
    override var defaultName: String { "tf.__operators__.add" }

    override func build(_ inputs: [Tensor], name: String, training: Bool) -> Tensor {
      inputs.dropFirst().reduce(inputs[0]) { $0 + $1 }
    }

    static func sum(_ inputs: [SymbolicTensor]) -> SymbolicTensor { OperatorLayer()(inputs) }
  }
}
