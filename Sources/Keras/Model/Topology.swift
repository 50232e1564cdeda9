import EspalierGraph

extension Keras {
  /// The calls between inputs and outputs of a model.
  struct Topology {
    /// In the order in which they were made: inputs come before what uses them.
    let calls: [Call]
    /// The layers from the inputs to the outputs, as Keras lists them: by their longest way to an output.
    let layers: [Layer]

    init(outputs: [SymbolicTensor]) {
      var found: [ObjectIdentifier: Call] = [:]
      var firstSeen: [Layer] = []
      var waiting = outputs.reversed().map(\.call)
      while let call = waiting.popLast() {
        if !firstSeen.contains(where: { $0 === call.layer }) { firstSeen.append(call.layer) }
        guard found.updateValue(call, forKey: ObjectIdentifier(call)) == nil else { continue }
        waiting += call.inputs.reversed().map(\.call)
      }
      calls = found.values.sorted { $0.serial < $1.serial }
      layers = Self.sorted(firstSeen, calls)
    }

    private static func sorted(_ layers: [Layer], _ calls: [Call]) -> [Layer] {
      var callDepths: [ObjectIdentifier: Int] = [:]
      var depths: [ObjectIdentifier: Int] = [:]
      // Consumers were made later, so that they are met first.
      for call in calls.reversed() {
        let layer = ObjectIdentifier(call.layer)
        let depth = max(callDepths[ObjectIdentifier(call)] ?? 0, depths[layer] ?? 0)
        depths[layer] = depth
        for input in call.inputs {
          let key = ObjectIdentifier(input.call)
          callDepths[key] = max(callDepths[key] ?? 0, depth + 1)
        }
      }
      let placed = layers.enumerated().map { (depth: depths[ObjectIdentifier($1)] ?? 0, place: $0, layer: $1) }
      return placed.sorted { $0.depth == $1.depth ? $0.place < $1.place : $0.depth > $1.depth }.map(\.layer)
    }

    /// Gives all layers without a name theirs: `conv2d`, `conv2d_1`… in the order in which layers were made.
    func nameLayers() {
      var counts: [String: Int] = [:]
      for layer in layers.sorted(by: { $0.serial < $1.serial }) where !layer.isNamed {
        let number = counts[layer.defaultName] ?? layer.firstNumber
        counts[layer.defaultName] = number + 1
        layer.name = number == 0 ? layer.defaultName : "\(layer.defaultName)_\(number)"
      }
    }

    /// Returns the tensors that stand for the outputs, by adding the operations of all layers to the current graph.
    func build(_ outputs: [SymbolicTensor], inputs: [ObjectIdentifier: Tensor], training: Bool) -> [Tensor] {
      var values = inputs
      for call in calls where !(call.layer is InputLayer) {
        let arguments = call.inputs.compactMap { values[ObjectIdentifier($0.call)] }
        values[ObjectIdentifier(call)] = call.layer.build(arguments, name: call.layer.name, training: training)
      }
      return outputs.compactMap { values[ObjectIdentifier($0.call)] }
    }
  }
}
