import EspalierFormats

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The processes that train together, and which of them this is.
///
/// Source: `tf.estimator.RunConfig`'s reading of the environment variable `TF_CONFIG`.
public struct ClusterConfig: Hashable, Sendable {
  /// The addresses of the processes by job: `chief`, `worker`, `ps`.
  public private(set) var clusterSpec: [String: [String]] = [:]
  /// The job of this process.
  public private(set) var taskType = "worker"
  /// Its number in the job.
  public private(set) var taskId = 0
  /// The address where its session runs; empty for this process.
  public private(set) var master = ""
  /// The address where evaluation runs; empty for this process.
  public private(set) var evaluationMaster = ""
  /// How many processes keep parameters.
  public private(set) var numPsReplicas = 0
  /// How many processes train, the chief among them.
  public private(set) var numWorkerReplicas = 1
  /// Its number among all processes; nil for an evaluator, which is not one of them.
  public private(set) var globalIdInCluster: Int? = 0
  /// Whether this is the process that saves.
  public private(set) var isChief = true
  /// What is said of a service around the cluster, as JSON.
  public private(set) var service: String?
  /// The model directory that `TF_CONFIG` names.
  public private(set) var modelDir: String?

  /// One process alone.
  public static let local = ClusterConfig()

  private init() {}

  /// Returns what the environment variable `TF_CONFIG` of this process says.
  ///
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if it makes no sense.
  public static func ofProcess() throws(EstimatorError) -> ClusterConfig {
    guard let text = getenv("TF_CONFIG").map({ String(cString: $0) }), !text.isEmpty else { return .local }
    return try ClusterConfig(tfConfig: text)
  }

  /// Returns what a text in the form of `TF_CONFIG` says.
  ///
  /// - Throws: `EstimatorError.invalidArgument` in TensorFlow's words if it makes no sense.
  public init(tfConfig text: String) throws(EstimatorError) {
    let json: JSONValue
    do { json = try JSONValue(parsing: text, file: "TF_CONFIG") } catch { throw .invalidArgument("\(error)") }
    if let given = json["model_dir"]?.text {
      guard !given.isEmpty else { throw .invalidArgument("model_dir in TF_CONFIG should be non-empty.") }
      Logging.info("Using model_dir in TF_CONFIG: \(given)")
      modelDir = given
    }
    if let given = json["service"], given != .null {
      guard given.members != nil else {
        throw .invalidArgument("If \"service\" is set in TF_CONFIG, it must be a dict. Given \(given)")
      }
      service = "\(given)"
    }
    clusterSpec = try Self.addresses(json["cluster"])
    let chief = clusterSpec["master"] == nil ? "chief" : "master"
    try clusterSpec.isEmpty ? readLocal(json) : readCluster(json, chief)
  }

