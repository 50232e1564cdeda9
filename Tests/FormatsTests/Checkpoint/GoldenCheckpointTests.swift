import EspalierFormats
import EspalierGraph
import TestSupport
import Testing

/// Checkpoints that TensorFlow wrote.
@Suite(.enabled(if: SharedData.isPresent, "needs the reference data beside the checkout"))
struct GoldenCheckpointTests {
  static let folder = "golden/checkpoint/"

  @Test(arguments: ["every_dtype", "sharded", "partitioned", "optimizer_slots", "prefix_names", "tf2_object"])
  func tensorsHaveTheirValues(_ name: String) throws {
    let expected = try JSON.shared(Self.folder + name + "/expected.json")
    let prefix = try SharedData.url(Self.folder + name).path + "/" + expected["prefix"].string
    let reader = try CheckpointReader(prefix: prefix)
    try reader.verify()
    let variables = try expected["variables"].object
    let names = variables.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    #expect(reader.variables.map(\.name) == names)
    for (name, want) in variables {
      try Self.expect(reader.tensor(named: name), want, name)
    }
  }

  @Test func variablesOfObjectsAreFoundByTheirNames() throws {
    let reader = try CheckpointReader(prefix: SharedData.url(Self.folder + "tf2_object/ckpt").path)
    let keys = reader.variables.map(\.name).filter { $0.hasSuffix("VARIABLE_VALUE") }
    let names = ["w": "model/w/.ATTRIBUTES/VARIABLE_VALUE"]
    // Two variables have this name.
    #expect(!reader.contains("Variable"))
    for (name, key) in names {
      let found = try reader.tensor(named: name)
      let expected = try reader.tensor(named: key)
      #expect(found == expected)
      #expect(keys.contains(key))
    }
  }

  @Test func manyVariablesHaveTheirDigest() throws {
    let expected = try JSON.shared(Self.folder + "many_variables/expected.json")
    let prefix = try SharedData.url(Self.folder + "many_variables/model.ckpt").path
    let reader = try CheckpointReader(prefix: prefix)
    try #expect(reader.variables.count == expected["count"].int)
    var digest = SHA256()
    for variable in reader.variables {
      digest.update(Array(variable.name.utf8) + [0])
      digest.update(try reader.tensor(named: variable.name).withUnsafeBytes { Array($0) })
    }
    try #expect(digest.hex == expected["digest"].string)
  }

  /// What is written here is byte for byte what TensorFlow wrote, where its data lie in the order of the names.
  @Test(arguments: ["every_dtype", "prefix_names", "many_variables", "optimizer_slots"])
  func writtenCheckpointsAreTensorFlows(_ name: String) throws {
    let prefixName = try JSON.shared(Self.folder + name + "/expected.json")["prefix"].string
    let original = try SharedData.url(Self.folder + name).path + "/" + prefixName
    let reader = try CheckpointReader(prefix: original)
    var tensors: [String: HostTensor] = [:]
    for variable in reader.variables { tensors[variable.name] = try reader.tensor(named: variable.name) }
    try withTemporaryDirectory { directory in
      try CheckpointWriter().write(tensors, prefix: directory + "/m")
      for suffix in [".index", ".data-00000-of-00001"] {
        #expect(try bytes(ofFile: directory + "/m" + suffix) == bytes(ofFile: original + suffix))
      }
    }
  }

  @Test func damagedCheckpointsGiveTheirErrors() throws {
    let expected = try JSON.shared(Self.folder + "corrupt/expected.json")
    for (name, entry) in try expected["cases"].object {
      let prefix = try SharedData.url(Self.folder + "corrupt/" + name).path
      if try entry.object["open_error"]?.isNull == false {
        #expect { try CheckpointReader(prefix: prefix) } throws: { ($0 as? FormatError)?.kind == .dataLoss }
        continue
      }
      let reader = try CheckpointReader(prefix: prefix)
      for (tensor, outcome) in try entry["tensors"].object {
        if try outcome.string == "ok" {
          try Self.expect(reader.tensor(named: tensor), expected["good"][tensor], name)
        } else {
          #expect { try reader.tensor(named: tensor) } throws: { error in
            "\(error)".contains("tensor \(tensor)") && "\(error)".contains(name + ".data-00000-of-00001")
          }
        }
      }
    }
  }

  @Test(arguments: ["resnet20", "resnet56"])
  func pretrainedNetsAreRead(_ name: String) throws {
    let folder = "pretrained/" + name
    let reader = try CheckpointReader(prefix: SharedData.url(folder + "/model.ckpt").path)
    for (name, want) in try JSON.shared(folder + "/expected.json")["variables"].object {
      let tensor = try reader.tensor(named: name)
      try #expect(tensor.shape == want["shape"].array.map { try $0.int })
    }
    try reader.verify()
  }

  static func expect(_ tensor: HostTensor, _ want: JSON, _ name: String) throws {
    try #expect(tensor.dataType.name == want["dtype"].string || tensor.dataType.description == want["dtype"].string)
    try #expect(tensor.shape == want["shape"].array.map { try $0.int }, "\(name)")
    if tensor.dataType == .string {
      try #expect(tensor.strings() == want["hex"].array.map { try $0.hex }, "\(name)")
    } else {
      try #expect(SHA256(tensor.withUnsafeBytes { Array($0) }).hex == want["sha256"].string, "\(name)")
    }
  }
}
