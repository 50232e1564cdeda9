import Espalier
import Testing

@Suite struct ClusterTests {
  private static let cluster = #""cluster": {"chief": ["h0:1"], "worker": ["h1:1", "h2:1"], "ps": ["h3:1"]}"#

  private func text(_ json: String) -> String? {
    LogLines.hidden { errorText { _ = try ClusterConfig(tfConfig: json) } }
  }

  @Test func oneProcessIsAloneByDefault() throws {
    for config in [ClusterConfig.local, try ClusterConfig(tfConfig: "{}")] {
      #expect(config.taskType == "worker" && config.taskId == 0 && config.isChief)
      #expect(config.numWorkerReplicas == 1 && config.numPsReplicas == 0 && config.globalIdInCluster == 0)
      #expect(config.master == "" && config.clusterSpec.isEmpty)
    }
  }

  @Test func everyTaskKnowsItsPlace() throws {
    let expected: [(String, Int, Bool, Int, String)] = [
      ("chief", 0, true, 0, "grpc://h0:1"), ("worker", 1, false, 2, "grpc://h2:1"), ("ps", 0, false, 3, "grpc://h3:1"),
    ]
    for (type, index, isChief, id, master) in expected {
      let config = try ClusterConfig(
        tfConfig: "{\(Self.cluster), \"task\": {\"type\": \"\(type)\", \"index\": \(index)}}")
      #expect(config.taskType == type && config.taskId == index && config.isChief == isChief)
      #expect(config.globalIdInCluster == id && config.master == master)
      #expect(config.numWorkerReplicas == 3 && config.numPsReplicas == 1)
    }
    let evaluator = try ClusterConfig(tfConfig: "{\(Self.cluster), \"task\": {\"type\": \"evaluator\", \"index\": 0}}")
    #expect(evaluator.globalIdInCluster == nil && evaluator.numWorkerReplicas == 0 && evaluator.clusterSpec.isEmpty)
    let master = try ClusterConfig(
      tfConfig: #"{"cluster": {"master": ["h:1"]}, "task": {"type": "master", "index": "0"}, "model_dir": "m"}"#)
    #expect(master.isChief && master.master == "" && master.modelDir == "m")
  }

  @Test func whatMakesNoSenseIsRefusedInTensorFlowsWords() {
    #expect(
      text(#"{"task": {"type": "ps"}}"#) == "If \"cluster\" is not set in TF_CONFIG, task type must be WORKER.")
    #expect(
      text(#"{"task": {"type": "worker", "index": 1}}"#)
        == "If \"cluster\" is not set in TF_CONFIG, task index must be 0.")
    #expect(
      text(#"{"cluster": {"worker": ["h:1"]}}"#)
        == "If \"cluster\" is set in TF_CONFIG, it must have one \"chief\" node.")
    #expect(
      text(#"{"cluster": {"chief": ["a:1", "b:1"]}}"#)
        == "The \"cluster\" in TF_CONFIG must have only one \"chief\" node.")
    #expect(text("{\(Self.cluster)}") == "If \"cluster\" is set in TF_CONFIG, task type must be set.")
    #expect(
      text("{\(Self.cluster), \"task\": {\"type\": \"ps\"}}")
        == "If \"cluster\" is set in TF_CONFIG, task index must be set.")
    #expect(
      text("{\(Self.cluster), \"task\": {\"type\": \"ps\", \"index\": -1}}")
        == "Task index must be non-negative number.")
    #expect(
      text("{\(Self.cluster), \"task\": {\"type\": \"ps\", \"index\": 1}}") == """
        1 is not a valid task_id for task_type ps in the cluster_spec:
        ClusterSpec({'chief': ['h0:1'], 'ps': ['h3:1'], 'worker': ['h1:1', 'h2:1']})

        Note that these values may be coming from the TF_CONFIG environment variable.
        """)
    #expect(text(#"{"model_dir": ""}"#) == "model_dir in TF_CONFIG should be non-empty.")
    #expect(
      text(#"{"cluster": {"master": ["a:1"], "chief": ["b:1"]}}"#)
        == "If `master` node exists in `cluster`, job `chief` is not supported.")
    #expect(text("{")?.hasPrefix("TF_CONFIG: byte 1") == true)
  }
}
