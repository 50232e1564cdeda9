import CKernels
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Threads that share the work of one kernel at a time.
///
/// Work is cut into at most `virtualWorkers` parts, whatever the number of threads; a part is claimed by a ticket, from
/// the front by the caller and from the back by the others, so that parts of neighbouring kernels meet the same caches.
/// So results do not depend on the number of threads, and a thread that loses its processor delays one part, not half
/// of all.
///
/// `@unchecked Sendable`: the job is written by the one caller that holds `lock`, before the tickets that publish it.
package final class ThreadPool: @unchecked Sendable {
  /// A part of a kernel's work: units, virtual worker, scratch memory of the thread.
  typealias Body = (Range<Int>, Int, UnsafeMutableRawPointer) -> Void

  /// The number of parts that work is cut into, if there is enough of it.
  package static let virtualWorkers = 8

  /// The pool that sessions use unless they are given another: as many threads as processors, or `ESPALIER_THREADS`.
  package static let shared = ThreadPool(threads: Environment.process.threads ?? Int(esp_processor_count()))

  /// The number of threads that compute, the caller among them.
  package let threads: Int

  private struct Job {
    var body: UnsafePointer<Body>?
    var units = 0
    var parts = 0
  }

  // Which job it is (32 bits), its parts (16), tickets taken from the back (8), tickets taken from the front (8).
  private let tickets = Atomic<UInt64>(0)
  private let finished = Atomic<Int>(0)
  private let parked = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private var job = Job()
  private var generation: UInt32 = 0
  private var scratch: [ScratchMemory]
  private var workers: [pthread_t] = []
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let sleep: UnsafeMutablePointer<pthread_mutex_t>
  private let wake: UnsafeMutablePointer<pthread_cond_t>

  /// Returns a pool of so many threads; they start with the first work that is worth sharing.
  package init(threads: Int) {
    self.threads = min(max(threads, 1), Self.virtualWorkers)
    scratch = (0..<self.threads).map { _ in ScratchMemory() }
    lock = .allocate(capacity: 1)
    sleep = .allocate(capacity: 1)
    wake = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_mutex_init(sleep, nil)
    pthread_cond_init(wake, nil)
  }

  deinit {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wakeAll()
    for worker in workers { pthread_join(worker, nil) }
    pthread_mutex_destroy(lock)
    pthread_mutex_destroy(sleep)
    pthread_cond_destroy(wake)
    lock.deallocate()
    sleep.deallocate()
    wake.deallocate()
  }

  /// Returns what `body` returns; meanwhile nobody else uses the pool, and denormal numbers count as zero.
  ///
  /// - Parameter scratchBytes: What each thread finds at the address that `run` hands it.
  package func exclusively<Result, Failure: Error>(
    scratchBytes: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    for index in scratch.indices { scratch[index].reserve(scratchBytes) }
    let control = esp_float_control()
    esp_set_float_control(esp_flushing_denormals(control))
    defer { esp_set_float_control(control) }
    return try body()
  }

  /// Calls `body` for parts of 0 ..< `units`, several at once, and returns when all are done. Only for whoever uses the
  /// pool exclusively.
  func run(units: Int, grain: Int, _ body: Body) {
    guard units > 0 else { return }
    let parts = min(Self.virtualWorkers, max(1, units / max(grain, 1)))
    if threads == 1 || parts == 1 {
      for part in 0..<parts { body(Self.range(of: part, parts, units), part, scratch[0].pointer) }
    } else {
      withoutActuallyEscaping(body) { body in
        withUnsafePointer(to: body) { share(Job(body: $0, units: units, parts: parts)) }
      }
    }
  }

  private func share(_ next: Job) {
    if workers.isEmpty { start() }
    job = next
    finished.store(0, ordering: .relaxed)
    generation &+= 1
    tickets.store(UInt64(generation) << 32 | UInt64(next.parts) << 16, ordering: .sequentiallyConsistent)
    if parked.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    work(on: generation, thread: 0)
    var spins = 0
    while finished.load(ordering: .acquiring) < next.parts { Self.relax(&spins) }
  }

  /// Claims and does parts of job number `generation` until none is left.
  private func work(on generation: UInt32, thread: Int) {
    var seen = tickets.load(ordering: .acquiring)
    while UInt32(truncatingIfNeeded: seen >> 32) == generation {
      let front = Int(seen & 0xFF)
      let back = Int((seen >> 8) & 0xFF)
      let parts = Int((seen >> 16) & 0xFFFF)
      guard front + back < parts else { return }
      let step: UInt64 = thread == 0 ? 1 : 0x100
      let (taken, now) = tickets.weakCompareExchange(
        expected: seen, desired: seen + step, ordering: .acquiringAndReleasing)
      guard taken else {
        seen = now
        continue
      }
      // Only now the job is known to stay: it is not done before this part is.
      let part = thread == 0 ? front : parts - 1 - back
      job.body?.pointee(Self.range(of: part, parts, job.units), part, scratch[thread].pointer)
      finished.wrappingAdd(1, ordering: .acquiringAndReleasing)
      seen = tickets.load(ordering: .acquiring)
    }
  }

  private static func range(of part: Int, _ parts: Int, _ units: Int) -> Range<Int> {
    units * part / parts..<units * (part + 1) / parts
  }

  /// Waits a little: first in the processor, then by letting others run. Returns false once waiting was long.
  @discardableResult
  private static func relax(_ spins: inout Int) -> Bool {
    spins += 1
    if spins < 3000 {
      esp_pause()
      return true
    }
    sched_yield()
    return spins < 4000
  }
}

