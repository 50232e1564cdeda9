/// Arithmetic operators on tensors. Operators cannot take `#line`, so they look at the call stack for their place.

extension Tensor {
  public static func + (x: Tensor, y: Tensor) -> Tensor { combine(Add(), x, y) }
  public static func - (x: Tensor, y: Tensor) -> Tensor { combine(Sub(), x, y) }
  public static func * (x: Tensor, y: Tensor) -> Tensor { combine(Mul(), x, y) }
  public static func / (x: Tensor, y: Tensor) -> Tensor { combine(RealDiv(), x, y) }
  public static prefix func - (x: Tensor) -> Tensor { combine(Neg(), x) }

  public static func + (x: Tensor, y: Double) -> Tensor { combine(Add(), x, y) }
  public static func - (x: Tensor, y: Double) -> Tensor { combine(Sub(), x, y) }
  public static func * (x: Tensor, y: Double) -> Tensor { combine(Mul(), x, y) }
  public static func / (x: Tensor, y: Double) -> Tensor { combine(RealDiv(), x, y) }

  public static func + (x: Double, y: Tensor) -> Tensor { combine(Add(), x, y) }
  public static func - (x: Double, y: Tensor) -> Tensor { combine(Sub(), x, y) }
  public static func * (x: Double, y: Tensor) -> Tensor { combine(Mul(), x, y) }
  public static func / (x: Double, y: Tensor) -> Tensor { combine(RealDiv(), x, y) }

  package static func combine(_ operation: some Operation, _ operands: Tensor...) -> Tensor {
    let site = BuildContext.current.site ?? SourceSite.ofCaller()
    return operands[0].graph.outputs(of: operation, operands, name: nil, outputs: 1, site: site)[0]
  }

  package static func combine(_ operation: some Operation, _ x: Tensor, _ y: Double) -> Tensor {
    combine(operation, x, scalar(y, like: x))
  }

  package static func combine(_ operation: some Operation, _ x: Double, _ y: Tensor) -> Tensor {
    combine(operation, scalar(x, like: y), y)
  }

  /// Returns a number as a constant of the element type of `other`, in its graph.
  private static func scalar(_ number: Double, like other: Tensor) -> Tensor {
    if other.isPoisoned { return other }
    let value = Constant(HostTensor(number: number, other.dataType))
    let site = BuildContext.current.site ?? other.node.site
    let node = withoutControlDependencies { other.graph.node(value, site: site) }
    return Tensor(node)
  }
}
