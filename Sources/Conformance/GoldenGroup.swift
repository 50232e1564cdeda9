import EspalierFormats
import EspalierGraph
import Foundation

/// What is wrong with a folder of golden cases, or with one of them.
package struct ConformanceError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// A file of golden cases with the file that holds their tensors.
package struct GoldenGroup: Sendable {
  /// The name of the group, `nn_conv`.
  package let name: String
  /// Its cases in order.
  package let cases: [GoldenCase]

  /// Returns the groups that `index.json` of a folder lists, in order.
  ///
  /// - Throws: `ConformanceError` that names the file which cannot be read.
  package static func all(in folder: URL) throws(ConformanceError) -> [GoldenGroup] {
    let index = try readJSON(folder.appendingPathComponent("index.json"))
    guard let groups = index["groups"]?.elements else {
      throw ConformanceError("\(folder.path)/index.json lists no groups")
    }
    var result: [GoldenGroup] = []
    for group in groups {
      guard let name = group["group"]?.text, let json = group["json"]?.text else {
        throw ConformanceError("\(folder.path)/index.json has a group without name and file")
      }
      // A group of numbers alone has no file of tensors.
      let data = group["data"]?.text.map(folder.appendingPathComponent)
      result.append(try GoldenGroup(name: name, json: folder.appendingPathComponent(json), data: data))
    }
    return result
  }

  /// Reads a group.
  package init(name: String, json: URL, data: URL?) throws(ConformanceError) {
    self.name = name
    let bytes = if let data { try readData(data) } else { Data() }
    let tensors = GoldenTensors(path: data?.path ?? json.path, bytes: bytes)
    guard let listed = try readJSON(json)["cases"]?.elements else {
      throw ConformanceError("\(json.path) has no cases")
    }
    cases = listed.map { GoldenCase(content: $0, tensors: tensors) }
  }
}

private func readData(_ url: URL) throws(ConformanceError) -> Data {
  do { return try Data(contentsOf: url) } catch {
    throw ConformanceError("cannot read \(url.path): \(error.localizedDescription)")
  }
}

private func readJSON(_ url: URL) throws(ConformanceError) -> JSONValue {
  let text = String(decoding: try readData(url), as: UTF8.self)
  do { return try JSONValue(parsing: text, file: url.path) } catch { throw ConformanceError("\(error)") }
}

/// The file that holds the tensors of a group.
package struct GoldenTensors: Sendable {
  let path: String
  let bytes: Data

  /// Returns the tensor that `{"dtype", "shape", "offset", "bytes"}` describes.
  package func tensor(_ description: JSONValue) throws(ConformanceError) -> HostTensor {
    guard let name = description["dtype"]?.text, let shape = description["shape"]?.ints ?? emptyShape(description),
      let offset = description["offset"]?.int, let count = description["bytes"]?.int
    else { throw ConformanceError("\(description) does not describe a tensor") }
    let type = name == "float16" ? .float16 : DataType.allCases.first { $0.name == name }
    guard let type else { throw ConformanceError("\(name) is not an element type") }
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw ConformanceError("\(path) ends before byte \(offset) + \(count)")
    }
    do {
      let start = bytes.startIndex + offset
      return try bytes[start..<start + count].withUnsafeBytes {
        try HostTensor(bytes: $0, dataType: type, shape: shape)
      }
    } catch {
      throw ConformanceError("\(path) at byte \(offset): \(error)")
    }
  }

  private func emptyShape(_ description: JSONValue) -> [Int]? {
    description["shape"]?.elements?.isEmpty == true ? [] : nil
  }
}

/// One golden case: an operation, its inputs, and what TensorFlow made of them.
package struct GoldenCase: Sendable {
  /// Everything that the file says of it.
  package let content: JSONValue
  let tensors: GoldenTensors

  package var name: String { content["name"]?.text ?? "unnamed" }
  /// The operation or function, `Conv2D`, `losses.hinge_loss`.
  package var operation: String { content["op"]?.text ?? "" }
  /// What kind of case it is: nil for outputs and gradients of one expression, else `optimizer`, `metric`…
  package var kind: String? { content["kind"]?.text }
  /// The arguments that are not tensors.
  package var attributes: JSONValue { content["attrs"] ?? .object([:]) }

  /// Returns the tensors of a section, `inputs`, `outputs`, `gradients`…, by name.
  package func tensors(_ section: String) throws(ConformanceError) -> [String: HostTensor] {
    try tensors(in: content[section] ?? .object([:]))
  }

  /// Returns the tensors that an object describes, by name.
  package func tensors(in object: JSONValue) throws(ConformanceError) -> [String: HostTensor] {
    var result: [String: HostTensor] = [:]
    for (name, description) in object.members ?? [:] { result[name] = try tensor(description) }
    return result
  }

  /// Returns the tensor that an object describes.
  package func tensor(_ description: JSONValue) throws(ConformanceError) -> HostTensor {
    try tensors.tensor(description)
  }

  /// How far outputs may be off.
  package var tolerance: Tolerance { Tolerance(content["tolerance"]) }

  /// How far the gradient of an input may be off.
  package func gradientTolerance(_ input: String) -> Tolerance {
    Tolerance(content["gradient_tolerance"]?[input])
  }
}
