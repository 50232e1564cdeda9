import EspalierGraph

extension Operands {
  /// Pairs of paddings, one for each axis.
  fileprivate func paddings() throws(ConformanceError) -> [(before: Int, after: Int)] {
    guard let pairs = attributes["paddings"]?.elements?.compactMap(\.ints), pairs.allSatisfy({ $0.count == 2 }) else {
      throw ConformanceError("paddings are pairs")
    }
    return pairs.map { ($0[0], $0[1]) }
  }

  /// A subscript as Python writes it: `[1:3, ::2]`.
  fileprivate func subscripts() throws(ConformanceError) -> [SliceIndex] {
    let text = try string("index").dropFirst().dropLast()
    var result: [SliceIndex] = []
    for part in text.split(separator: ",") { result.append(try slice(part.filter { $0 != " " })) }
    return result
  }

  private func slice(_ word: String) throws(ConformanceError) -> SliceIndex {
    if word == "..." { return .ellipsis }
    if word == "newaxis" { return .newAxis }
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    switch parts.count {
    case 1:
      guard let place = parts[0] else { throw ConformanceError("\(word) is no index") }
      return .at(place)
    case 2: return .range(parts[0], parts[1])
    default: return .range(parts[0], parts[1], by: parts[2] ?? 1)
    }
  }
}

extension Cases {
  static let arrays: [String: Builder] = [
    "PadV2": function { x, o in pad(x, paddings: try o.paddings(), value: try o.double("constant_values")) },
    "MirrorPad": function { x, o in
      guard let mode = MirrorPadMode(rawValue: try o.string("mode")) else { throw ConformanceError("no such mode") }
      return mirrorPad(x, paddings: try o.paddings(), mode: mode)
    },
    "ConcatV2": { o in ["y": concat(o.series, axis: try o.int("axis"))] },
    "Split": several { x, o in split(x, count: try o.int("num_split"), axis: try o.int("axis")) },
    "SplitV": several { x, o in split(x, sizes: try o.ints("size_splits"), axis: try o.int("axis")) },
    "Slice": function { x, o in slice(x, begin: try o.ints("begin"), size: try o.ints("size")) },
    "StridedSlice": function { x, o in stridedSlice(x, try o.subscripts()) },
    "Transpose": function { x, o in transpose(x, order: try o.axes("perm")) },
    "Reshape": function { x, o in reshape(x, to: try o.ints("shape")) },
    "Squeeze": function { x, o in squeeze(x, axes: try o.axes() ?? []) },
    "ExpandDims": function { x, o in expandDims(x, axis: try o.int("axis")) },
    "Tile": function { x, o in tile(x, multiples: try o.ints("multiples")) },
    "Pack": { o in ["y": stack(o.series, axis: try o.int("axis"))] },
    "Unpack": several { x, o in unstack(x, axis: try o.int("axis")) },
    "Select": { o in ["y": selectRows(try o.tensor("c"), try o.tensor("a"), try o.tensor("b"))] },
    "SelectV2": { o in ["y": select(try o.tensor("c"), try o.tensor("a"), try o.tensor("b"))] },
    "ReverseV2": function { x, o in reverse(x, axes: try o.ints("axis")) },
    "Roll": function { x, o in roll(x, shifts: try o.ints("shift"), axes: try o.ints("axis")) },
    "SpaceToDepth": function { x, o in spaceToDepth(x, blockSize: try o.int("block_size")) },
    "DepthToSpace": function { x, o in depthToSpace(x, blockSize: try o.int("block_size")) },
    "BroadcastTo": function { x, o in
      broadcast(x, to: constant(try o.ints("shape").map { Int32(truncatingIfNeeded: $0) }))
    },
    "meshgrid": { o in
      numbered(meshgrid([try o.tensor("a"), try o.tensor("b")], swapsFirst: try o.string("indexing") == "xy"))
    },
  ]

  static let indexing: [String: Builder] = [
    "GatherV2": function { x, o in
      let batchDims = o.attributes["batch_dims"]?.int ?? 0
      return gather(x, indices: try o.tensor("indices"), axis: try o.int("axis"), batchDims: batchDims)
    },
    "GatherNd": function { x, o in gatherNd(x, indices: try o.tensor("indices")) },
    "ScatterNd": function { x, o in
      scatterNd(indices: try o.tensor("indices"), updates: x, shape: try o.ints("shape"))
    },
    "OneHot": { o in
      let type: DataType = o.attributes["dtype"] == nil ? .float32 : try o.dataType("dtype")
      let y = oneHot(
        try o.tensor("indices"), depth: try o.int("depth"), onValue: try o.double("on_value"),
        offValue: try o.double("off_value"), axis: try o.int("axis"), dataType: type)
      return ["y": y]
    },
    "Where": { o in ["y": indicesWhere(try o.tensor("c"))] },
    "boolean_mask": function { x, o in booleanMask(x, mask: try o.tensor("c")) },
    "InvertPermutation": unary { invertPermutation($0) },
    "sequence_mask": function { x, o in sequenceMask(x, maximumLength: try o.int("maxlen")) },
    "Unique": { o in
      let (values, indices) = unique(try o.tensor("x"))
      return ["y": values, "idx": indices]
    },
    "sort": function { x, o in sort(x, axis: try o.int("axis")) },
    "argsort": function { x, o in
      let direction = SortDirection(rawValue: try o.string("direction")) ?? .ascending
      return argSort(x, axis: try o.int("axis"), direction: direction)
    },
  ]

  static let values: [String: Builder] = [
    "Range": { o in
      let arguments = o.attributes["args"]?.doubles ?? []
      let (start, limit) = arguments.count == 1 ? (0, arguments[0]) : (arguments[0], arguments[1])
      let delta = arguments.count > 2 ? arguments[2] : 1
      if let integers = o.attributes["args"]?.ints, integers.count == arguments.count {
        return ["y": range(Int(start), Int(limit), by: Int(delta))]
      }
      return ["y": range(constant(Float(start)), constant(Float(limit)), by: constant(Float(delta)))]
    },
    "LinSpace": { o in
      guard let arguments = o.attributes["args"]?.doubles, arguments.count == 3 else {
        throw ConformanceError("LinSpace takes three arguments")
      }
      return ["y": linSpace(from: arguments[0], to: arguments[1], count: Int(arguments[2]))]
    },
    "shape": unary { shape($0) },
    "shape_int64": unary { shape($0, outType: .int64) },
    "size": unary { size($0) },
    "rank": unary { rank($0) },
    "zeros_like": unary { zeros(like: $0) },
    "ones_like": unary { ones(like: $0) },
    "identity": unary { identity($0) },
    "stop_gradient": unary { $0 * stopGradient($0) },
    "Fill": { o in ["y": fill(try o.ints("dims"), value: try o.double("value"))] },
    "Cast": function { x, o in cast(x, to: try o.dataType("DstT")) },
    "saturate_cast": function { x, o in saturateCast(x, to: try o.dataType("dtype")) },
    "DecodeRaw": { o in
      guard let bytes = try o.values["bytes"]?.scalars(as: UInt8.self) else {
        throw ConformanceError("DecodeRaw takes bytes")
      }
      let strings = constant(try HostTensor(strings: [bytes], shape: []))
      let y = decodeRaw(strings, outType: try o.dataType("out_type"), littleEndian: try o.bool("little_endian"))
      return ["y": y]
    },
  ]
}
