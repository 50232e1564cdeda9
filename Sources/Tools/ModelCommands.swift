import EspalierCommandLine
import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierSavedModel

extension Subcommand {
  private struct ShowOptions: Sendable {
    var operations = false
  }

  /// Lists the graphs and signatures of a SavedModel.
  static let show = Subcommand(
    "show", "Lists the graphs and signatures of a SavedModel.", words: ["directory"], defaults: ShowOptions(),
    flags: [Flag("operations", \.operations, "Whether operations are counted.")]
  ) { words, options, print in
    for metaGraph in try ModelDescription(directory: words[0]).metaGraphs {
      print(
        "tags \(metaGraph.tags.joined(separator: ",")): \(metaGraph.nodeCount) nodes, for TensorFlow "
          + metaGraph.tensorFlowVersion)
      for (name, signature) in metaGraph.signatures.sorted(by: { $0.key < $1.key }) {
        print("  signature \(name) (\(signature.method))")
        for line in columns(rows("in", signature.inputs) + rows("out", signature.outputs)) { print("    " + line) }
      }
      guard options.operations else { continue }
      for line in columns(counts(metaGraph.operations)) { print("  " + line) }
    }
  }

  private static func rows(
    _ direction: String, _ tensors: [String: ModelDescription.TensorDescription]
  ) -> [[String]] {
    tensors.sorted { $0.key < $1.key }.map { key, tensor in
      [direction, key, (tensor.dataType.map { "\($0)" } ?? "?") + "\(tensor.shape)", tensor.name]
    }
  }

  /// Returns names with how many there are of each, the most first.
  static func counts(_ names: [String: Int]) -> [[String]] {
    names.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ["\($0.value)", $0.key] }
  }

  private struct RunOptions: Sendable {
    var tags = ["serve"]
    var signature = SignatureDefinition.defaultServingKey
    var output = ""
  }

  /// Runs a SavedModel on values from files.
  static let run = Subcommand(
    "run", "Runs a SavedModel on values from files.", words: ["directory", "input…"], defaults: RunOptions(),
    flags: [
      Flag("tags", \.tags, "The tags of the graph, with commas between."),
      Flag("signature", \.signature, "The signature that is called."),
      Flag("output", \.output, "A directory into which outputs are written as NumPy files."),
    ],
    notes: """
      Each <input> is key=file: a NumPy file (.npy); records (.tfrecord), which become
      a vector of strings, or a single one a scalar where the signature takes that;
      or an image, which becomes a batch of one, or its bytes where the signature
      takes strings.
      """
  ) { words, options, print in
    let model = try SavedModel.load(words[0], tags: Set(options.tags))
    var inputs: [String: HostTensor] = [:]
    for word in words.dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw UsageError("'\(word)' is not key=file") }
      inputs[parts[0]] = try value(parts[1], model.signatures[options.signature]?.inputs[parts[0]]?.type)
    }
    let outputs = try model.predict(inputs, signature: options.signature)
    for (key, tensor) in outputs.sorted(by: { $0.key < $1.key }) {
      print("\(key)  \(tensor.type)")
      print("\(tensor)")
      guard !options.output.isEmpty else { continue }
      try LocalFileSystem().createDirectory(options.output)
      try NumpyFile.write(tensor, to: FilePath.join(options.output, key + ".npy"))
    }
  }

  /// Returns the value of an input from a file.
  private static func value(_ path: String, _ type: TensorType?) throws -> HostTensor {
    if path.hasSuffix(".npy") { return try NumpyFile.read(path) }
    if path.hasSuffix(".tfrecord") || path.hasSuffix(".tfrecords") {
      let reader = try TFRecordReader(path: path)
      var records: [[UInt8]] = []
      while let record = try reader.next() { records.append(record) }
      return try strings(records, type)
    }
    let bytes = try LocalFileSystem().contents(of: path)
    if type?.dataType == .string { return try strings([bytes], type) }
    let image = try decodeImage(bytes, channels: 3, expandAnimations: false, file: path)
    let batch = try image.reshaped([1] + image.shape)
    if type == nil || type?.dataType == .uint8 { return batch }
    return try batch.asFloat32()
  }

  /// Returns a vector of strings, or the only one where the signature takes a scalar.
  private static func strings(_ values: [[UInt8]], _ type: TensorType?) throws -> HostTensor {
    let isScalar = type?.shape.rank == 0 && values.count == 1
    return try HostTensor(strings: values, shape: isScalar ? [] : [values.count])
  }

  private struct FreezeOptions: Sendable {
    var tags = ["serve"]
    var signature = SignatureDefinition.defaultServingKey
  }

  /// Writes the graph of a SavedModel with its variables as constants.
  static let freeze = Subcommand(
    "freeze", "Writes a SavedModel as a graph without variables.", words: ["directory", "file"],
    defaults: FreezeOptions(),
    flags: [
      Flag("tags", \.tags, "The tags of the graph, with commas between."),
      Flag("signature", \.signature, "The signature whose outputs the graph computes."),
    ],
    notes: "<file> is the GraphDef that is written."
  ) { words, options, print in
    let model = try SavedModel.load(words[0], tags: Set(options.tags))
    guard let signature = model.signatures[options.signature] else {
      if let reason = model.unavailable[options.signature] { throw reason }
      throw UsageError("there is no signature '\(options.signature)', only \(model.signatures.keys.sorted())")
    }
    let bytes = try frozenGraph(model.session, outputs: signature.outputs.values.sorted { $0.name < $1.name })
    try LocalFileSystem().replaceFile(words[1], with: bytes)
    for line in columns(tensors("in", signature.inputs) + tensors("out", signature.outputs)) { print(line) }
    print("\(words[1]): \(size(bytes.count))")
  }

  private static func tensors(_ direction: String, _ tensors: [String: Tensor]) -> [[String]] {
    tensors.sorted { $0.key < $1.key }.map { [direction, $0.key, "\($0.value.type)", $0.value.name] }
  }
}
