import EspalierGraph

/// An operation that this executor can compute.
///
///     extension TopK: CPUOperation {
///       package func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel {
///         let rows = …                                         // everything that follows from the types, once per plan
///         return Kernel("top_k") { call in
///           let x = call.input(0, as: Float.self)
///           let y = call.output(0, as: Float.self)
///           call.parallel(units: rows) { rows, _, _ in … }     // no allocation in here
///         }
///       }
///     }
///
/// Pointwise operations need no conformance: they are an opcode.
package protocol CPUOperation: Operation {
  /// Returns what computes the outputs from inputs of these types.
  ///
  /// Called once per plan, with fully known shapes; what is known of small integer inputs (axes, permutations, shapes)
  /// is in `value` of their types. All tensors are dense and row-major.
  ///
  /// - Throws: `ExecutionError` if there is no kernel for these types.
  func kernel(inputs: [TensorType], outputs: [TensorType]) throws(ExecutionError) -> Kernel
}

/// An operation the shape of whose outputs only its values tell; its kernel works on values.
///
/// A run that needs one is cut there: what comes before it runs first, and the rest is planned for the shapes that come
/// out.
package protocol DataDependentOperation: CPUOperation {}

/// How an operation is computed for given types: a closure over plain values and what the planner has to know of it.
package struct Kernel {
  /// What is called in each step.
  package enum Body {
    /// Works on memory that the plan set aside.
    case memory((KernelCall) throws(ExecutionError) -> Void)
    /// Works on values: for strings and for operations that are rare or serial. Returns one tensor per output.
    case values(([HostTensor]) throws(ExecutionError) -> [HostTensor])
  }

  /// What a kernel makes of one of its inputs before anything else: a packed filter.
  package struct Preparation {
    /// The number of the input. As long as its value stays, so does what was made of it.
    package var input: Int
    /// Fills the start of the workspace, which `body` then only reads.
    package var run: (KernelCall) -> Void
  }

  /// A short name for explanations and traces, `conv_forward`.
  package var name: String
  /// Bytes that each thread needs while it works on this kernel; 64-byte aligned, of no initial value.
  package var scratchBytes: Int
  /// Bytes that all threads share during the call: packed filters, partial sums. 64-byte aligned, of no initial value.
  package var workspaceBytes: Int
  /// For each output that may lie in the memory of an input: the numbers of such inputs, best first. The planner makes
  /// use of it where that input is not needed afterwards and has as many bytes.
  package var inPlace: [Int: [Int]]
  /// Floating-point operations of one call.
  package var flops: Double
  /// What fills the workspace, if that depends on one input alone.
  package var preparation: Preparation?
  /// What computes the outputs.
  package var body: Body

  /// Returns a kernel that works on memory.
  package init(
    _ name: String, scratchBytes: Int = 0, workspaceBytes: Int = 0, inPlace: [Int: [Int]] = [:], flops: Double = 0,
    preparation: Preparation? = nil, run: @escaping (KernelCall) throws(ExecutionError) -> Void
  ) {
    self.name = name
    self.scratchBytes = scratchBytes
    self.workspaceBytes = workspaceBytes
    self.inPlace = inPlace
    self.flops = flops
    self.preparation = preparation
    body = .memory(run)
  }

  /// Returns a kernel that computes host tensors from host tensors: the only kind that can take or give strings.
  package init(
    onValues name: String, run: @escaping ([HostTensor]) throws(ExecutionError) -> [HostTensor]
  ) {
    self.name = name
    scratchBytes = 0
    workspaceBytes = 0
    inPlace = [:]
    flops = 0
    body = .values(run)
  }
}

/// What a step hands to a kernel: where inputs and outputs lie, scratch memory, threads.
///
/// Plain pointers, prepared once per plan. They are valid during the call only.
package struct KernelCall {
  let inputs: UnsafePointer<UnsafeRawPointer>
  let outputs: UnsafePointer<UnsafeMutableRawPointer>
  /// The memory that all threads share during the call, `workspaceBytes` long.
  package let workspace: UnsafeMutableRawPointer
  let pool: Unmanaged<ThreadPool>
  let random: UnsafePointer<RandomState>
  /// A number that no other node of the graph has, the same in every process: the stream of an operation without seeds.
  let stream: UInt64

  /// The number of virtual workers: work is cut into at most so many parts, whatever the number of threads, so that
  /// partial sums are the same sums on every machine.
  package static var workers: Int { ThreadPool.virtualWorkers }

  /// Returns where the elements of input `index` lie.
  @inline(__always)
  package func input<Element: BitwiseCopyable>(_ index: Int, as type: Element.Type) -> UnsafePointer<Element> {
    inputs[index].assumingMemoryBound(to: Element.self)
  }

  /// Returns where the elements of output `index` are to be written.
  @inline(__always)
  package func output<Element: BitwiseCopyable>(_ index: Int, as type: Element.Type) -> UnsafeMutablePointer<Element> {
    outputs[index].assumingMemoryBound(to: Element.self)
  }

  /// Calls `body` for parts of 0 ..< `units`, several at once.
  ///
  /// The parts are a function of `units` and `grain` alone. `body` gets a range of units, the number of the virtual
  /// worker (0 ..< `workers`) that it stands for, and the calling thread's scratch memory. It must not call `parallel`.
  ///
  /// - Parameter grain: The least number of units that are worth a part of their own: some 20 µs of work.
  @inline(__always)
  package func parallel(
    units: Int, grain: Int = 1, _ body: (_ units: Range<Int>, _ worker: Int, _ scratch: UnsafeMutableRawPointer) -> Void
  ) {
    pool._withUnsafeGuaranteedRef { $0.run(units: units, grain: grain, body) }
  }

  /// Returns the least number that `body` returns for any part, or nil if it returns nil for all: the first element
  /// that a kernel refuses, the same for any number of threads.
  package func firstFailure(
    units: Int, grain: Int = 1, _ body: (_ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) -> Int?
  ) -> Int? {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.workers) { found in
      found.initialize(repeating: Int.max)
      parallel(units: units, grain: grain) { units, worker, scratch in
        if let failure = body(units, scratch) { found[worker] = failure }
      }
      let first = found.min() ?? Int.max
      return first == Int.max ? nil : first
    }
  }
}

/// What random operations draw from besides their own seeds.
package struct RandomState {
  /// Drawn from the system once per session: the key of operations without seeds.
  package var sessionSeed: UInt64
  /// The number of the run: the same operation draws anew in each.
  package var invocation: UInt64

  package init(sessionSeed: UInt64, invocation: UInt64) {
    self.sessionSeed = sessionSeed
    self.invocation = invocation
  }
}
