import EspalierGraph
import Testing

@Suite struct WindowTests {
  @Test func samePaddingPutsTheOddPixelAtTheEnd() throws {
    let window = ConvolutionWindow(strides: Size2D(2, 2), padding: .same)
    #expect(try window.rows(3).count(over: 8) == 4)
    #expect(window.rows(3).paddingBefore(8) == 0)
    #expect(window.rows(3).paddingBefore(7) == 1)
    #expect(window.rows(7).paddingBefore(224) == 2)
    #expect(ConvolutionWindow(padding: .same, dilations: Size2D(2, 2)).columns(3).paddingBefore(9) == 2)
  }

  @Test func convolutionsFollowPartialShapes() {
    withGraph(Graph()) {
      let filter = placeholder(shape: [3, 5, 4, 6])
      let x = placeholder(shape: [nil, 9, nil, 4])
      #expect(conv2D(x, filter: filter, strides: (2, 2)).shape == [nil, 5, nil, 6])
      #expect(conv2D(x, filter: filter, strides: (2, 2), padding: .valid).shape == [nil, 4, nil, 6])
      let padding = Padding.explicit(top: 1, bottom: 1, left: 2, right: 0)
      let known = placeholder(shape: [2, 9, 7, 4])
      #expect(conv2D(known, filter: filter, strides: (2, 1), padding: padding).shape == [2, 5, 5, 6])
      #expect(conv2D(known, filter: filter, padding: .valid, dilations: (2, 1)).shape == [2, 5, 3, 6])
      let channelsFirst = placeholder(shape: [2, 4, 9, 7])
      #expect(conv2D(channelsFirst, filter: filter, dataFormat: .nchw).shape == [2, 6, 9, 7])
      #expect(conv2D(placeholder(), filter: filter).shape == [nil, nil, nil, 6])
      let small = placeholder(shape: [2, 5, 4, 6])
      #expect(
        conv2DTranspose(small, filter: filter, outputShape: [2, 9, 7, 4], strides: (2, 2)).shape == [2, 9, 7, 4])
      #expect(depthwiseConv2D(known, filter: placeholder(shape: [3, 3, 4, 2])).shape == [2, 9, 7, 8])
    }
  }

  @Test(arguments: [
    ([2, 9, 7, 3], 1, "Dimensions must be equal, but are 3 and 4"),
    ([2, 2, 7, 4], 1, "Negative dimension size caused by subtracting 3 from 2"),
    ([2, 9, 4], 1, "Shape must be rank 4 but is rank 3"),
    ([2, 9, 7, 4], 0, "Stride must be > 0, but got 0"),
  ])
  func mistakesAreToldInTensorFlowsWords(extents: [Int], stride: Int, message: String) {
    let graph = Graph()
    withGraph(graph) {
      let x = placeholder(shape: Shape(extents))
      let filter = placeholder(shape: [3, 5, 4, 6])
      _ = conv2D(x, filter: filter, strides: (stride, stride), padding: .valid)
    }
    #expect(graph.diagnostics.map(\.message) == [message])
  }

  @Test func poolsFollowPartialShapes() {
    withGraph(Graph()) {
      let x = placeholder(shape: [nil, 8, 7, 3])
      #expect(maxPool2D(x, size: (3, 3), strides: (2, 2), padding: .same).shape == [nil, 4, 4, 3])
      #expect(averagePool2D(x, size: (2, 3), strides: (2, 2)).shape == [nil, 4, 3, 3])
      let channelsFirst = placeholder(shape: [nil, 3, 8, 7])
      #expect(maxPool2D(channelsFirst, size: (2, 2), strides: (2, 2), dataFormat: .nchw).shape == [nil, 3, 4, 3])
    }
  }

  @Test func attributesAreSpelledAsTensorFlowDoes() {
    let padding = Padding.explicit(top: 1, bottom: 2, left: 3, right: 4)
    let window = ConvolutionWindow(strides: Size2D(2, 3), padding: padding, dataFormat: .nchw)
    let attributes = Conv2D(window).attributes
    #expect(attributes["strides"] == .ints([1, 1, 2, 3]))
    #expect(attributes["padding"] == .string("EXPLICIT"))
    #expect(attributes["explicit_paddings"] == .ints([0, 0, 0, 0, 1, 2, 3, 4]))
    #expect(attributes["data_format"] == .string("NCHW"))
    let pool = MaxPool(PoolingWindow(size: Size2D(3, 2), strides: Size2D(2, 1), padding: .same))
    #expect(pool.attributes["ksize"] == .ints([1, 3, 2, 1]))
    #expect(pool.attributes["padding"] == .string("SAME"))
  }
}
