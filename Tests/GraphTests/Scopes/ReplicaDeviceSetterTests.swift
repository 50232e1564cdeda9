import EspalierGraph
import Testing

@Suite struct ReplicaDeviceSetterTests {
  private func variable(_ name: String, elements: Int = 1, _ type: DataType = .float32) -> Variable {
    getVariable(name, shape: [elements], dataType: type).variable
  }

  @Test func variablesTakeTurnsAndTheRestGoesToTheWorker() throws {
    let graph = Graph()
    try withGraph(graph) {
      let outside = variable("outside")
      let setter = ReplicaDeviceSetter(parameterDevices: ["/cpu:0", "/cpu:1"], workerDevice: "/gpu:0")
      let (variables, sum) = withDevice(setter) {
        let variables = (0..<3).map { variable("w\($0)") }
        return (variables, variables[0].value + variables[1].value)
      }
      #expect(variables.map(\.handle.node.device) == ["/device:CPU:0", "/device:CPU:1", "/device:CPU:0"])
      for made in variables {
        #expect(made.initializer.device == made.handle.node.device)
        #expect(made.value.node.device == made.handle.node.device)
      }
      #expect(sum.node.device == "/device:GPU:0")
      #expect(outside.handle.node.device.isEmpty && constant(Float(1)).node.device.isEmpty)
      try graph.check()
    }
  }

  /// As `merge_devices` of TensorFlow's: what is said nearer to the variable counts for more, part by part.
  @Test func scopesAroundAndInsideAreMerged() throws {
    let graph = Graph()
    try withGraph(graph) {
      let (own, other, node) = withDevice("/job:here/cpu:7") {
        withDevice(ReplicaDeviceSetter(psTasks: 2)) {
          let own = withDevice("/cpu:3") { variable("own") }
          return (own, variable("other"), withDevice("/gpu:1") { constant(Float(1)) })
        }
      }
      #expect(own.handle.node.device == "/job:ps/task:0/device:CPU:3")
      #expect(other.handle.node.device == "/job:ps/task:1/device:CPU:7")
      #expect(node.node.device == "/job:worker/device:GPU:1")
      try graph.check()
    }
  }

  @Test func reusedVariablesStayAndTakeNoTurn() throws {
    let graph = Graph()
    try withGraph(graph) {
      let first = variableScope("net") { variable("w") }
      let (again, new) = withDevice(ReplicaDeviceSetter(psTasks: 2)) {
        variableScope("net", reuse: .auto) { (variable("w"), variable("new")) }
      }
      #expect(again == first && again.handle.node.device.isEmpty)
      #expect(new.handle.node.device == "/job:ps/task:0")
      try graph.check()
    }
  }

  @Test func loadsAreBalanced() throws {
    let graph = Graph()
    try withGraph(graph) {
      let setter = ReplicaDeviceSetter(psTasks: 2, psStrategy: PlacementStrategies.greedyLoadBalancing(2))
      let devices = withDevice(setter) {
        [
          variable("a", elements: 10), variable("b", elements: 4), variable("c", elements: 2, .float64),
          variable("d", elements: 3), variable("e"),
        ].map(\.handle.node.device)
      }
      // Bytes: a 40 on 0; b 16, c 16, d 12 on 1, which then has 44; e on 0.
      #expect(devices == ["/job:ps/task:0", "/job:ps/task:1", "/job:ps/task:1", "/job:ps/task:1", "/job:ps/task:0"])
      try graph.check()
    }
  }

  @Test func withoutParameterDevicesVariablesAreOnTheWorker() throws {
    let device = withGraph(Graph()) {
      withDevice(ReplicaDeviceSetter(psTasks: 0)) { variable("w").handle.node.device }
    }
    #expect(device == "/job:worker")
  }

  @Test func mistakesNameTheScope() throws {
    let graph = Graph()
    let line = #line + 2
    withGraph(graph) {
      withDevice(ReplicaDeviceSetter(parameterDevices: ["/toaster:0"], workerDevice: "/cpu:0")) { _ = variable("w") }
      withDevice(ReplicaDeviceSetter(psTasks: 2, psStrategy: { _ in 2 })) { _ = variable("v") }
    }
    #expect(graph.diagnostics.count == 2)
    #expect(graph.diagnostics.first?.message.contains("Unknown attribute 'toaster'") == true)
    #expect(graph.diagnostics.last?.message == "the strategy places v on device 2, but there are 2")
    #expect(graph.diagnostics.map(\.site?.location?.line) == [line, line + 1])
  }
}
