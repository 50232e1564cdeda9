import EspalierExecutor
import EspalierFormats
import EspalierGraph

/// How the words behind the rows or columns of a variable changed between two models.
///
/// Source: `tf.estimator.VocabInfo`.
public struct VocabInfo {
  /// The file of the new model's words, one a line.
  public let newVocab: String
  /// How many of them count.
  public let newVocabSize: Int
  /// Further places after them for words that are not in the file.
  public let numOovBuckets: Int
  /// The file of the earlier model's words.
  public let oldVocab: String
  /// How many of them count; nil for all.
  public let oldVocabSize: Int?
  /// What words get that the earlier model did not have; zeros by default.
  public let backupInitializer: Initializer?
  /// The axis of the variable that goes over the words: 0 or 1.
  public let axis: Int

  /// Returns what changed.
  ///
  /// - Throws: `EstimatorError.invalidArgument` if the axis is neither 0 nor 1.
  public init(
    newVocab: String, newVocabSize: Int, numOovBuckets: Int = 0, oldVocab: String, oldVocabSize: Int? = nil,
    backupInitializer: Initializer? = nil, axis: Int = 0
  ) throws(EstimatorError) {
    guard axis == 0 || axis == 1 else {
      throw .invalidArgument("The only supported values for the axis argument are 0 and 1.  Provided axis: \(axis)")
    }
    self.newVocab = newVocab
    self.newVocabSize = newVocabSize
    self.numOovBuckets = numOovBuckets
    self.oldVocab = oldVocab
    self.oldVocabSize = oldVocabSize
    self.backupInitializer = backupInitializer
    self.axis = axis
  }
}

/// Where each place along an axis of a variable gets its numbers from.
struct VocabularyMapping {
  private let axis: Int
  /// For each place of the new variable, the place in the old one, or nil for the backup.
  private let origins: [Int?]
  /// What places without an origin get; nil for zeros.
  private let backup: Tensor?

  /// Reads both vocabularies and adds the backup's nodes to the variable's graph.
  ///
  /// - Throws: `FormatError` if a file cannot be read; `EstimatorError.invalidArgument` if it has fewer words than are
  ///   asked for, or the variable another extent.
  init(_ info: VocabInfo, for variable: Variable) throws {
    let new = try Self.words(info.newVocab, info.newVocabSize)
    let old = try Self.words(info.oldVocab, info.oldVocabSize)
    let places = Dictionary(old.enumerated().map { ($1, $0) }) { first, _ in first }
    axis = info.axis
    origins = new.map { places[$0] } + Array(repeating: nil, count: info.numOovBuckets)
    guard axis < variable.shape.count, variable.shape[axis] == origins.count else {
      throw EstimatorError.invalidArgument(
        "Variable \(variable.name) has shape \(Shape(variable.shape).tuple), but axis \(axis) of its vocabulary has "
          + "\(origins.count) places")
    }
    backup = info.backupInitializer.map { initializer in
      withGraph(variable.graph) { initializer(variable.shape, variable.dataType) }
    }
  }

  private static func words(_ path: String, _ count: Int?) throws -> [[UInt8]] {
    let lines = try LocalFileSystem().contents(of: path).split(separator: 10).map { Array($0) }
    guard let count else { return lines }
    guard lines.count >= count else {
      throw EstimatorError.invalidArgument("\(path) has \(lines.count) words, but \(count) are asked for")
    }
    return Array(lines[..<count])
  }

  /// Returns the first value of `variable`, made of the one that the earlier model had.
  func applied(to old: HostTensor, for variable: Variable, _ session: Session) throws -> HostTensor {
    let shape = variable.shape
    var expected = shape
    expected[axis] = old.shape.indices.contains(axis) ? old.shape[axis] : 0
    guard old.shape == expected, old.dataType == variable.dataType, let size = old.dataType.size else {
      throw EstimatorError.invalidArgument(
        "Shape of variable \(variable.name):0 (\(Shape(shape).tuple)) doesn't match with shape of its earlier values "
          + "(\(Shape(old.shape))) beside axis \(axis).")
    }
    var result = try backup.map { try session.run($0) } ?? HostTensor(zeros: old.dataType, shape: shape)
    // As rows of blocks: all before the axis, the axis, all after it.
    let block = shape[(axis + 1)...].reduce(size, *)
    let rows = shape[..<axis].reduce(1, *)
    result.withUnsafeMutableBytes { target in
      old.withUnsafeBytes { source in
        for row in 0..<rows {
          for (place, origin) in origins.enumerated() {
            guard let origin, origin < expected[axis] else { continue }
            let from = (row * expected[axis] + origin) * block
            let to = (row * origins.count + place) * block
            UnsafeMutableRawBufferPointer(rebasing: target[to..<to + block]).copyMemory(
              from: UnsafeRawBufferPointer(rebasing: source[from..<from + block]))
          }
        }
      }
    }
    return result
  }
}
