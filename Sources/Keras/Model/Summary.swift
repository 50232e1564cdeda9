import EspalierGraph

extension Keras.Model {
  /// Returns a table of the layers: name and kind, shape of the output, number of parameters, and what it is connected
  /// to; then the numbers of parameters in total.
  ///
  /// Source: `tf.keras.Model.summary`.
  public func summary() -> String {
    let width = 98
    var lines = ["Model: \"\(name)\"", String(repeating: "_", count: width)]
    lines += row(["Layer (type)", "Output Shape", "Param #", "Connected to"])
    lines.append(String(repeating: "=", count: width))
    for layer in layers { lines += row(cells(of: layer)) + [""] }
    lines[lines.count - 1] = String(repeating: "=", count: width)
    let total = Self.count(variables)
    let trained = Self.count(variables.filter(\.isTrainable))
    lines.append("Total params: \(grouped(total))")
    lines.append("Trainable params: \(grouped(trained))")
    lines.append("Non-trainable params: \(grouped(total - trained))")
    lines.append(String(repeating: "_", count: width))
    return lines.joined(separator: "\n")
  }

  /// Returns the shape of what a layer returns, by the name of the layer; nil if there is none of this name.
  public func outputShape(of name: String) -> Shape? { outputSymbolShapes[name] }

  private var outputSymbolShapes: [String: Shape] {
    var shapes: [String: Shape] = [:]
    for call in topology.calls {
      for input in call.inputs { shapes[input.call.layer.name] = input.shape }
    }
    if let last = topology.calls.last, let output = outputs.last { shapes[last.layer.name] = output.shape }
    return shapes
  }

  private func cells(of layer: Keras.Layer) -> [String] {
    let calls = topology.calls.filter { $0.layer === layer }
    let own = variables.filter { $0.name.hasPrefix(layer.name + "/") }
    let sources = calls.flatMap(\.inputs).map { "'\($0.call.layer.name)[\($0.call.number)][0]'" }
    let shape = (outputShape(of: layer.name) ?? .unknown).tuple
    return [
      "\(layer.name) (\(layer.kind))", layer is Keras.InputLayer ? "[\(shape)]" : shape, "\(Self.count(own))",
      "[" + sources.joined(separator: ", ") + "]",
    ]
  }

  /// Returns the lines of a row; what is too long for its column goes on below.
  private func row(_ cells: [String]) -> [String] {
    let widths = [29, 30, 10, 29]
    let columns = zip(cells, widths).map { pieces(of: $0, width: $1 - 1) }
    return (0..<(columns.map(\.count).max() ?? 0)).map { line in
      let padded = zip(columns, widths).map { column, width in
        let text = line < column.count ? column[line] : ""
        return text + String(repeating: " ", count: max(0, width - text.count))
      }
      return String(padded.joined().reversed().drop { $0 == " " }.reversed())
    }
  }

  private func pieces(of text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }

  private func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.indices.map { index in
      String(digits[index]) + ((digits.count - index) % 3 == 1 && index < digits.count - 1 ? "," : "")
    }.joined()
  }
}
