import Espalier
import Foundation
import TestSupport
import Testing

@Suite struct CannedTests {
  /// Writes a file of flowers like Fisher's: four measures and a kind, drawn around the means of his three kinds.
  private func writeFlowers(_ path: String, count: Int, seed: UInt64) throws {
    let means = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.77, 4.26, 1.326], [6.588, 2.974, 5.552, 2.026]]
    let deviations = [[0.352, 0.379, 0.174, 0.105], [0.516, 0.314, 0.47, 0.198], [0.636, 0.322, 0.552, 0.275]]
    var state = seed
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (Double(state >> 33) + 0.5) / 2_147_483_648
    }
    var text = "sepal_length,sepal_width,petal_length,petal_width,kind\n"
    for row in 0..<count {
      let kind = row % 3
      let measures = (0..<4).map { column in
        let normal = (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
        return String(format: "%.1f", means[kind][column] + deviations[kind][column] * normal)
      }
      text += measures.joined(separator: ",") + ",\(kind)\n"
    }
    try write(Array(text.utf8), toFile: path)
  }

  private func flowers(_ path: String) throws -> Sample {
    let lines = String(decoding: try bytes(ofFile: path), as: UTF8.self).split(separator: "\n")
    let names = lines[0].split(separator: ",").dropLast().map(String.init)
    let rows = lines.dropFirst().map { $0.split(separator: ",").compactMap { Float($0) } }
    var features: [String: HostTensor] = [:]
    for (column, name) in names.enumerated() { features[name] = HostTensor(rows.map { $0[column] }) }
    return Sample(
      features: .dictionary(features), labels: .single(HostTensor(rows.map { Int64($0[4]) })))
  }

  private let columns: [FeatureColumn] = ["sepal_length", "sepal_width", "petal_length", "petal_width"].map {
    .numeric($0)
  }

  @Test func flowersAreToldApart() throws {
    try withTemporaryDirectory { directory in
      try writeFlowers(directory + "/train.csv", count: 120, seed: 1)
      try writeFlowers(directory + "/test.csv", count: 300, seed: 2)
      let train = try flowers(directory + "/train.csv")
      let test = try flowers(directory + "/test.csv")
      try LogLines.hidden {
        let classifier = try DNNClassifier(
          hiddenUnits: [30, 10], featureColumns: columns, modelDir: directory + "/dnn", nClasses: 3,
          optimizer: { AdamOptimizer(learningRate: 0.01) }, config: try RunConfig(tfRandomSeed: 4))
        try classifier.train(
          inputFn: { try Dataset.slices(of: train).shuffled(buffer: 120, seed: 3).repeated().batched(32) }, steps: 600)
        let result = try classifier.evaluate(inputFn: { try Dataset.slices(of: test).batched(100) })
        let accuracy = try #require(result["accuracy"])
        #expect(accuracy >= 0.93)
        #expect(result.metrics.keys.sorted() == ["accuracy", "average_loss", "loss"])
        let loss = try #require(result["loss"])
        let mean = try #require(result["average_loss"])
        #expect(abs(loss - 100 * mean) < 1e-3 * loss, "the loss is the sum of a batch, as TensorFlow's")
        let prediction = try #require(
          try classifier.predict(inputFn: { try Dataset.slices(of: test).batched(1) }).next())
        #expect(prediction.keys.sorted() == ["class_ids", "logits", "probabilities"])
        #expect(prediction["class_ids"]?.shape == [1] && prediction["probabilities"]?.shape == [3])
        #expect(
          try classifier.variableNames().filter { !$0.contains("Adam") && !$0.contains("power") } == [
            "dnn/hiddenlayer_0/bias", "dnn/hiddenlayer_0/kernel", "dnn/hiddenlayer_1/bias",
            "dnn/hiddenlayer_1/kernel", "dnn/logits/bias", "dnn/logits/kernel", "global_step",
          ])
      }
    }
  }

  @Test func sumsAreEnoughForTwoKindsOfFlowers() throws {
    try withTemporaryDirectory { directory in
      try writeFlowers(directory + "/train.csv", count: 150, seed: 5)
      var train = try flowers(directory + "/train.csv")
      train.labels = .single(
        HostTensor(try #require(train.labels?.only).scalars(as: Int64.self).map { $0 == 0 ? Int64(1) : 0 }))
      let sample = train
      try LogLines.hidden {
        let classifier = try LinearClassifier(featureColumns: columns, modelDir: directory)
        try classifier.train(inputFn: { try Dataset.slices(of: sample).repeated().batched(30) }, steps: 200)
        let result = try classifier.evaluate(inputFn: { try Dataset.slices(of: sample).batched(50) })
        #expect(try #require(result["accuracy"]) > 0.97)
        #expect(
          result.metrics.keys.sorted() == [
            "accuracy", "accuracy_baseline", "auc", "auc_precision_recall", "average_loss", "label/mean", "loss",
            "precision", "prediction/mean", "recall",
          ])
        #expect(abs(try #require(result["accuracy_baseline"]) - 2.0 / 3) < 1e-5)
        #expect(
          try classifier.variableNames().filter { !$0.contains("Ftrl") } == [
            "global_step", "linear/linear_model/bias_weights", "linear/linear_model/petal_length/weights",
            "linear/linear_model/petal_width/weights", "linear/linear_model/sepal_length/weights",
            "linear/linear_model/sepal_width/weights",
          ])
      }
    }
  }

  @Test func numbersArePredicted() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let columns: [FeatureColumn] = [
          .numeric("x") { $0 / 10 }, .oneHot("k", buckets: 3), .oneHot("v", vocabulary: [10, 20]),
        ]
        let x = (0..<60).map { Float($0 % 10) }
        let k = (0..<60).map { Int64($0 % 3) }
        let v = (0..<60).map { Int64($0 % 2 == 0 ? 10 : 30) }
        let y = (0..<60).map { x[$0] / 5 + Float(k[$0]) - (v[$0] == 10 ? 1 : 0) }
        let sample = Sample(
          features: ["x": HostTensor(x), "k": HostTensor(k), "v": HostTensor(v)], labels: .single(HostTensor(y)))
        let input: InputFn = { try Dataset.slices(of: sample).repeated(300).batched(20) }
        for regressor in [
          try LinearRegressor(featureColumns: columns, modelDir: directory + "/linear"),
          try DNNRegressor(
            hiddenUnits: [16], featureColumns: columns, modelDir: directory + "/dnn",
            config: try RunConfig(tfRandomSeed: 3)),
        ] as [Estimator<Void>] {
          try regressor.train(inputFn: input)
          let result = try regressor.evaluate(inputFn: { try Dataset.slices(of: sample).batched(60) })
          #expect(try #require(result["average_loss"]) < 0.02)
          #expect(result.metrics.keys.sorted() == ["average_loss", "label/mean", "loss", "prediction/mean"])
        }
        let misspelled = try LinearRegressor(featureColumns: [.numeric("xx")], modelDir: directory + "/wrong")
        #expect(
          errorText { try misspelled.train(inputFn: input, steps: 1) }
            == "Feature xx is not in features dictionary. Did you mean 'x'?")
      }
    }
  }
}
