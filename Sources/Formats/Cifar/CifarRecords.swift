extension CifarBatch {
  /// Writes the images of batches into a TFRecord file, as `Example`s of `image`, 3072 bytes plane by plane, and `label`;
  /// after a crash the old or the whole new file is there.
  ///
  /// - Throws: `FormatError` if it cannot be written.
  ///
  /// Source: `convert_to_tfrecord` of `generate_cifar10_tfrecords.py` of the tutorial for several devices.
  public static func writeRecords(_ batches: [CifarBatch], to path: String) throws {
    try TFRecordWriter.writeFile(path) { writer in
      for batch in batches {
        for row in 0..<batch.count {
          let example = Example(features: [
            "image": .bytes([Array(batch.image(row))]), "label": .int64([Int64(batch.labels[row])]),
          ])
          try writer.write(example.serialized())
        }
      }
    }
  }
}
