import EspalierGraph

/// What stands beside the kernels of a run and may look at each.
package protocol StepObserver: AnyObject {
  /// Runs one kernel, with whatever there is to do before and after.
  func run(_ step: ObservedStep) throws(ExecutionError)
}

/// A kernel that is about to run, as an observer sees it.
package struct ObservedStep {
  /// The kernel and the node that it computes.
  package let description: Plan.Step
  let binding: Binding
  let prepared: Binding.PreparedStep

  /// Runs the kernel.
  package func run() throws(ExecutionError) { try prepared.run(prepared.call) }

  /// Returns the value of an input or output, copied; nil for what cannot be looked at.
  package func value(of id: TensorID) -> HostTensor? { try? binding.fetch(id, feeds: binding.feeds) }

  /// The program that the kernel is part of.
  package var program: Program { binding.plan.program }
}

/// A look at a scalar as soon as a run has computed it, before the run changes any variable that depends on it.
package struct ValueCheck {
  /// The scalar, which has to be among the run's fetches.
  package let tensor: Tensor
  /// Returns whether the run goes on.
  package let body: (Double) -> Bool

  package init(_ tensor: Tensor, _ body: @escaping (Double) -> Bool) {
    self.tensor = tensor
    self.body = body
  }
}

extension Binding {
  /// A check and the number of steps after which it can be made.
  struct PreparedCheck {
    let check: ValueCheck
    let value: TensorID
    let position: Int
  }

  /// Returns when a check can be made; nil if nothing computes the value.
  func prepared(_ check: ValueCheck, _ value: TensorID) -> PreparedCheck? {
    var origin = value.node
    while plan.program.nodes[origin].operation.fusion == .view, let input = plan.program.nodes[origin].inputs.first {
      origin = input.node
    }
    guard let kernel = plan.kernels.firstIndex(where: { $0.number == origin }) else { return nil }
    let step = steps.firstIndex { $0.number == kernel }
    return PreparedCheck(check: check, value: value, position: step.map { $0 + 1 } ?? 0)
  }

  /// Computes what is kept from run to run, if it never was or a variable has changed since.
  func refresh(_ observer: (any StepObserver)?) throws(ExecutionError) {
    let version = plan.steadyVersion
    guard plan.keptVersion != version else { return }
    plan.keptVersion = nil
    try run(steadySteps, observer, 0..<steadySteps.count)
    plan.keptVersion = version
  }

  /// Runs all steps in order.
  func runSteps(_ observer: (any StepObserver)?, _ check: PreparedCheck?) throws(ExecutionError) {
    guard let check else { return try run(steps, observer, 0..<steps.count) }
    try run(steps, observer, 0..<check.position)
    let value = try fetch(check.value, feeds: feeds)
    if let number = (try? value.doubles())?.first, !check.check.body(number) {
      throw ExecutionError("The run was broken off.", kind: .cancelled)
    }
    try run(steps, observer, check.position..<steps.count)
  }

  private func run(
    _ steps: ContiguousArray<PreparedStep>, _ observer: (any StepObserver)?, _ range: Range<Int>
  ) throws(ExecutionError) {
    var position = range.lowerBound
    do throws(ExecutionError) {
      if let observer {
        while position < range.upperBound {
          let step = steps[position]
          try observer.run(ObservedStep(description: plan.kernels[step.number], binding: self, prepared: step))
          position += 1
        }
      } else {
        while position < range.upperBound {
          try steps[position].run(steps[position].call)
          position += 1
        }
      }
    } catch {
      let node = plan.kernels[steps[position].number].node
      throw error.located(operation: node.operation.name, node: node.name, site: node.site)
    }
  }
}
