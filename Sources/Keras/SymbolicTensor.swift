import EspalierGraph

/// A functional way to write networks, as Keras has it: layers are called on symbols, and a model is what lies between
/// its inputs and outputs.
///
///     let input = Keras.input(shape: [32, 32, 3])
///     var x = Keras.Conv2D(16, 3, padding: .same)(input)
///     x = Keras.ReLU()(Keras.BatchNormalization()(x))
///     x = x + Keras.Conv2D(16, 1)(input)
///     let output = Keras.Dense(1, activation: .sigmoid)(Keras.Flatten()(x))
///
///     let model = try Keras.Model(inputs: input, outputs: output)
///     try model.compile(optimizer: .adam, loss: .binaryCrossentropy, metrics: [.accuracy])
///     try model.fit(images, labels, epochs: 20, batchSize: 16)
///
/// Everything becomes operations of one graph, `model.graph`, which the rest of the library can work on.
///
/// Source: `tf.keras`.
public enum Keras {}

extension Keras {
  /// What a layer returns when it is called: a value of a model that is being described.
  public struct SymbolicTensor {
    /// The extents, the first of which is the size of the batch.
    public let shape: Shape
    /// The element type.
    public let dataType: DataType
    /// What is wrong with it or with what it was made of, or nil.
    let mistake: GraphError?
    let call: Call

    init(_ type: TensorType, _ call: Call, mistake: GraphError? = nil) {
      shape = type.shape
      dataType = type.dataType
      self.call = call
      self.mistake = mistake
    }

    /// Returns the sum of both, element by element.
    public static func + (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor { OperatorLayer.sum([a, b]) }
  }

  /// One use of a layer.
  final class Call {
    let layer: Layer
    let inputs: [SymbolicTensor]
    /// How often the layer had been called before.
    let number: Int
    /// Its place among all calls of the process.
    let serial: Int

    init(_ layer: Layer, _ inputs: [SymbolicTensor]) {
      self.layer = layer
      self.inputs = inputs
      number = layer.callCount
      layer.callCount += 1
      serial = Serial.next()
    }
  }

  /// Returns a new input of a model.
  ///
  /// - Parameter shape: The extents of one example, without that of the batch.
  ///
  /// Source: `tf.keras.layers.Input`.
  public static func input(
    shape: [Int?], dataType: DataType = .float32, name: String? = nil
  ) -> SymbolicTensor {
    let type = TensorType(dataType, Shape([nil] + shape))
    return SymbolicTensor(type, Call(InputLayer(type, name: name), []))
  }
}
