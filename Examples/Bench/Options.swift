import Espalier

/// What can be said on the command line after the workload.
struct Options: Sendable {
  var model = "resnet20"
  var batch = 128
  var steps = 30
  var warmup = 5
  var threads = 0
  var json = false

  static let command = Command<Options>(
    "example-bench train|infer", "Measures steps of a residual network on synthetic images.",
    flags: [
      Flag("model", \.model, "The network: resnet8, resnet20, resnet32 … for 32 x 32 images."),
      Flag("batch", \.batch, "Images in a batch."),
      Flag("steps", \.steps, "Steps that are measured."),
      Flag("warmup", \.warmup, "Steps before them."),
      Flag("threads", \.threads, "Threads; 0 means one for each core."),
      Flag("json", \.json, "Whether to print one JSON object."),
    ])
}
