#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A thread that runs one closure and can be waited for.
struct WorkerThread {
  private let handle: pthread_t

  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts `body` on a new thread.
  ///
  /// - Throws: `DatasetError` if the system has no thread to give.
  static func start(_ body: @escaping @Sendable () -> Void) throws -> WorkerThread {
    let work = Unmanaged.passRetained(Work(body))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let status = pthread_create(&thread, nil, { argument in WorkerThread.run(argument) }, work.toOpaque())
    guard status == 0 else {
      work.release()
      throw DatasetError("cannot start a thread: error \(status)")
    }
    #if canImport(Darwin)
      guard let thread else { throw DatasetError("cannot start a thread") }
    #endif
    return WorkerThread(handle: thread)
  }

  /// Waits until the closure has returned.
  func join() {
    pthread_join(handle, nil)
  }

  private static func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
    return nil
  }
}
