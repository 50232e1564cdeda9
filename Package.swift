// swift-tools-version: 6.2
import PackageDescription

// A checkout as somebody's dependency may not carry unsafe flags; as the root package, debug builds are optimised
// too, so that plain `swift run` and `swift test` are fast.
let directory = Context.packageDirectory
let isDependency = directory.contains("/checkouts/") || directory.contains("/registry/downloads/")
let swiftSettings: [SwiftSetting] = isDependency ? [] : [.unsafeFlags(["-O"], .when(configuration: .debug))]
let cSettings: [CSetting] = isDependency ? [] : [.unsafeFlags(["-O3"], .when(configuration: .debug))]

/// Only what is for users alike, the networks, has to do with what is public.
func module(
  _ folder: String, _ dependencies: [Target.Dependency], target: String? = nil, packageAccess: Bool = true
) -> Target {
  .target(
    name: target ?? "Espalier" + folder, dependencies: dependencies, path: "Sources/" + folder,
    packageAccess: packageAccess, swiftSettings: swiftSettings)
}

func example(
  _ name: String, folder: String, uses dependencies: [Target.Dependency] = ["Espalier"], exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Examples/" + folder, exclude: exclude, swiftSettings: swiftSettings)
}

func tests(_ folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: folder + "Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/" + folder + "Tests",
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "Espalier",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Espalier", targets: ["Espalier"]),
    .executable(name: "example-cifar10", targets: ["example-cifar10"]),
    .executable(name: "example-circle", targets: ["example-circle"]),
    .executable(name: "example-resnet", targets: ["example-resnet"]),
    .executable(name: "example-custom-resnet", targets: ["example-custom-resnet"]),
    .executable(name: "example-finetune", targets: ["example-finetune"]),
    .executable(name: "example-cat-classifier", targets: ["example-cat-classifier"]),
    .executable(name: "example-bench", targets: ["example-bench"]),
    .executable(name: "espalier", targets: ["espalier-tool"]),
    .executable(name: "espalier-conformance", targets: ["espalier-conformance"]),
  ],
  targets: [
    .target(name: "CKernels", path: "Sources/CKernels", cSettings: cSettings),
    module("Graph", []),
    module("Gradients", ["EspalierGraph"]),
    module("Executor", ["EspalierGraph", "CKernels"]),
    module("Formats", ["EspalierGraph", "CKernels"]),
    module("Data", ["EspalierGraph", "EspalierFormats", "CKernels"]),
    module("Layers", ["EspalierGraph", "EspalierGradients"]),
    module("SavedModel", ["EspalierGraph", "EspalierExecutor", "EspalierFormats", "EspalierData"]),
    module("CommandLine", ["EspalierGraph"]),
    module(
      "ResNet",
      [
        "EspalierGraph", "EspalierExecutor", "EspalierFormats", "EspalierData", "EspalierLayers", "EspalierKeras",
        "EspalierEstimator", "EspalierSavedModel", "EspalierCommandLine",
      ], packageAccess: false),
    module(
      "Keras",
      [
        "EspalierGraph", "EspalierExecutor", "EspalierFormats", "EspalierData", "EspalierLayers", "EspalierEstimator",
      ]),
    module(
      "Estimator",
      [
        "EspalierGraph", "EspalierGradients", "EspalierExecutor", "EspalierFormats", "EspalierData", "EspalierLayers",
        "EspalierSavedModel",
      ]),
    module(
      "Espalier",
      [
        "EspalierGraph", "EspalierGradients", "EspalierExecutor", "EspalierFormats", "EspalierData", "EspalierLayers",
        "EspalierKeras", "EspalierResNet", "EspalierSavedModel", "EspalierEstimator", "EspalierCommandLine",
      ], target: "Espalier"),
    module(
      "Conformance",
      ["EspalierGraph", "EspalierGradients", "EspalierExecutor", "EspalierFormats", "EspalierLayers"]),
    .executableTarget(
      name: "espalier-conformance", dependencies: ["EspalierConformance"], path: "Sources/ConformanceTool",
      swiftSettings: swiftSettings),

    module(
      "Tools",
      [
        "EspalierGraph", "EspalierExecutor", "EspalierFormats", "EspalierSavedModel", "EspalierEstimator",
        "EspalierCommandLine", "CKernels",
      ]),
    .executableTarget(
      name: "espalier-tool", dependencies: ["EspalierTools"], path: "Sources/EspalierTool",
      swiftSettings: swiftSettings),

    // Does what TensorFlow's side of the test of interoperability asks for.
    .executableTarget(
      name: "interoperability-partner", dependencies: ["Espalier"], path: "Tests/Interoperability/Partner",
      swiftSettings: swiftSettings),

    // Trains until tests kill it.
    .executableTarget(
      name: "crash-trainer", dependencies: ["Espalier"], path: "Tests/CrashTrainer", swiftSettings: swiftSettings),

    example("example-cifar10", folder: "Cifar10", uses: ["Espalier", "ExampleDrawings"]),
    example("example-circle", folder: "Circle"),
    example("example-resnet", folder: "ResNet"),
    example("example-custom-resnet", folder: "CustomResNet"),
    // Drawings, for examples that should have photographs.
    .target(
      name: "ExampleDrawings", dependencies: ["Espalier"], path: "Examples/Drawings", swiftSettings: swiftSettings),
    example("example-cat-classifier", folder: "CatClassifier", uses: ["Espalier", "ExampleDrawings"]),
    example("example-finetune", folder: "FineTune", uses: ["Espalier", "ExampleDrawings"]),
    // The peers' scripts are found beside the sources.
    example("example-bench", folder: "Bench", uses: ["Espalier", "CKernels"], exclude: ["Peers"]),

    .target(
      name: "TestSupport", dependencies: ["EspalierGraph", "EspalierFormats"], path: "Tests/Support",
      swiftSettings: swiftSettings),
    tests("CKernels", ["CKernels"]),
    tests("Graph", ["EspalierGraph"]),
    tests("Gradients", ["EspalierGraph", "EspalierGradients", "EspalierExecutor"]),
    tests(
      "Executor",
      [
        "EspalierGraph", "EspalierGradients", "EspalierExecutor", "EspalierFormats", "EspalierSavedModel", "CKernels",
      ]),
    tests("Formats", ["EspalierGraph", "EspalierFormats", "CKernels"]),
    tests("Data", ["EspalierGraph", "EspalierFormats", "EspalierData"]),
    tests("Layers", ["EspalierGraph", "EspalierGradients", "EspalierExecutor", "EspalierLayers"]),
    tests(
      "ResNet",
      [
        "EspalierGraph", "EspalierGradients", "EspalierExecutor", "EspalierFormats", "EspalierLayers", "EspalierResNet",
        "EspalierKeras", "EspalierData", "EspalierEstimator", "EspalierSavedModel", "EspalierCommandLine", "CKernels",
      ]),
    tests("SavedModel", ["Espalier"]),
    tests("Keras", ["Espalier"]),
    tests("Tools", ["Espalier", "EspalierTools"]),
    tests("Porting", ["Espalier"]),
    tests("CommandLine", ["EspalierCommandLine"]),
    tests("Estimator", ["Espalier"]),
    tests("Bench", []),
    tests(
      "Golden",
      [
        "EspalierGraph", "EspalierExecutor", "EspalierFormats", "EspalierLayers", "EspalierResNet",
        "EspalierConformance",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
