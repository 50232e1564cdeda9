import Espalier

/// Returns what `body` returns; its nodes ask for `worker`, except variables, which take turns on the parameter devices.
func withLocalDevices<Result>(
  worker: String, parameterDevice: String = "/cpu", parameterDevices: Int = 1, _ body: () throws -> Result
) rethrows -> Result {
  var variablesPlaced = 0
  let placed: CustomGetter = { getter, request in
    defer { variablesPlaced += 1 }
    return withDevice("\(parameterDevice):\(variablesPlaced % parameterDevices)") { getter(request) }
  }
  return try withDevice(worker) { try withCustomGetter(placed, body) }
}
