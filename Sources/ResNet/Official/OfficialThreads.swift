import EspalierEstimator

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension OfficialOptions {
  /// Shares out the cores as `tfGpuThreadMode` asks for: one thread for each GPU and two that watch it, the others for
  /// operations and for preparing images.
  ///
  /// Says in the environment what GPUs are to do, `TF_GPU_THREAD_MODE` and `TF_GPU_THREAD_COUNT`, for what else in this
  /// process looks there.
  ///
  /// - Parameters:
  ///   - cores: The cores of the machine.
  ///   - gpuCount: The GPUs that take threads; the processor takes none.
  ///
  /// Source: `override_flags_and_set_envars_for_gpu_thread_pool` of `official/resnet/resnet_run_loop.py`.
  public mutating func shareOutThreads(cores: Int = Self.coreCount, gpuCount: Int = 0) {
    Logging.info("Logical CPU cores: \(cores)")
    let threadsPerGPU = 1
    for (name, value) in [("TF_GPU_THREAD_COUNT", "\(threadsPerGPU)"), ("TF_GPU_THREAD_MODE", tfGpuThreadMode)] {
      setenv(name, value, 1)
      Logging.info("\(name): \(value)")
    }
    let (working, watching) = (threadsPerGPU * gpuCount, 2 * gpuCount)
    interOpParallelismThreads = cores - working
    datasetsNumPrivateThreads = max(1, cores - working - watching)
    Logging.info("inter_op_parallelism_threads: \(interOpParallelismThreads)")
    Logging.info("datasets_num_private_threads: \(datasetsNumPrivateThreads)")
  }

  /// The cores of this machine.
  public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