  private static func addresses(_ json: JSONValue?) throws(EstimatorError) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for (job, tasks) in json?.members ?? [:] {
      let words = (tasks.elements ?? []).compactMap(\.text)
      guard let elements = tasks.elements, words.count == elements.count else {
        throw .invalidArgument("The tasks of \"\(job)\" in TF_CONFIG must be a list of addresses. Given \(tasks)")
      }
      result[job] = words
    }
    return result
  }

  private mutating func readLocal(_ json: JSONValue) throws(EstimatorError) {
    taskType = json["task"]?["type"]?.text ?? "worker"
    taskId = Self.index(json["task"]?["index"]) ?? 0
    guard taskType == "worker" else {
      throw .invalidArgument("If \"cluster\" is not set in TF_CONFIG, task type must be WORKER.")
    }
    guard taskId == 0 else {
      throw .invalidArgument("If \"cluster\" is not set in TF_CONFIG, task index must be 0.")
    }
    master = json["session_master"]?.text ?? ""
    evaluationMaster = json["eval_session_master"]?.text ?? ""
  }

  private mutating func readCluster(_ json: JSONValue, _ chief: String) throws(EstimatorError) {
    if chief == "master", clusterSpec["chief"] != nil {
      throw .invalidArgument("If `master` node exists in `cluster`, job `chief` is not supported.")
    }
    try readTask(json["task"], chief)
    isChief = taskType == chief
    if taskType == "evaluator" {
      guard chief == "chief" else {
        throw .invalidArgument("If `master` node exists in `cluster`, task_type `evaluator` is not supported.")
      }
      // It is no part of the cluster that trains.
      evaluationMaster = json["eval_session_master"]?.text ?? ""
      (clusterSpec, numWorkerReplicas, globalIdInCluster) = ([:], 0, nil)
      return
    }
    master = json["session_master"]?.text ?? address()
    numPsReplicas = clusterSpec["ps"]?.count ?? 0
    numWorkerReplicas = (clusterSpec["worker"]?.count ?? 0) + (clusterSpec[chief]?.count ?? 0)
    globalIdInCluster = globalID(chief)
  }

  private mutating func readTask(_ task: JSONValue?, _ chief: String) throws(EstimatorError) {
    guard let chiefs = clusterSpec[chief] else {
      throw .invalidArgument("If \"cluster\" is set in TF_CONFIG, it must have one \"\(chief)\" node.")
    }
    guard chiefs.count <= 1 else {
      throw .invalidArgument("The \"cluster\" in TF_CONFIG must have only one \"\(chief)\" node.")
    }
    guard let type = task?["type"]?.text, !type.isEmpty else {
      throw .invalidArgument("If \"cluster\" is set in TF_CONFIG, task type must be set.")
    }
    guard let index = Self.index(task?["index"]) else {
      throw .invalidArgument("If \"cluster\" is set in TF_CONFIG, task index must be set.")
    }
    guard index >= 0 else { throw .invalidArgument("Task index must be non-negative number.") }
    (taskType, taskId) = (type, index)
    if type == "evaluator" { return }
    let note = "Note that these values may be coming from the TF_CONFIG environment variable."
    guard let tasks = clusterSpec[type] else {
      throw .invalidArgument("\(type) is not a valid task_type in the cluster_spec:\n\(specText)\n\n\(note)")
    }
    guard index < tasks.count else {
      throw .invalidArgument(
        "\(index) is not a valid task_id for task_type \(type) in the cluster_spec:\n\(specText)\n\n\(note)")
    }
  }

  /// Python takes numbers and texts of digits.
  private static func index(_ json: JSONValue?) -> Int? {
    json?.number.flatMap { Int(exactly: $0) } ?? json?.text.flatMap { Int($0) }
  }

  private func address() -> String {
    if clusterSpec.count == 1, clusterSpec.values.first?.count == 1 { return "" }
    return clusterSpec[taskType].map { "grpc://" + $0[taskId] } ?? ""
  }

  /// Counts the chief, then the other jobs in alphabetical order, parameter servers last.
  private func globalID(_ chief: String) -> Int {
    let middle = clusterSpec.keys.filter { $0 != chief && $0 != "ps" }.sorted()
    var next = 0
    for job in [chief] + middle + ["ps"] {
      if job == taskType { break }
      next += clusterSpec[job]?.count ?? 0
    }
    return next + taskId
  }

  private var specText: String {
    let jobs = clusterSpec.sorted { $0.key < $1.key }.map { job in
      "'\(job.key)': [" + job.value.map { "'\($0)'" }.joined(separator: ", ") + "]"
    }
    return "ClusterSpec({" + jobs.joined(separator: ", ") + "})"
  }

  /// The parts of the configuration's text that are about the cluster.
  var words: [(String, String)] {
    [
      ("service", service ?? "None"), ("cluster_spec", specText), ("task_type", "'\(taskType)'"),
      ("task_id", "\(taskId)"), ("global_id_in_cluster", globalIdInCluster.map(String.init) ?? "None"),
      ("master", "'\(master)'"), ("evaluation_master", "'\(evaluationMaster)'"),
      ("is_chief", isChief ? "True" : "False"), ("num_ps_replicas", "\(numPsReplicas)"),
      ("num_worker_replicas", "\(numWorkerReplicas)"),
    ]
  }
}
