import Espalier
import TestSupport
import Testing

@Suite struct RunConfigTests {
  @Test func itIsLoggedAsTensorFlowLogsIt() throws {
    let standard = try RunConfig(modelDir: "run", cluster: .local)
    // What TensorFlow 2.15 logs, but for the settings of its sessions, which are others.
    #expect(
      standard.description
        == "{'_model_dir': 'run', '_tf_random_seed': None, '_save_summary_steps': 100, '_save_checkpoints_steps': None, "
        + "'_save_checkpoints_secs': 600, '_session_config': None, '_keep_checkpoint_max': 5, "
        + "'_keep_checkpoint_every_n_hours': 10000, '_log_step_count_steps': 100, '_train_distribute': None, "
        + "'_device_fn': None, '_protocol': None, '_eval_distribute': None, '_experimental_distribute': None, "
        + "'_experimental_max_worker_delay_secs': None, '_session_creation_timeout_secs': 7200, "
        + "'_checkpoint_save_graph_def': True, '_service': None, '_cluster_spec': ClusterSpec({}), "
        + "'_task_type': 'worker', '_task_id': 0, '_global_id_in_cluster': 0, '_master': '', '_evaluation_master': '', "
        + "'_is_chief': True, '_num_ps_replicas': 0, '_num_worker_replicas': 1}")
    let other = try RunConfig(
      sessionThreads: 2, trainDistribute: .oneDevice("/cpu:0"), protocol: "grpc", sessionCreationTimeoutSecs: 60,
      cluster: .local)
    for part in [
      "'_session_config': intra_op_parallelism_threads: 2\n, ", "'_train_distribute': 'OneDeviceStrategy(/cpu:0)'",
      "'_protocol': 'grpc'", "'_session_creation_timeout_secs': 60",
    ] {
      #expect(other.description.contains(part))
    }
  }

  @Test func numbersAreChecked() {
    #expect(
      errorText { _ = try RunConfig(sessionCreationTimeoutSecs: 0) } == "session_creation_timeout_secs should be > 0")
    #expect(errorText { _ = try RunConfig(protocol: "") } == "protocol should be non-empty")
  }

  @Test func modelsAreBuiltOnTheDeviceOfTheirMode() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        var devices: [ModeKeys: String] = [:]
        let config = try RunConfig(trainDistribute: .oneDevice("/cpu:1"), evalDistribute: .oneDevice("/gpu:0"))
        let estimator = try Estimator(
          modelFn: { features, labels, mode in
            let spec = try LinearModel.modelFn(features: features, labels: labels, mode: mode, params: .init())
            devices[mode] = spec.predictions?.leaves.first?.node.device
            return spec
          }, modelDir: directory, config: config)
        let input: InputFn = { try LinearModel.samples(passes: 1) }
        try estimator.train(inputFn: input)
        _ = try estimator.evaluate(inputFn: input)
        _ = try estimator.predict(inputFn: input).collected()
        #expect(devices == [.train: "/device:CPU:1", .evaluate: "/device:GPU:0", .predict: ""])
      }
    }
  }

  @Test func variablesAreSharedOutAmongDevices() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        func devices(_ config: RunConfig, _ name: String) throws -> [String] {
          var devices: [String] = []
          let estimator = try Estimator(
            modelFn: { features, labels, mode in
              let spec = try LinearModel.modelFn(features: features, labels: labels, mode: mode, params: .init())
              let second = getVariable("second", shape: [2])
              let graph = second.tensor.graph
              devices = trainableVariables(in: graph).map(\.handle.node.device)
              devices.append(spec.predictions?.leaves.first?.node.device ?? "")
              return spec
            }, modelDir: directory + name, config: config)
          try estimator.train(inputFn: { try LinearModel.samples(passes: 1) }, steps: 1)
          return devices
        }
        let function = DeviceFunction {
          ReplicaDeviceSetter(parameterDevices: ["/cpu:1", "/cpu:2"], workerDevice: "/cpu:0")
        }
        #expect(
          try devices(RunConfig(deviceFn: function, cluster: .local), "/a")
            == ["/device:CPU:1", "/device:CPU:2", "/device:CPU:0"])
        let cluster = try ClusterConfig(
          tfConfig: """
            {"cluster": {"chief": ["a:1"], "ps": ["b:1", "c:1"]}, "task": {"type": "chief", "index": 0}}
            """)
        #expect(
          try devices(RunConfig(cluster: cluster), "/b") == ["/job:ps/task:0", "/job:ps/task:1", "/job:chief/task:0"])
      }
    }
  }
}
