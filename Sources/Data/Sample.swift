import EspalierGraph

/// What an `inputFn` yields: the features of a batch and, for training and evaluation, its labels.
public struct Sample: Sendable, Equatable {
  /// What the model sees.
  public var features: Structure<HostTensor>
  /// What it should say, if known.
  public var labels: Structure<HostTensor>?

  /// Returns features and labels.
  public init(features: Structure<HostTensor>, labels: Structure<HostTensor>? = nil) {
    self.features = features
    self.labels = labels
  }

  /// Returns one tensor of features and one of labels.
  public init(features: HostTensor, labels: HostTensor? = nil) {
    self.features = .single(features)
    self.labels = labels.map { .single($0) }
  }
}
