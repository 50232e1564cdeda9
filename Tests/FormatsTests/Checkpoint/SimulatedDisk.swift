import EspalierFormats
import EspalierGraph

/// A disk in memory that knows what would survive a loss of power.
///
/// File contents survive up to the last `synchronize`, names up to the last `synchronizeDirectory`; of what came after,
/// anything may have reached the disk or not.
final class SimulatedDisk: FileSystem {
  /// What happens at an operation that is counted.
  enum Fault: Equatable {
    case none
    /// That operation and all later ones fail: the power is gone.
    case powerLoss(at: Int)
    /// That operation fails, later ones succeed: the disk was full for a moment.
    case failure(at: Int)
  }

  /// What of a file reached the disk without being synchronised.
  enum Contents: CaseIterable {
    case synchronized, all, half, zeros
  }

  private struct File {
    var bytes: [UInt8] = []
    var synchronized: [UInt8] = []
  }

  private struct State {
    var files: [Int: File] = [:]
    var names: [String: Int] = [:]
    var synchronizedNames: [String: Int] = [:]
    /// The changes of names since the last synchronisation, each as name and file or nil.
    var pendingNames: [[(String, Int?)]] = []
    var operations = 0
    var fault = Fault.none
  }

  private let state: Lock<State>

  /// Returns a disk with these files.
  init(files: [String: [UInt8]] = [:], fault: Fault = .none) {
    var state = State()
    state.fault = fault
    for (index, file) in files.enumerated() {
      state.files[index] = File(bytes: file.value, synchronized: file.value)
      state.names[file.key] = index
    }
    state.synchronizedNames = state.names
    self.state = Lock(state)
  }

  /// The files as they are seen while the power is on.
  var files: [String: [UInt8]] {
    state.withLock { state in state.names.compactMapValues { state.files[$0]?.bytes } }
  }

  /// How many operations there were.
  var operations: Int { state.withLock { $0.operations } }
  /// How many changes of names are not synchronised.
  var pendingNames: Int { state.withLock { $0.pendingNames.count } }

  /// Returns the disk after a loss of power at which those changes of names in `reached` were on the disk.
  func survivor(names reached: (Int) -> Bool, contents: Contents) -> SimulatedDisk {
    let files = state.withLock { state in
      var names = state.synchronizedNames
      for (index, change) in state.pendingNames.enumerated() where reached(index) {
        for (name, file) in change { names[name] = file }
      }
      return names.compactMapValues { state.files[$0].map { Self.surviving($0, contents) } }
    }
    return SimulatedDisk(files: files)
  }

  private static func surviving(_ file: File, _ contents: Contents) -> [UInt8] {
    let extra = max(0, file.bytes.count - file.synchronized.count)
    return switch contents {
    case .synchronized: file.synchronized
    case .all: file.bytes
    case .half: Array(file.bytes.prefix(file.synchronized.count + extra / 2))
    case .zeros: file.synchronized + [UInt8](repeating: 0, count: extra)
    }
  }

  private func operate<Result>(
    _ path: String, _ body: (inout State) throws(FormatError) -> Result
  ) throws(FormatError) -> Result {
    try state.withLock { state throws(FormatError) in
      let number = state.operations
      state.operations += 1
      switch state.fault {
      case .powerLoss(let point) where number >= point: throw FormatError(.system, file: path, "the power is lost")
      case .failure(let point) where number == point: throw FormatError(.system, file: path, "no space is left")
      default: return try body(&state)
      }
    }
  }

  func openFile(_ path: String) throws(FormatError) -> any ReadableFile {
    guard let bytes = files[path] else { throw FormatError(.notFound, file: path, "there is no such file") }
    return Reading(path: path, bytes: bytes)
  }

  func createFile(_ path: String, exclusively: Bool) throws(FormatError) -> any WritableFile {
    let number = try operate(path) { state in
      let number = state.files.count
      state.files[number] = File()
      state.names[path] = number
      state.pendingNames.append([(path, number)])
      return number
    }
    return Writing(path: path, number: number, disk: self)
  }

  func rename(_ path: String, to newPath: String) throws(FormatError) {
    try operate(path) { state throws(FormatError) in
      guard let number = state.names[path] else { throw FormatError(.notFound, file: path, "there is no such file") }
      state.names[path] = nil
      state.names[newPath] = number
      state.pendingNames.append([(path, nil), (newPath, number)])
    }
  }

  func remove(_ path: String) throws(FormatError) {
    try operate(path) { state in
      guard state.names.removeValue(forKey: path) != nil else { return }
      state.pendingNames.append([(path, nil)])
    }
  }

  func synchronizeDirectory(_ path: String) throws(FormatError) {
    try operate(path) { state in
      state.synchronizedNames = state.names
      state.pendingNames = []
    }
  }

  func createDirectory(_ path: String) {}

  func names(inDirectory path: String) -> [String] {
    files.keys.filter { FilePath.directory(of: $0) == path }.map(FilePath.name(of:)).sorted()
  }

  func exists(_ path: String) -> Bool {
    files.keys.contains { $0 == path || $0.hasPrefix(path + "/") }
  }

  private final class Reading: ReadableFile {
    let path: String
    private let bytes: [UInt8]

    init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }

    var size: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
      let part = bytes.dropFirst(offset).prefix(buffer.count)
      part.withUnsafeBytes { buffer.copyMemory(from: $0) }
      return part.count
    }
  }

  private final class Writing: WritableFile {
    let path: String
    private let number: Int
    private let disk: SimulatedDisk

    init(path: String, number: Int, disk: SimulatedDisk) {
      self.path = path
      self.number = number
      self.disk = disk
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
      try disk.operate(path) { $0.files[number]?.bytes += bytes }
    }

    func synchronize() throws(FormatError) {
      try disk.operate(path) { state in
        guard let bytes = state.files[number]?.bytes else { return }
        state.files[number]?.synchronized = bytes
      }
    }

    func close() throws(FormatError) {
      try disk.operate(path) { _ in }
    }
  }
}
