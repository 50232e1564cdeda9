import EspalierGraph

extension Pass {
  /// Lets convolutions compute what they read, a few rows at a time, by the cluster that computed it before.
  ///
  ///     %2 = Fused[relu(#0 * #1 + #2)](%y, %a, %b)
  ///     %3 = Conv2D(%2, %w)                          →   %3 = conv_forward{x: relu(#0 * #2 + #3)}(%y, %w, %a, %b)
  ///
  /// What others need too, and would be costly to compute again, the first convolution stores for them on the way.
  static let fuseSources = Pass("fuse-sources") { program, _ throws(ExecutionError) in
    var joining = Joining(program)
    for index in program.nodes.indices { joining.fuseSource(index) }
    program = try joining.finished()
  }
}

extension Joining {
  fileprivate mutating func fuseSource(_ index: Int) {
    guard let producer = cluster(index), producer.fitsTheMachine else { return }
    let users = Set(producer.outputs.indices.flatMap { readers(of: TensorID(node: index, index: $0)) }).sorted()
    let value = TensorID(node: index, index: 0)
    if producer.stores.count == 1, producer.sums.isEmpty, !isFetched(value), users.count == 1 || producer.isCheap,
      !users.isEmpty, users.allSatisfy({ takes(value, $0) })
    {
      for user in users { takeIn(producer, nodes[index], value, user) }
      dropIfUnused(index)
      return
    }
    // Rows that several parts of the work compute have a place of their own in each, made for float32.
    guard producer.stores.allSatisfy({ producer.outputs[$0.output].dataType == .float32 }) else { return }
    for user in users {
      for store in producer.stores {
        let value = TensorID(node: index, index: store.output)
        guard takes(value, user), producer.sums.isEmpty || takesSums(value, user),
          nodes[user].inputs.count(where: { $0.node == index }) == 1,
          !users.contains(where: { $0 != user && depends(user, on: $0) })
        else { continue }
        move(index, producer, value, into: user)
        return
      }
    }
  }

  /// Whether node `index` is a convolution that can compute `value` itself.
  func takes(_ value: TensorID, _ index: Int) -> Bool {
    guard let cluster = cluster(value.node), cluster.extents == program.type(of: value).shape.known,
      program.type(of: value).dataType == .float32, let group = group(index)
    else { return false }
    let places = nodes[index].inputs.indices.filter { nodes[index].inputs[$0] == value }
    guard places.count == 1, let place = places.first else { return false }
    let isElsewhere = [group.filter, group.bias, group.residual].contains(place) || group.loadsInClusters(place)
    let operands = [group.images, group.slopes].filter { $0 == .input(place) }
    return !isElsewhere && operands.count == 1
  }

  /// Whether reductions of what is computed see every element once.
  private func takesSums(_ value: TensorID, _ index: Int) -> Bool {
    guard let cluster = cluster(value.node), let group = group(index), group.images != nil, group.slopes != nil else {
      return false
    }
    return cluster.sums.allSatisfy { $0.fits(cluster) }
  }

  /// Lets a convolution compute a value that others compute as well.
  private mutating func takeIn(_ producer: Cluster, _ source: Program.Node, _ value: TensorID, _ index: Int) {
    guard let made = grown(producer, source, value, index, outputs: { _ in ConvolutionGroup.inside }) else { return }
    replace(index, by: made)
  }

  /// Moves a cluster into a convolution, which computes all that it does.
  private mutating func move(_ index: Int, _ producer: Cluster, _ value: TensorID, into user: Int) {
    var next = nodes[user].outputs.count
    var numbers: [Int: Int] = [:]
    var values: [TensorID: TensorID] = [:]
    for output in producer.outputs.indices {
      let own = TensorID(node: index, index: output)
      if own == value, !isNeeded(own, besides: user) { continue }
      numbers[output] = next
      values[own] = TensorID(node: user, index: next)
      next += 1
    }
    var copy = producer
    // One store hands the value over; another one, of the same, keeps it.
    if numbers[value.index] != nil, let store = producer.stores.first(where: { $0.output == value.index }) {
      copy.stores.append(Cluster.Store(value: store.value, output: producer.outputs.count))
      copy.outputs.append(producer.outputs[value.index])
    }
    let kept = numbers
    let handed = numbers[value.index] == nil ? value.index : producer.outputs.count
    let source = nodes[index]
    guard
      var made = grown(
        copy, source, value, user, outputs: { $0 == handed ? ConvolutionGroup.inside : kept[$0] ?? $0 })
    else { return }
    let types = kept.sorted { $0.value < $1.value }.map { producer.outputs[$0.key] }
    if var group = made.operation as? ConvolutionGroup {
      group.outputs += types
      made.operation = group
    }
    made.outputs += types
    made.control = Set(made.control + source.control).subtracting([index, user]).sorted()
    join(index, into: user, as: made, values)
  }

  /// Returns node `index`, a convolution, with a cluster that computes `value` of its inputs.
  private func grown(
    _ producer: Cluster, _ source: Program.Node, _ value: TensorID, _ index: Int, outputs: (Int) -> Int
  ) -> Program.Node? {
    guard var group = group(index), let place = nodes[index].inputs.firstIndex(of: value) else { return nil }
    // What the value came in by becomes the first of what it is computed from.
    var node = nodes[index]
    var inputs = InputList(node.inputs)
    let numbers = source.inputs.map { inputs.number(of: $0) }
    let cluster = producer.renumbered(inputs: { numbers[$0] }, outputs: outputs, producer.outputs)
    if group.images == .input(place) { group.images = .cluster(cluster) }
    if group.slopes == .input(place) { group.slopes = .cluster(cluster) }
    let kept = inputs.values.indices.filter { $0 != place }
    node.inputs = kept.map { inputs.values[$0] }
    group.renumberInputs { kept.firstIndex(of: $0) ?? $0 }
    node.operation = group
    node.control = Set(node.control + source.control).subtracting([index]).sorted()
    return node
  }
}

extension ConvolutionGroup {
  /// Whether one of its clusters loads an input.
  func loadsInClusters(_ input: Int) -> Bool {
    [images, slopes].contains { source in
      if case .cluster(let cluster)? = source { cluster.loads(input) } else { false }
    } || finish?.loads(input) == true
  }

  /// Gives the inputs other numbers.
  mutating func renumberInputs(_ number: (Int) -> Int) {
    func renamed(_ cluster: Cluster) -> Cluster {
      cluster.renumbered(inputs: { $0 == Self.inside ? $0 : number($0) }, outputs: { $0 }, cluster.outputs)
    }
    func renamed(_ source: Source?) -> Source? {
      switch source {
      case .input(let input)?: .input(number(input))
      case .cluster(let cluster)?: .cluster(renamed(cluster))
      case nil: nil
      }
    }
    images = renamed(images)
    slopes = renamed(slopes)
    filter = filter.map(number)
    bias = bias.map(number)
    residual = residual.map(number)
    finish = finish.map(renamed)
  }
}

extension Cluster.Sum {
  /// Whether it can be taken over parts that are whole rows of pixels.
  func fits(_ cluster: Cluster) -> Bool {
    switch scope {
    case .all: true
    case .rows: cluster.rowLength == cluster.extents.last
    case .eachRow: false
    }
  }
}
