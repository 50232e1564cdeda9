import Espalier

/// What can be said on the command line.
struct Options: Sendable {
  var gpuIndices = "0"
  var trainRecordPath = ""
  var valRecordPath = ""
  var checkpointPath = ""
  var checkpointExcludeScopes = ["Predict"]
  var scopesToFreeze: [String] = []
  var modelDir = "./training"
  var keepCheckpointEveryNHours = 0.2
  var learningRateDecayType = Slim.LearningRateDecay.exponential
  var learningRate = 1e-4
  var endLearningRate = 1e-6
  var decaySteps = 1000.0
  var decayFactor = 0.5
  var numClasses = 2
  var batchSize = 64
  var numSteps = 5000
  var inputSize = 224
  var units = [3, 4, 6, 3]
  var baseDepth = 64
  var batchNormDecay = 0.997
  var saveCheckpointsSteps = 500
  var numReaders = 1
  var seed = 1

  static let command = Command<Options>(
    "example-finetune",
    "Trains ResNet-50 to tell kinds of images apart, from the weights of another training. `example-finetune "
      + "make-records` turns folders of images into records. Without records, a small network learns to tell drawings "
      + "of cats from dogs: first from nothing, then others from what it learned. Docs/Guides/FineTune.md has a recipe "
      + "for photographs, and what fine-tuning brings.",
    flags: [
      Flag("gpu-indices", \.gpuIndices, "Kept for compatibility: everything runs on the processor."),
      Flag("train-record-path", \.trainRecordPath, "The records to train on, a path or a pattern."),
      Flag("val-record-path", \.valRecordPath, "The records to evaluate on."),
      Flag("checkpoint-path", \.checkpointPath, "The weights to begin with: a checkpoint or its directory."),
      Flag("checkpoint-exclude-scopes", \.checkpointExcludeScopes, "Scopes that begin anew, separated by commas."),
      Flag("scopes-to-freeze", \.scopesToFreeze, "Scopes that are not trained, separated by commas."),
      Flag("model-dir", \.modelDir, "Where checkpoints and curves go; a repeated command goes on from there."),
      Flag("keep-checkpoint-every-n-hours", \.keepCheckpointEveryNHours, "After which one checkpoint stays."),
      Flag("learning-rate-decay-type", \.learningRateDecayType, "How the rate falls."),
      Flag("learning-rate", \.learningRate, "The rate at first."),
      Flag("end-learning-rate", \.endLearningRate, "The rate at the end of polynomial decay."),
      Flag("decay-steps", \.decaySteps, "Steps after each of which the rate falls."),
      Flag("decay-factor", \.decayFactor, "What the rate is multiplied with then."),
      Flag("num-classes", \.numClasses, atLeast: 1, "The kinds of images."),
      Flag("batch-size", \.batchSize, atLeast: 1, "Images in a batch."),
      Flag("num-steps", \.numSteps, atLeast: 1, "The step at which training ends."),
      Flag("input-size", \.inputSize, atLeast: 1, "Rows and columns of an image."),
      Flag("units", \.units, atLeast: 1, "The units of the four stages."),
      Flag("base-depth", \.baseDepth, atLeast: 1, "The channels of the first stage's bottlenecks."),
      Flag("batch-norm-decay", \.batchNormDecay, "How much of the moving statistics stays with each step."),
      Flag("save-checkpoints-steps", \.saveCheckpointsSteps, "Steps between two checkpoints, each evaluated."),
      Flag("num-readers", \.numReaders, atLeast: 1, "How many files are read at once."),
      Flag("seed", \.seed, atLeast: 0, "Draws weights and order."),
    ])
}
