import Espalier
import Testing

/// A mistake that a user may make: where it stands, and what its message must hold.
private struct Mistake: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// TensorFlow's name of the operation, and the path of the node.
  let operation: String
  let path: String
  /// The shapes of the operands as the message shows them.
  let shapes: [String]
  /// Makes the mistake in the current graph and returns the line on which it stands.
  let make: @Sendable () -> Int

  init(
    _ description: String, _ operation: String, at path: String, _ shapes: [String],
    make: @escaping @Sendable () -> Int
  ) {
    testDescription = description
    self.operation = operation
    self.path = path
    self.shapes = shapes
    self.make = make
  }
}

private func input(_ shape: Shape, _ dataType: DataType = .float32) -> Tensor { placeholder(dataType, shape: shape) }

private let mistakes: [Mistake] = [
  Mistake("inner extents differ", "MatMul", at: "logits/MatMul", ["[?,3]", "[4,5]"]) {
    nameScope("logits") { () -> Int in
      let (a, b) = (input([nil, 3]), input([4, 5]))
      _ = matMul(a, b)
      return #line - 1
    }
  },
  Mistake("sum of unlike shapes", "AddV2", at: "AddV2", ["[2,3]", "[2,4]"]) {
    let (a, b) = (input([2, 3]), input([2, 4]))
    _ = a + b
    return #line - 1
  },
  Mistake("product of unlike shapes", "Mul", at: "block/Mul", ["[7]", "[5]"]) {
    nameScope("block") { () -> Int in
      let (a, b) = (input([7]), input([5]))
      _ = a * b
      return #line - 1
    }
  },
  Mistake("difference of unlike types", "Sub", at: "Sub", ["[2]", "[2]"]) {
    let (a, b) = (input([2]), input([2], .int32))
    _ = a - b
    return #line - 1
  },
  Mistake("quotient of unlike shapes", "RealDiv", at: "RealDiv", ["[3,1]", "[2,2]"]) {
    let (a, b) = (input([3, 1]), input([2, 2]))
    _ = a / b
    return #line - 1
  },
  Mistake("channels differ", "Conv2D", at: "stem/Conv2D", ["[?,32,32,3]", "[3,3,4,16]"]) {
    nameScope("stem") { () -> Int in
      let (x, filter) = (input([nil, 32, 32, 3]), input([3, 3, 4, 16]))
      _ = conv2D(x, filter: filter)
      return #line - 1
    }
  },
  Mistake("an image without channels", "Conv2D", at: "Conv2D", ["[32,32,3]", "[3,3,3,16]"]) {
    let (x, filter) = (input([32, 32, 3]), input([3, 3, 3, 16]))
    _ = conv2D(x, filter: filter)
    return #line - 1
  },
  Mistake("a window larger than the image", "MaxPool", at: "MaxPool", ["[1,2,2,3]"]) {
    let x = input([1, 2, 2, 3])
    _ = maxPool2D(x, size: (3, 3), strides: (1, 1), padding: .valid)
    return #line - 1
  },
  Mistake("a bias of another length", "BiasAdd", at: "BiasAdd", ["[?,4]", "[3]"]) {
    let (x, bias) = (input([nil, 4]), input([3]))
    _ = biasAdd(x, bias)
    return #line - 1
  },
  Mistake("another number of elements", "Reshape", at: "Reshape", ["[2,3]", "[1]"]) {
    let x = input([2, 3])
    _ = reshape(x, to: [7])
    return #line - 1
  },
  Mistake("an axis that is not there", "Sum", at: "Sum", ["[2,3]", "[1]"]) {
    let x = input([2, 3])
    _ = reduceSum(x, axes: [2])
    return #line - 1
  },
  Mistake("unlike parts", "ConcatV2", at: "concat", ["[2,3]", "[4,4]", "[]"]) {
    let (a, b) = (input([2, 3]), input([4, 4]))
    _ = concat([a, b], axis: 0)
    return #line - 1
  },
  Mistake("unlike members", "Pack", at: "stack", ["[2]", "[3]"]) {
    let (a, b) = (input([2]), input([3]))
    _ = stack([a, b])
    return #line - 1
  },
  Mistake("a permutation of another rank", "Transpose", at: "transpose", ["[2,3]", "[3]"]) {
    let x = input([2, 3])
    _ = transpose(x, order: [0, 2, 1])
    return #line - 1
  },
  Mistake("labels of another batch", "SparseSoftmaxCrossEntropyWithLogits", at: "", ["[8,10]", "[9]"]) {
    let (logits, labels) = (input([8, 10]), input([9], .int32))
    _ = sparseSoftmaxCrossEntropyWithLogits(labels: labels, logits: logits)
    return #line - 1
  },
  Mistake("a sum of unlike terms", "AddN", at: "AddN", ["[2]", "[3]"]) {
    let (a, b) = (input([2]), input([3]))
    _ = addN([a, b])
    return #line - 1
  },
  Mistake("an extent to squeeze that is not 1", "Squeeze", at: "Squeeze", ["[2,3]"]) {
    let x = input([2, 3])
    _ = squeeze(x, axes: [1])
    return #line - 1
  },
  Mistake("integers to normalize", "FusedBatchNormV3", at: "", ["[1,2,2,3]"]) {
    let (x, scale) = (input([1, 2, 2, 3], .int32), input([3]))
    _ = fusedBatchNorm(x, scale: scale, offset: scale)
    return #line - 1
  },
  Mistake("a slice beyond the end", "Slice", at: "Slice", ["[4]", "[1]", "[1]"]) {
    let x = input([4])
    _ = slice(x, begin: [3], size: [2])
    return #line - 1
  },
  Mistake("an assignment of another shape", "Assign", at: "Assign", ["[2]", "[3]"]) {
    let variable = getVariable("v", shape: [2]).variable
    let value = input([3])
    _ = variable.assign(value)
    return #line - 1
  },
  Mistake("a comparison of unlike types", "Equal", at: "Equal", ["[2]", "[2]"]) {
    let (a, b) = (input([2]), input([2], .int64))
    _ = equal(a, b)
    return #line - 1
  },
  Mistake("a choice between unlike shapes", "SelectV2", at: "SelectV2", ["[2]", "[2]", "[3]"]) {
    let (condition, a, b) = (input([2], .bool), input([2]), input([3]))
    _ = select(condition, a, b)
    return #line - 1
  },
]

