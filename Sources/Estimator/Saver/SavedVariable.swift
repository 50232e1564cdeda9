import EspalierExecutor
import EspalierFormats
import EspalierGraph
import EspalierSavedModel

/// A variable as checkpoints have it: in one piece, whatever parts it is cut into.
struct SavedVariable {
  /// The name in checkpoints.
  let name: String
  let dataType: DataType
  let shape: [Int]
  private let parts: [Variable]
  private let isWhole: Bool

  /// - Parameters:
  ///   - parts: All parts of a variable, at least one.
  ///   - isWhole: Whether the only one is saved as it is, though it may be a part of something.
  init(name: String, parts: [Variable], isWhole: Bool = false) {
    self.name = name
    self.isWhole = isWhole || parts.allSatisfy { $0.slice == nil }
    self.parts = parts.sorted { ($0.slice?.offset ?? 0) < ($1.slice?.offset ?? 0) }
    dataType = parts.first?.dataType ?? .float32
    shape = (self.isWhole ? parts.first?.shape : parts.first?.slice?.shape) ?? []
  }

  /// Adds the value that a session has for it to what is saved.
  ///
  /// - Throws: `ExecutionError` if a part has none.
  func add(to contents: inout CheckpointContents, from session: Session) throws {
    for part in parts {
      guard let value = session.variables.value(of: part.name) else {
        throw ExecutionError("Attempting to use uninitialized value \(part.name)", kind: .failedPrecondition)
      }
      if isWhole { contents.add(value, as: name) } else { contents.add(value, of: part) }
    }
  }

  /// How it is called in graphs of TensorFlow's.
  var entries: [SaverNodes.Entry] {
    parts.map { isWhole ? SaverNodes.Entry($0, as: name) : SaverNodes.Entry($0) }
  }

  /// Returns the values of its parts, by their names.
  func values(of whole: HostTensor) throws -> [(name: String, value: HostTensor)] {
    guard !isWhole else { return parts.map { ($0.name, whole) } }
    return parts.map { part in
      var value = HostTensor(uninitialized: dataType, shape: part.shape)
      value.withUnsafeMutableBytes { target in
        whole.withUnsafeBytes { source in
          for (own, place) in rows(of: part) {
            UnsafeMutableRawBufferPointer(rebasing: target[own]).copyMemory(
              from: UnsafeRawBufferPointer(rebasing: source[place]))
          }
        }
      }
      return (part.name, value)
    }
  }

  /// Returns which bytes of a part lie where in the whole.
  private func rows(of part: Variable) -> [(own: Range<Int>, place: Range<Int>)] {
    guard let slice = part.slice else { return [] }
    let size = shape[(slice.axis + 1)...].reduce(dataType.size ?? 1, *)
    let (length, stride) = (part.shape[slice.axis] * size, shape[slice.axis] * size)
    return (0..<shape[..<slice.axis].reduce(1, *)).map { row in
      let place = row * stride + slice.offset * size
      return (row * length..<(row + 1) * length, place..<place + length)
    }
  }
}
