/// How a pipeline is computed. What is nil was not said.
///
///     var options = DatasetOptions()
///     options.deterministic = false
///     options.threading.privateThreadpoolSize = 2
///     let dataset = records.map(threads: 8, parse).withOptions(options)
///
/// Two of them have an effect: `deterministic` and `threading.privateThreadpoolSize`. The others are what TensorFlow's
/// runtime, which rewrites and tunes pipelines, asks for: they are kept and merged, and change nothing here.
///
/// Source: `tf.data.Options`.
public struct DatasetOptions: Hashable, Sendable {
  /// Threads of the pipeline.
  public struct Threading: Hashable, Sendable {
    /// How many of the functions of the pipeline run at once, however many threads its steps have; 0 is no limit.
    public var privateThreadpoolSize: Int?
    /// Without effect: a function here runs on one thread.
    public var maxIntraOpParallelism: Int?

    public init() {}
  }

  /// What TensorFlow tunes while a pipeline runs. Without effect.
  public struct Autotune: Hashable, Sendable {
    public var enabled: Bool?
    public var cpuBudget: Int?
    public var ramBudget: Int?

    public init() {}
  }

  /// What TensorFlow rewrites before a pipeline runs. Without effect.
  public struct Optimization: Hashable, Sendable {
    public var applyDefaultOptimizations: Bool?
    public var filterFusion: Bool?
    public var filterParallelization: Bool?
    public var injectPrefetch: Bool?
    public var mapAndBatchFusion: Bool?
    public var mapAndFilterFusion: Bool?
    public var mapFusion: Bool?
    public var mapParallelization: Bool?
    public var noopElimination: Bool?
    public var parallelBatch: Bool?
    public var shuffleAndRepeatFusion: Bool?

    public init() {}
  }

  /// Whether steps with several threads keep the order of elements; they do if it is not said. A training can go on with
  /// the same bits only if they do.
  public var deterministic: Bool?
  /// Without effect: TensorFlow's wish to start the first step of a pass later.
  public var experimentalSlack: Bool?
  public var threading = Threading()
  public var autotune = Autotune()
  public var experimentalOptimization = Optimization()

  /// Returns options of which nothing is said.
  public init() {}

  /// Returns these options with what `other` says in place of what they say.
  ///
  /// Source: `tf.data.Options.merge`.
  public func merged(with other: DatasetOptions) -> DatasetOptions {
    var result = self
    func take<Value>(_ path: WritableKeyPath<DatasetOptions, Value?>) {
      if let value = other[keyPath: path] { result[keyPath: path] = value }
    }
    take(\.deterministic)
    take(\.experimentalSlack)
    take(\.threading.privateThreadpoolSize)
    take(\.threading.maxIntraOpParallelism)
    take(\.autotune.enabled)
    take(\.autotune.cpuBudget)
    take(\.autotune.ramBudget)
    Self.optimizations.forEach(take)
    return result
  }

  private static var optimizations: [WritableKeyPath<DatasetOptions, Bool?>] {
    [
      \.experimentalOptimization.applyDefaultOptimizations, \.experimentalOptimization.filterFusion,
      \.experimentalOptimization.filterParallelization, \.experimentalOptimization.injectPrefetch,
      \.experimentalOptimization.mapAndBatchFusion, \.experimentalOptimization.mapAndFilterFusion,
      \.experimentalOptimization.mapFusion, \.experimentalOptimization.mapParallelization,
      \.experimentalOptimization.noopElimination, \.experimentalOptimization.parallelBatch,
      \.experimentalOptimization.shuffleAndRepeatFusion,
    ]
  }
}

/// One time through a dataset.
struct Pass: Sendable {
  /// Shuffles draw differently by this number.
  let number: Int
  let options: DatasetOptions
  /// Lets so many functions run at once; nil for no limit.
  let limit: ThreadLimit?

  init(number: Int, options: DatasetOptions) {
    let size = options.threading.privateThreadpoolSize ?? 0
    self.init(number: number, options: options, limit: size > 0 ? ThreadLimit(size) : nil)
  }

  private init(number: Int, options: DatasetOptions, limit: ThreadLimit?) {
    (self.number, self.options, self.limit) = (number, options, limit)
  }

  /// Returns a pass over a part of the pipeline under another number.
  func numbered(_ number: Int) -> Pass { Pass(number: number, options: options, limit: limit) }
}
