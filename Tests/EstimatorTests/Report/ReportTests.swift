import Espalier
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportTests {
  @Test func trainingEndsWithAPageAboutIt() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let config = try RunConfig(
          tfRandomSeed: 1, saveSummarySteps: 1, saveCheckpointsSteps: 4, logStepCountSteps: 2)
        try trainAndEvaluate(
          try LinearModel.estimator(directory, config: config),
          try TrainSpec(inputFn: { try LinearModel.samples() }, maxSteps: 12),
          [
            try EvalSpec(inputFn: { try LinearModel.samples(passes: 1) }, throttleSecs: 0),
            try EvalSpec(inputFn: { try LinearModel.samples(passes: 1) }, steps: 1, name: "<b>", throttleSecs: 0),
          ])
        let page = String(decoding: try bytes(ofFile: directory + "/report.html"), as: UTF8.self)
        #expect(page.contains("<h2>loss</h2>") && page.contains("<h2>global_step/sec</h2>"))
        #expect(page.contains("eval_&lt;b&gt;") && !page.contains("<b>\""))
        // Nothing is fetched from elsewhere, and nothing runs.
        #expect(!page.contains("http") && !page.contains("<script") && !page.contains("src="))
        #expect(page.contains("<li>model.ckpt-12</li>"))
        let title = try #require(page.firstRange(of: "<h2>loss</h2>"))
        let end = try #require(page[title.upperBound...].firstRange(of: "</svg>"))
        let chart = page[title.upperBound..<end.lowerBound]
        #expect(chart.matches(of: /<circle class="mark eval"/).count == 3, "one for each evaluation")
        #expect(chart.contains("class=\"curve train\""))
      }
    }
  }

  @Test func chartsHoldWhatTheEventsDo() throws {
    try withTemporaryDirectory { directory in
      try LogLines.hidden {
        let writer = try EventFileWriter(directory: directory)
        for step in 1...1000 {
          let values: [Summary.Value] = [
            .scalar("loss", Float(100 / Double(step))), .scalar("learning_rate_1", 0.1), .scalar("z/odd", .nan),
          ]
          try writer.add(.summary(Summary(values)), step: step)
        }
        try writer.close()
        let page = try TrainingReport(modelDir: directory).html
        let titles = page.matches(of: /<h2>([^<]*)<\/h2>/).map { String($0.output.1) }
        #expect(titles == ["loss", "learning_rate", "z/odd"])
        // Every drawing is well-formed XML.
        for svg in page.matches(of: /(?s)<svg.*?<\/svg>/) {
          let parser = XMLParser(data: Data(svg.output.utf8))
          #expect(parser.parse())
        }
        let points = try #require(page.firstMatch(of: /points="([^"]*)"/)).output.1.split(separator: " ")
        #expect(points.count <= 400 && points.count > 200, "no more than there are pixels")
        #expect(!page.contains("nan,") && !page.contains(",nan"))
      }
      let empty = try TrainingReport(modelDir: directory + "/..").html
      #expect(empty.contains("<!DOCTYPE html>"))
    }
  }

  @Test func trainingsOfKerasHavePagesWithPictures() throws {
    try withTemporaryDirectory { directory in
      for (part, values) in [("train", [0.9, 0.5, 0.3]), ("validation", [0.8, 0.6, 0.5])] {
        let writer = try EventFileWriter(directory: "\(directory)/\(part)")
        for (epoch, value) in values.enumerated() {
          try writer.add(Summary([.scalar("epoch_loss", Float(value))]), step: epoch)
        }
        try writer.close()
      }
      var report = try TrainingReport(modelDir: directory)
      let image = try HostTensor([UInt8](repeating: 200, count: 4 * 5 * 3), shape: [4, 5, 3])
      report.pictures = [
        try .init(image, caption: "cat <90 %>", isRight: true), try .init(image, caption: "dog", isRight: false),
      ]
      let page = report.html
      #expect(page.contains("<h2>loss</h2>") && page.contains("<dt>epochs</dt><dd>3</dd>"))
      #expect(page.contains("validation loss") && page.matches(of: /class="mark eval"/).count == 3)
      #expect(page.contains("<figcaption>cat &lt;90 %&gt;</figcaption>"))
      #expect(page.matches(of: /<figure class="right">/).count == 1)
      let text = try #require(page.firstMatch(of: /base64,([^"]*)"/)).output.1
      let file = try #require(Data(base64Encoded: String(text)))
      // The signature of PNG, and the extents in its header.
      #expect(Array(file.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
      #expect(Array(file[16..<24]) == [0, 0, 0, 5, 0, 0, 0, 4])
      #expect(throws: FormatError.self) {
        try TrainingReport.Picture(HostTensor([Float(1)]), caption: "", isRight: true)
      }
      let both = try TrainingReport(
        comparing: [("first", directory + "/train"), ("second", directory + "/validation")], modelDir: directory)
      #expect(both.html.contains("first loss") && both.html.contains("second loss"))
    }
  }
}
