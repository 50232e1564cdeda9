import EspalierGraph

/// The first entry of a checkpoint's index.
///
/// Source: `BundleHeaderProto` in `tensorflow/core/protobuf/tensor_bundle.proto`.
struct BundleHeader {
  var shardCount = 0
  var isBigEndian = false
  /// The oldest reader that understands the files; this one is at version 1.
  var minimumConsumer = 0

  init(shardCount: Int) {
    self.shardCount = shardCount
  }

  init(_ bytes: ByteReader) throws(FormatError) {
    var reader = WireReader(bytes)
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): shardCount = Int(try reader.int32())
      case (2, .varint): isBigEndian = try reader.int32() != 0
      case (3, .lengthDelimited):
        var version = try reader.message()
        try readVersion(&version)
      default: try reader.skip(tag)
      }
    }
    guard shardCount > 0 else { throw bytes.error("a checkpoint has \(shardCount) shards") }
    guard !isBigEndian else { throw bytes.error("the checkpoint is big-endian", kind: .unimplemented) }
    guard minimumConsumer <= 1 else {
      throw bytes.error("the checkpoint needs a reader of version \(minimumConsumer)", kind: .unimplemented)
    }
  }

  private mutating func readVersion(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 2, type: .varint) {
        minimumConsumer = Int(try reader.int32())
      } else {
        try reader.skip(tag)
      }
    }
  }

  func serialized() -> [UInt8] {
    var writer = WireWriter()
    writer.int64(1, Int64(shardCount))
    writer.message(3) { $0.int64(1, 1) }
    return writer.bytes
  }
}

/// Where a tensor lies and what it is.
///
/// Source: `BundleEntryProto` in `tensorflow/core/protobuf/tensor_bundle.proto`.
struct BundleEntry: Sendable {
  /// TensorFlow's number of the type, which may be one that is not read here.
  var typeNumber = 0
  var shape: [Int] = []
  var shard = 0
  var offset = 0
  var size = 0
  /// The masked checksum of the bytes.
  var checksum: UInt32 = 0
  /// The parts of a partitioned tensor, which lie under keys of their own.
  var slices: [TensorSlice] = []

  init(dataType: DataType, shape: [Int], offset: Int) {
    typeNumber = dataType.tensorFlowNumber
    self.shape = shape
    self.offset = offset
  }

  init(_ bytes: ByteReader) throws(FormatError) {
    var reader = WireReader(bytes)
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): typeNumber = Int(try reader.int32())
      case (2, .lengthDelimited):
        var message = try reader.message()
        shape = try TensorShapeProto.read(&message)
      case (3, .varint): shard = Int(try reader.int32())
      case (4, .varint): offset = Int(try reader.int64())
      case (5, .varint): size = Int(try reader.int64())
      case (6, .fixed32): checksum = try reader.fixed32()
      case (7, .lengthDelimited):
        var message = try reader.message()
        slices.append(try TensorSlice(&message))
      default: try reader.skip(tag)
      }
    }
  }

  func serialized() -> [UInt8] {
    var writer = WireWriter()
    writer.int64(1, unlessZero: Int64(typeNumber))
    writer.message(2) { TensorShapeProto.write(shape, to: &$0) }
    writer.int64(3, unlessZero: Int64(shard))
    writer.int64(4, unlessZero: Int64(offset))
    writer.int64(5, unlessZero: Int64(size))
    // What is in slices has no bytes of its own.
    if slices.isEmpty { writer.fixed32(6, checksum) }
    for slice in slices { writer.message(7) { slice.write(to: &$0) } }
    return writer.bytes
  }
}

/// A part of a tensor.
///
/// Source: `TensorSliceProto` in `tensorflow/core/framework/tensor_slice.proto`.
struct TensorSlice: Sendable {
  struct Extent: Sendable {
    var start = 0
    /// Nil for the whole axis.
    var length: Int?
  }

  var extents: [Extent] = []

  /// Returns the place of a part, of which every extent is named.
  init(_ part: PartitionedTensor.Part) {
    extents = zip(part.offset, part.value.shape).map { Extent(start: $0, length: $1) }
  }

  func write(to writer: inout WireWriter) {
    for extent in extents {
      writer.message(1) { message in
        message.int64(1, unlessZero: Int64(extent.start))
        // One of the fields of a choice is written though it is zero.
        if let length = extent.length { message.int64(2, Int64(length)) }
      }
    }
  }

  init(_ reader: inout WireReader) throws(FormatError) {
    while let tag = try reader.nextTag() {
      guard tag == WireTag(number: 1, type: .lengthDelimited) else {
        try reader.skip(tag)
        continue
      }
      var message = try reader.message()
      extents.append(try Self.extent(&message))
    }
  }

  private static func extent(_ reader: inout WireReader) throws(FormatError) -> Extent {
    var extent = Extent()
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (1, .varint): extent.start = Int(try reader.int64())
      case (2, .varint): extent.length = Int(try reader.int64())
      default: try reader.skip(tag)
      }
    }
    return extent
  }

  /// Returns where the slice starts and how far it goes along each axis of a tensor, or nil if it does not fit.
  func ranges(in shape: [Int]) -> [Range<Int>]? {
    guard extents.count == shape.count else { return nil }
    var ranges: [Range<Int>] = []
    for (extent, size) in zip(extents, shape) {
      let length = extent.length ?? size
      guard extent.start >= 0, length >= 0, extent.start <= size, length <= size - extent.start else { return nil }
      ranges.append(extent.start..<extent.start + length)
    }
    return ranges
  }
}

/// The extents of a tensor in protobuf messages.
///
/// Source: `tensorflow/core/framework/tensor_shape.proto`.
package enum TensorShapeProto {
  /// Returns the extents.
  ///
  /// - Throws: `FormatError` if one is negative or the rank is unknown.
  package static func read(_ reader: inout WireReader) throws(FormatError) -> [Int] {
    var shape: [Int] = []
    while let tag = try reader.nextTag() {
      switch (tag.number, tag.type) {
      case (2, .lengthDelimited):
        var dimension = try reader.message()
        shape.append(try extent(&dimension))
      case (3, .varint):
        guard try !reader.bool() else { throw reader.error("a tensor has a shape of unknown rank") }
      default: try reader.skip(tag)
      }
    }
    return shape
  }

  private static func extent(_ reader: inout WireReader) throws(FormatError) -> Int {
    var extent = 0
    while let tag = try reader.nextTag() {
      if tag == WireTag(number: 1, type: .varint) {
        extent = Int(try reader.int64())
      } else {
        try reader.skip(tag)
      }
    }
    guard extent >= 0 else { throw reader.error("a tensor has an extent of \(extent)") }
    return extent
  }

  /// Writes the extents.
  package static func write(_ shape: [Int], to writer: inout WireWriter) {
    for extent in shape {
      writer.message(2) { $0.int64(1, unlessZero: Int64(extent)) }
    }
  }
}
