import EspalierData
import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// Returns what a function makes of each element along the first axis, stacked.
///
///     let images = mapElements(files) { cast(resizeBilinear(decodeJpeg($0, channels: 3), …), to: .float32) }
///
/// The elements may have different sizes on the way; the results must not. The function is called once, to build a graph
/// of its own: it sees its element and constants, no variables and no other tensors. Gradients do not flow through it.
///
/// Source: `tf.map_fn`.
public func mapElements<Failure: Error>(
  _ x: Tensor, name: String = "map", file: StaticString = #fileID, line: Int = #line,
  _ function: (_ element: Tensor) throws(Failure) -> Tensor
) throws(Failure) -> Tensor {
  let graph = Graph()
  let (element, result) = try withGraph(graph) { () throws(Failure) in
    let element = placeholder(x.dataType, shape: x.shape.withoutFirst, name: "element")
    return (element, try function(element))
  }
  return BuildContext.at(file, line) {
    do throws(GraphError) {
      return apply(try MapElements(graph, from: element, to: result), x, name: name)
    } catch {
      x.graph.report(error, site: BuildContext.current.site)
      return apply(Identity(), x, name: name)
    }
  }
}

extension Shape {
  fileprivate var withoutFirst: Shape { extents.map { Shape(Array($0.dropFirst())) } ?? .unknown }
}

extension MapElements {
  fileprivate init(_ graph: Graph, from element: Tensor, to result: Tensor) throws(GraphError) {
    try graph.check()
    guard result.graph === graph else {
      throw GraphError("the result for an element was not built from the element: \(result) is of another graph")
    }
    if let variable = graph.collection(.globalVariables, of: Variable.self).first {
      throw GraphError("a function of elements cannot have variables such as '\(variable.name)'")
    }
    self.init(
      body: GraphDefEncoder(graph.nodes, stripsDefaults: true).encoded(), element: element.name, result: result.name,
      resultType: result.type)
    _ = try imported()
  }

  /// Returns the graph that is run for each element, with the tensor that is fed and the one that is fetched.
  ///
  /// - Throws: `GraphError` if there is something in it that cannot be there.
  func imported() throws(GraphError) -> (graph: Graph, element: Tensor, result: Tensor) {
    do {
      // A graph in a graph in a graph would need as much of the stack as a file likes.
      guard try !GraphDef(serialized: body, file: "body").nodes.contains(where: Self.isMap) else {
        throw GraphError("a function of elements cannot go through elements itself")
      }
      let graph = Graph()
      let imported = try graph.importGraphDef(body, outputs: [element, result], prefix: "")
      return (graph, try imported.tensor(named: element), try imported.tensor(named: result))
    } catch let error as GraphError {
      throw error
    } catch {
      throw GraphError("\(error)")
    }
  }

  private static func isMap(_ node: NodeDef) -> Bool {
    node.operation == tfName || node.operation == MapLoop.gatherOperation
  }
}

// The kernel lies here because it needs the importer, which the executor does not lean on.
extension MapElements: DataDependentOperation {
  package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
    let runner: ElementRunner
    do throws(GraphError) { runner = ElementRunner(try imported()) } catch { throw ExecutionError(error.description) }
    return Kernel(onValues: name) { (values) throws(ExecutionError) in
      do {
        let count = values[0].shape.first ?? 0
        let results = try (0..<count).map { place in
          try self.checked(try runner.result(of: values[0].row(at: place)), place)
        }
        return [results.isEmpty ? empty : try HostTensor.batch(of: results)]
      } catch let error as ExecutionError {
        throw error
      } catch {
        throw ExecutionError("\(error)")
      }
    }
  }

  /// Returns a result if it is what the operation says; files may say anything.
  private func checked(_ result: HostTensor, _ place: Int) throws(ExecutionError) -> HostTensor {
    guard result.dataType == resultType.dataType, Shape(result.shape).isCompatible(with: resultType.shape) else {
      throw ExecutionError("element \(place) became \(result.type), not \(resultType)")
    }
    return result
  }

  /// What no elements become.
  private var empty: HostTensor {
    HostTensor(zeros: resultType.dataType, shape: [0] + (resultType.shape.extents ?? []).map { $0 ?? 0 })
  }
}

/// Runs the graph of a function for one element after another.
private final class ElementRunner {
  /// A session keeps a plan for each shape that comes along, and images come in any.
  private static let mostRuns = 256
  private let body: (graph: Graph, element: Tensor, result: Tensor)
  private var session: Session
  private var runs = 0

  init(_ body: (graph: Graph, element: Tensor, result: Tensor)) {
    self.body = body
    session = Self.session(body.graph)
  }

  private static func session(_ graph: Graph) -> Session {
    Session(graph: graph, configuration: SessionConfiguration(threads: 1))
  }

  func result(of element: HostTensor) throws -> HostTensor {
    if runs == Self.mostRuns { (session, runs) = (Self.session(body.graph), 0) }
    runs += 1
    return try session.run(body.result, feeding: [body.element: element])
  }
}