extension ThreadPool {
  private struct Start {
    unowned(unsafe) let pool: ThreadPool
    let thread: Int
  }

  private func start() {
    for thread in 1..<threads {
      let start = UnsafeMutablePointer<Start>.allocate(capacity: 1)
      start.initialize(to: Start(pool: self, thread: thread))
      #if canImport(Darwin)
        var handle: pthread_t?
      #else
        var handle = pthread_t()
      #endif
      let failure = pthread_create(&handle, nil, { argument in ThreadPool.main(argument) }, start)
      // Fewer threads than wished do the same work later.
      guard failure == 0 else {
        start.deallocate()
        return
      }
      #if canImport(Darwin)
        if let handle { workers.append(handle) }
      #else
        workers.append(handle)
      #endif
    }
  }

  private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let start = argument?.assumingMemoryBound(to: Start.self) else { return nil }
    let pool = start.pointee.pool
    let thread = start.pointee.thread
    start.deallocate()
    esp_set_float_control(esp_flushing_denormals(esp_float_control()))
    pool.loop(thread)
    return nil
  }

  private func loop(_ thread: Int) {
    var done: UInt32 = 0
    var spins = 0
    while !stopping.load(ordering: .relaxed) {
      let current = UInt32(truncatingIfNeeded: tickets.load(ordering: .acquiring) >> 32)
      if current != done {
        work(on: current, thread: thread)
        done = current
        spins = 0
      } else if !Self.relax(&spins) {
        park(since: done)
        spins = 0
      }
    }
  }

  private func park(since done: UInt32) {
    pthread_mutex_lock(sleep)
    parked.wrappingAdd(1, ordering: .sequentiallyConsistent)
    while UInt32(truncatingIfNeeded: tickets.load(ordering: .sequentiallyConsistent) >> 32) == done,
      !stopping.load(ordering: .sequentiallyConsistent)
    {
      pthread_cond_wait(wake, sleep)
    }
    parked.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    pthread_mutex_unlock(sleep)
  }

  private func wakeAll() {
    pthread_mutex_lock(sleep)
    pthread_cond_broadcast(wake)
    pthread_mutex_unlock(sleep)
  }
}

/// Memory that one thread uses for the length of one kernel.
private struct ScratchMemory {
  private(set) var pointer = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 64)
  private var byteCount = 4096

  mutating func reserve(_ bytes: Int) {
    guard bytes > byteCount else { return }
    pointer.deallocate()
    byteCount = bytes
    pointer = .allocate(byteCount: bytes, alignment: 4096)
  }
}
