import CKernels
import EspalierGraph

/// A float32 convolution of NHWC images, or its gradients, with pointwise clusters on its way in and out.
///
///     forward           result = images ∗ filter
///     backward          result = gradient with respect to the images, filterGradient, or both, from `slopes`
///
/// A cluster before it computes images or slopes; one after it, `finish`, takes over the result. Both run for the rows
/// that a unit of the convolution works on, in the second-level cache: what they hand over is never in memory.
struct ConvolutionGroup: NonDifferentiable {
  static let tfName = "ConvolutionGroup"

  /// The number of the input or output of a cluster that is handed over within the group.
  static let inside = -1

  /// Where an operand comes from.
  enum Source: Hashable, Sendable {
    case input(Int)
    /// What the cluster stores to output `inside`.
    case cluster(Cluster)
  }

  var window: ConvolutionWindow
  /// `[N, H, W, C]`
  var imageExtents: [Int]
  /// `[KH, KW, C, K]`
  var filterExtents: [Int]
  var images: Source?
  /// The gradient with respect to the result of the convolution.
  var slopes: Source?
  /// The input that the filter is; nil if only its gradient is computed.
  var filter: Int?
  /// The inputs that are added to the result, and what is applied last.
  var bias: Int?
  var residual: Int?
  var activation = Epilogue.Activation.none
  /// The cluster that loads the result from input `inside`.
  var finish: Cluster?
  /// The output that the result is, if it is stored.
  var result: Int?
  /// The output that the filter's gradient is.
  var filterGradient: Int?
  var outputs: [TensorType]

  func outputTypes(_ inputs: [TensorType]) throws(GraphError) -> [TensorType] { outputs }

  /// Returns the group of a single operation, or nil if there are no such kernels for it.
  init?(_ node: Program.Node, _ inputs: [TensorType]) {
    if let known = node.operation as? ConvolutionGroup {
      self = known
      return
    }
    let fused = node.operation as? FusedAnchor
    let operation: any Operation = fused.map { $0.anchor } ?? node.operation
    guard node.outputs.count == 1, node.outputs[0].dataType == .float32, node.writes.isEmpty else { return nil }
    outputs = node.outputs
    func extents(_ type: TensorType) -> [Int] { type.shape.known ?? [] }
    switch operation {
    case let forward as Conv2D:
      (window, imageExtents, filterExtents) = (forward.window, extents(inputs[0]), extents(inputs[1]))
      (images, filter, result) = (.input(0), 1, 0)
    case let backward as Conv2DBackpropInput:
      (window, imageExtents, filterExtents) = (backward.window, extents(outputs[0]), extents(inputs[1]))
      (slopes, filter, result) = (.input(2), 1, 0)
    case let backward as Conv2DBackpropFilter:
      (window, imageExtents, filterExtents) = (backward.window, extents(inputs[0]), extents(outputs[0]))
      (images, slopes, filterGradient) = (.input(0), .input(2), 0)
    default: return nil
    }
    guard window.dataFormat == .nhwc, imageExtents.count == 4, filterExtents.count == 4 else { return nil }
    guard let fused else { return }
    var next = fused.ownInputs
    if fused.epilogue.bias {
      bias = next
      next += 1
    }
    if fused.epilogue.residual { residual = next }
    activation = fused.epilogue.activation
  }

  /// The shape as the C kernels call it, or nil if the window does not fit.
  var shape: esp_conv_shape? {
    do throws(ExecutionError) { return try window.shape(images: imageExtents, filter: filterExtents) } catch {
      return nil
    }
  }

  /// `[N, H, W, K]` of the convolution's result.
  var slopeExtents: [Int] { shape.map { [$0.n, $0.oh, $0.ow, $0.k] } ?? [] }
  /// The extents of what the group computes besides the filter's gradient.
  var resultExtents: [Int] { slopes == nil ? slopeExtents : imageExtents }

  /// Whether clusters can be part of it.
  var takesClusters: Bool {
    guard let shape else { return false }
    return withUnsafePointer(to: shape) { shape in
      if images != nil, slopes != nil {
        var plan = esp_conv_backward_plan()
        esp_f32_conv_backward_plan(shape, convolutionOptions, filter == nil ? 0 : 1, &plan)
        return plan.parts > 0
      }
      var plan = esp_conv_plan()
      if slopes == nil {
        esp_f32_conv_forward_plan(shape, convolutionOptions, &plan)
      } else {
        esp_f32_conv_backward_data_plan(shape, convolutionOptions, &plan)
      }
      return esp_f32_conv_takes_stages(&plan) != 0
    }
  }
}

extension ConvolutionGroup: CustomStringConvertible {
  /// The formulas of what goes in and out, `conv_forward[x: relu(#0); mean(#-1)]`.
  var description: String {
    var parts: [String] = []
    if case .cluster(let cluster)? = images { parts.append("x: \(cluster)") }
    if case .cluster(let cluster)? = slopes { parts.append("dy: \(cluster)") }
    if let finish { parts.append(slopes == nil ? "y: \(finish)" : "dx: \(finish)") }
    return kernelName + (parts.isEmpty ? "" : "{" + parts.joined(separator: " | ") + "}")
  }

  /// The name of the convolution with what is added to it.
  var kernelName: String {
    let name =
      switch (slopes, filter, filterGradient) {
      case (nil, _, _): "conv_forward"
      case (_, _, nil): "conv_backward_data"
      case (_, nil, _): "conv_backward_filter"
      default: "conv_backward"
      }
    return name + (bias == nil ? "" : "+bias") + (residual == nil ? "" : "+add") + (activation == .relu ? "+relu" : "")
  }
}
