import Espalier
import Foundation

/// How training uses the cores: all threads, one thread, and all threads while another process takes a core.
enum Scaling {
  static func contestants(_ options: Options) throws -> [any Contestant] {
    let model = try Model(options)
    let threads = threadCount(options.threads)
    let all = try GraphSteps(model, isTraining: true, threads: threads, name: "\(threads) threads")
    return [
      all, try GraphSteps(model, isTraining: true, threads: 1, name: "1 thread"),
      BesideBusyProcess(all, name: "\(threads) threads beside a busy process"),
    ]
  }
}

/// Another's steps while a process of its own keeps a core busy.
private final class BesideBusyProcess: Contestant {
  let name: String
  private let steps: GraphSteps

  init(_ steps: GraphSteps, name: String) {
    self.steps = steps
    self.name = name
  }

  var unitsPerStep: Int { steps.unitsPerStep }

  func run(_ count: Int) throws -> [Double] {
    let busy = Process()
    busy.executableURL = URL(fileURLWithPath: "/bin/sh")
    busy.arguments = ["-c", "while :; do :; done"]
    try busy.run()
    defer {
      busy.terminate()
      busy.waitUntilExit()
    }
    return try steps.run(count)
  }
}
