import Espalier
import Foundation

/// Measures training and inference steps on synthetic images.
@main
struct Bench {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard let word = arguments.first, let workload = Workload(rawValue: word) else {
      let isHelp = ["--help", "-h"].contains(arguments.first ?? "--help")
      print(Options.command.help(defaults: [("default", Options())]))
      exit(isHelp ? 0 : UsageError.status)
    }
    do {
      let given = try Options.command.parse(arguments.dropFirst())
      if given.wantsHelp { return print(Options.command.help(defaults: [("default", Options())])) }
      let options = try given.applied(to: Options())
      let model = try Model(named: options.model, batch: options.batch)
      let measured = try measure(workload, model, options)
      print(options.json ? measured.json : measured.text)
    } catch let error as UsageError {
      FileHandle.standardError.write(Data("example-bench: \(error)\n".utf8))
      exit(UsageError.status)
    } catch {
      FileHandle.standardError.write(Data("example-bench: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Runs the workload and returns the time of each step after the warm-up.
  private static func measure(_ workload: Workload, _ model: Model, _ options: Options) throws -> Measurement {
    let graph = Graph()
    graph.seed = 1
    let target = try withGraph(graph) { try model.build(workload) }
    var configuration = SessionConfiguration()
    if options.threads > 0 { configuration.threads = options.threads }
    let session = Session(graph: graph, configuration: configuration)
    let variables: [Variable] = graph.collection(.globalVariables)
    _ = try session.run([], targets: variables.map(\.initializer))
    let feeding = [
      target.images: model.syntheticImages(), target.labels: model.syntheticLabels(),
    ]
    let clock = ContinuousClock()
    var times: [Double] = []
    for step in 0..<options.warmup + options.steps {
      let time = try clock.measure { _ = try session.run(target.fetches, targets: target.nodes, feeding: feeding) }
      if step >= options.warmup { times.append(time / .milliseconds(1)) }
    }
    return Measurement(
      workload: workload.rawValue, model: options.model, batch: options.batch, milliseconds: times.sorted())
  }
}

/// What is measured.
enum Workload: String {
  case train
  case infer
}
