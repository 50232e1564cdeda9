import EspalierExecutor
import EspalierFormats
import EspalierGraph
import Foundation
import TestSupport
import Testing

/// Runs the training runs that TensorFlow recorded, on the same weights and batches.
@Suite(.enabled(if: SharedData.isPresent, "there is no reference data on this machine"))
struct TrainingTests {
  @Test(arguments: [ConvolutionAlgorithm.direct, .automatic])
  func threeStepsOfAnEightLayerNetwork(algorithm: ConvolutionAlgorithm) throws {
    let run = try TrainingRun("resnet8_v1", layers: 8, algorithm)
    try run.expectFirstLogits()
    try run.expectFirstGradients()
    try run.expectLosses(0..<1)
    try run.expectVariables("after_1_step_l2_norms", tolerance: 2e-4)
    // From here on rounding decides which side of 0 some units are on.
    try run.expectLosses(1..<3)
    try run.expectVariables("final_l2_norms", tolerance: 1e-2)
    try run.expectVariables("final_momentum_l2_norms", tolerance: 2e-2)
    try run.expectInference()
  }

  @Test func twentyStepsWithASmallRate() throws {
    let run = try TrainingRun("resnet20_v1_lr0.0005", layers: 20)
    try run.expectFirstLogits()
    try run.expectLosses(0..<20)
    try run.expectVariables("final_l2_norms", tolerance: 5e-3)
  }

  @Test func theFirstStepsWithALargeRate() throws {
    let run = try TrainingRun("resnet20_v1", layers: 20)
    try run.expectFirstGradients()
    try run.expectLosses(0..<3)
  }

  @Test func theStepsAfterACheckpoint() throws {
    let run = try TrainingRun("resnet20_v1", layers: 20)
    try run.expectLossesAfterCheckpoint()
  }
}

/// A recorded run and the network that is to follow it.
private struct TrainingRun {
  private let folder: String
  private let layers: Int
  private let batch: Int
  private let expected: JSON
  private let network: TutorialNetwork
  private let session: Session
  private let configuration: SessionConfiguration

  init(_ name: String, layers: Int, _ algorithm: ConvolutionAlgorithm = .automatic) throws {
    folder = "golden/training/\(name)/"
    self.layers = layers
    expected = try JSON.shared(folder + "expected.json")
    let rates = try expected["config"]["lr_values"].array
    batch = try Int(expected["config"]["batch"].double)
    network = try TutorialNetwork(layers: layers, batch: batch, learningRate: rates[0].double)
    var configuration = SessionConfiguration()
    configuration.convolution = algorithm
    self.configuration = configuration
    session = Session(graph: network.graph, configuration: configuration)
    try load("initial")
  }

  private func path(_ file: String) throws -> String { try folder + expected["files"][file].string }

  /// Gives all variables their values in a checkpoint; slots that it lacks begin at zero.
  private func load(_ file: String) throws {
    let checkpoint = try CheckpointReader(prefix: SharedData.url(path(file)).path)
    for variable in network.variables {
      let value =
        checkpoint.contains(variable.name)
        ? try checkpoint.tensor(named: variable.name) : HostTensor(zeros: variable.dataType, shape: variable.shape)
      try session.variables.set(value, for: variable.name)
    }
  }

  private func feeds(step: Int) throws -> [Tensor: HostTensor] {
    let images = try sharedArray(path("images")).part(step)
    return [network.images: images, network.labels: try sharedArray(path("labels")).part(step)]
  }

  /// Compares the logits of the first batch.
  func expectFirstLogits() throws {
    let want = try sharedArray(path("step0_logits")).doubles()
    let logits = try session.run(network.logits, feeding: try feeds(step: 0)).doubles()
    #expect(logits.count == want.count)
    #expect(zip(logits, want).allSatisfy { abs($0 - $1) <= 2e-4 })
  }

  /// Compares the gradients of all variables before the first step.
  func expectFirstGradients() throws {
    let checkpoint = try CheckpointReader(prefix: SharedData.url(path("step0_gradients")).path)
    let tolerance = try expected["step0_gradient_tolerance"]["tolerance"].double
    let gradients = try session.run(network.gradients, feeding: try feeds(step: 0))
    #expect(gradients.count == checkpoint.variables.count)
    for (name, gradient) in gradients {
      let want = try checkpoint.tensor(named: name).doubles()
      let difference = norm(zip(try gradient.doubles(), want).map { $0 - $1 })
      #expect(difference <= tolerance * norm(want), "gradient of \(name)")
    }
  }

  /// Trains, and compares the loss before each step.
  func expectLosses(_ steps: Range<Int>) throws {
    let recorded = try expected["steps"].array
    for step in steps {
      let results = try session.run(
        [network.loss], targets: [network.train], feeding: try feeds(step: step))
      let loss = try Double(results[0].scalar(as: Float.self))
      let want = try recorded[step]["loss"].double
      guard let tolerance = try recorded[step]["tolerance"].value.number else {
        Issue.record("step \(step) has no tolerance")
        return
      }
      #expect(abs(loss - want) <= tolerance, "loss of step \(step) is \(loss), not \(want)")
    }
  }

  /// Trains from the checkpoint in the middle of the run.
  func expectLossesAfterCheckpoint() throws {
    let resync = try expected["resync"]
    let folder = folder
    let checkpoint = try CheckpointReader(prefix: SharedData.url(folder + resync["checkpoint"].string).path)
    for variable in network.variables {
      try session.variables.set(try checkpoint.tensor(named: variable.name), for: variable.name)
    }
    let first = try Int(resync["first_step"].double)
    let (losses, tolerances) = try (resync["loss"].array, resync["tolerance"].array)
    for (index, want) in losses.enumerated() {
      let results = try session.run(
        [network.loss], targets: [network.train], feeding: try feeds(step: first + index))
      let difference = try abs(Double(results[0].scalar(as: Float.self)) - want.double)
      #expect(difference <= (try tolerances[index].double), "loss of step \(first + index) is off by \(difference)")
    }
  }

  /// Compares the lengths of variables after the last step.
  func expectVariables(_ section: String, tolerance: Double) throws {
    for (name, want) in try expected[section].object {
      guard let value = session.variables.value(of: name), value.dataType == .float32 else { continue }
      let length = norm(try value.doubles())
      #expect(abs(length - (try want.double)) <= tolerance * max(try want.double, 0.1), "\(name) has length \(length)")
    }
  }

  /// Compares what the trained network says with moving averages in place of those of the batch.
  func expectInference() throws {
    let network = try TutorialNetwork(layers: layers, batch: batch, learningRate: 0, isTraining: false)
    let session = Session(graph: network.graph, variables: session.variables, configuration: configuration)
    let want = try sharedArray(path("final_inference_logits_of_batch0")).doubles()
    let images = try sharedArray(path("images")).part(0)
    let logits = try session.run(network.logits, feeding: [network.images: images]).doubles()
    let difference = norm(zip(logits, want).map { $0 - $1 })
    #expect(difference <= 2e-2 * norm(want), "off by \(difference) of \(norm(want))")
  }
}

private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
