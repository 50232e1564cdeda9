import EspalierGraph

/// A number, numbers or a tensor, where a function takes any of them: a learning rate, the weights of a loss.
public protocol TensorConvertible {
  /// Returns the value as a tensor of this element type, by adding operations to the current graph.
  ///
  /// - Parameter name: The name of the constant, if one is made.
  func tensor(of dataType: DataType, name: String?) -> Tensor
}

extension Double: TensorConvertible {
  public func tensor(of dataType: DataType, name: String?) -> Tensor { constant(number: self, dataType, name: name) }
}

extension Float: TensorConvertible {
  public func tensor(of dataType: DataType, name: String?) -> Tensor {
    constant(number: Double(self), dataType, name: name)
  }
}

extension Int: TensorConvertible {
  public func tensor(of dataType: DataType, name: String?) -> Tensor {
    cast(constant(Int64(self), name: name), to: dataType)
  }
}

extension Tensor: TensorConvertible {
  public func tensor(of dataType: DataType, name: String?) -> Tensor { isPoisoned ? self : cast(self, to: dataType) }
}

extension Variable: TensorConvertible {
  public func tensor(of dataType: DataType, name: String?) -> Tensor { value.tensor(of: dataType, name: name) }
}

extension [Double]: TensorConvertible {
  public func tensor(of dataType: DataType, name: String?) -> Tensor { cast(constant(self, name: name), to: dataType) }
}

/// Whether a layer is trained or applied: known when the graph is built, or a scalar `bool` tensor that decides in
/// each run.
public protocol TrainingFlag {
  /// The flag as known when the graph is built, or nil.
  var known: Bool? { get }
  /// The tensor that decides, unless it is known.
  var tensor: Tensor? { get }
}

extension Bool: TrainingFlag {
  public var known: Bool? { self }
  public var tensor: Tensor? { nil }
}

extension Tensor: TrainingFlag {
  public var known: Bool? { nil }
  public var tensor: Tensor? { self }
}

/// One or two numbers for the two axes of images: `3`, or `Size2D(3, 5)`.
public protocol SpatialSize {
  /// The numbers for rows and columns.
  var size2D: Size2D { get }
}

extension Int: SpatialSize {
  public var size2D: Size2D { Size2D(self, self) }
}

extension Size2D: SpatialSize {
  public var size2D: Size2D { self }
}

extension Size2D {
  var tuple: (Int, Int) { (height, width) }
}
