import CKernels
import EspalierGraph

/// A cluster of a group, prepared.
final class ConvolutionStage {
  let program: TileProgram
  /// What the planner has to know of it.
  let cluster: Cluster
  private let inputCount: Int
  private let outputCount: Int

  /// Returns the cluster that computes an operand of a group of so many inputs, with these outputs.
  init?(source: ConvolutionGroup.Source?, inputs: Int, _ outputs: [TensorType]) throws(ExecutionError) {
    guard case .cluster(var cluster)? = source else { return nil }
    cluster.streamStores { ConvolutionGroup.streams(outputs, $0) }
    // The number of outputs tells whether anything is stored besides the operand.
    let isAlone = cluster.stores.allSatisfy { $0.output == ConvolutionGroup.inside }
    outputCount = isAlone ? 0 : outputs.count
    inputCount = inputs
    self.cluster = cluster
    let place = outputCount
    var types = outputs + [TensorType(.float32)]
    if isAlone { types[0] = TensorType(.float32) }
    program = try TileProgram(
      cluster.renumbered(inputs: { $0 }, outputs: { $0 == ConvolutionGroup.inside ? place : $0 }, types))
  }

  /// Returns the cluster that takes over the result of a group, and stores it as well if that is streamed.
  init?(finish group: ConvolutionGroup, inputs: Int) throws(ExecutionError) {
    guard var finish = group.finish else { return nil }
    let outputs = group.outputs
    // What is added to the result has just been read, and its place may be the result's.
    if group.residual == nil { finish.streamStores { ConvolutionGroup.streams(outputs, $0) } }
    if group.streamsResult, let result = group.result {
      let value = finish.load(ConvolutionGroup.inside, outputs[result])
      finish.stores.append(Cluster.Store(value: value, output: result, isStreamed: true))
    }
    cluster = finish
    inputCount = inputs
    outputCount = outputs.count
    program = try TileProgram(
      finish.renumbered(inputs: { $0 == ConvolutionGroup.inside ? inputs : $0 }, outputs: { $0 }, outputs))
  }

  /// The bytes of the partial results of so many parts.
  func partialBytes(_ parts: Int) -> Int { (parts * program.partBytes + 63) / 64 * 64 }

  /// Returns the stage for a call whose partial results lie at `partials`.
  func prepared(_ call: KernelCall, partials: UnsafeMutableRawPointer) -> esp_conv_stage {
    program.stage(
      (call.tileInputs, inputCount), (call.tileOutputs, outputCount), partials: cluster.sums.isEmpty ? nil : partials)
  }

  /// The stage without addresses: enough to say how much scratch memory it takes.
  var measured: esp_conv_stage {
    let somewhere = UnsafeMutableRawPointer(bitPattern: 64)
    return program.stage((nil, inputCount), (nil, outputCount), partials: cluster.sums.isEmpty ? nil : somewhere)
  }

  /// Writes the results of reductions.
  func combine(_ call: KernelCall, partials: UnsafeMutableRawPointer, parts: Int) {
    if !cluster.sums.isEmpty { program.combine(call.tileOutputs, partials: partials, parts: parts) }
  }
}

/// The stages of a group, and where their partial results lie in its workspace.
struct ConvolutionStages {
  let images: ConvolutionStage?
  let slopes: ConvolutionStage?
  let finish: ConvolutionStage?
  let parts: Int
  private let offsets: [Int]
  /// The bytes of the workspace, what comes before the partial results among them.
  let workspaceBytes: Int

  init(_ group: ConvolutionGroup, inputs: Int, parts: Int, after bytes: Int) throws(ExecutionError) {
    images = try ConvolutionStage(source: group.images, inputs: inputs, group.outputs)
    slopes = try ConvolutionStage(source: group.slopes, inputs: inputs, group.outputs)
    finish = try ConvolutionStage(finish: group, inputs: inputs)
    self.parts = parts
    var offsets: [Int] = []
    var end = (bytes + 63) / 64 * 64
    for stage in [images, slopes, finish] {
      offsets.append(end)
      end += stage?.partialBytes(parts) ?? 0
    }
    self.offsets = offsets
    workspaceBytes = end
  }

  /// Calls `body` with the stages of this call, then writes the results of their reductions.
  func run(
    _ call: KernelCall,
    _ body: (
      _ images: UnsafePointer<esp_conv_stage>?, _ slopes: UnsafePointer<esp_conv_stage>?,
      _ finish: UnsafePointer<esp_conv_stage>?
    ) -> Void
  ) {
    withStage(images?.prepared(call, partials: call.workspace + offsets[0])) { images in
      withStage(slopes?.prepared(call, partials: call.workspace + offsets[1])) { slopes in
        withStage(finish?.prepared(call, partials: call.workspace + offsets[2])) { finish in
          body(images, slopes, finish)
        }
      }
    }
    images?.combine(call, partials: call.workspace + offsets[0], parts: parts)
    slopes?.combine(call, partials: call.workspace + offsets[1], parts: parts)
    finish?.combine(call, partials: call.workspace + offsets[2], parts: parts)
  }

  /// Returns what `body` returns for stages without addresses.
  func measure<Result>(
    _ body: (
      UnsafePointer<esp_conv_stage>?, UnsafePointer<esp_conv_stage>?, UnsafePointer<esp_conv_stage>?
    ) -> Result
  ) -> Result {
    withStage(images?.measured) { images in
      withStage(slopes?.measured) { slopes in
        withStage(finish?.measured) { finish in body(images, slopes, finish) }
      }
    }
  }
}

extension ConvolutionGroup {
  /// The least bytes of a tensor that goes past the caches: more than a second-level cache holds.
  static let streamedBytes = 2 << 20

  /// Whether the result is stored by `finish`, past the caches, after it was computed into scratch memory.
  var streamsResult: Bool {
    guard let result, finish != nil, residual == nil, images == nil || slopes == nil else { return false }
    return Self.streams(outputs, result)
  }

  /// Whether an output of a stage goes past the caches: nobody reads it before others have taken its place there.
  fileprivate static func streams(_ outputs: [TensorType], _ output: Int) -> Bool {
    output != inside && outputs[output].byteCount >= streamedBytes
  }
}

/// Returns what `body` returns for the address of a stage, or nil.
private func withStage<Result>(_ stage: esp_conv_stage?, _ body: (UnsafePointer<esp_conv_stage>?) -> Result) -> Result {
  guard let stage else { return body(nil) }
  return withUnsafePointer(to: stage) { body($0) }
}