@Suite struct PlantedMistakesTests {
  @Test(arguments: mistakes) fileprivate func aMistakeIsNamedWithItsPlace(_ mistake: Mistake) throws {
    let graph = Graph()
    let (line, sound) = withGraph(graph) { (mistake.make(), constant(1 as Float)) }
    // Nothing died, and running anything of the graph throws.
    let error = #expect(throws: GraphError.self) { try Session(graph: graph).run(sound) }
    let text = try #require(error).description
    #expect(error?.operation == mistake.operation)
    if !mistake.path.isEmpty { #expect(error?.node == mistake.path) }
    #expect(text.contains(try #require(error?.node)))
    for shape in mistake.shapes { #expect(text.contains(shape), "\(text)") }
    #expect(error?.site?.location?.line == line, "\(text)")
    #expect(error?.site?.location?.file.hasSuffix("PlantedMistakesTests.swift") == true, "\(text)")
    #expect(graph.diagnostics.count == 1)
  }

  @Test func namesAreGuardedToo() throws {
    let graph = Graph()
    let line = withGraph(graph) { () -> Int in
      _ = getVariable("w", shape: [2])
      _ = getVariable("w", shape: [2])
      return #line - 1
    }
    let error = #expect(throws: GraphError.self) { try graph.check() }
    #expect(error?.message.hasPrefix("Variable w already exists, disallowed.") == true)
    #expect(error?.site?.location?.line == line)
  }
}
