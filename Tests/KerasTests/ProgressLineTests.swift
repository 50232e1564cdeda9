import EspalierKeras
import Testing

@Suite struct ProgressLineTests {
  @Test func linesAreKeras() {
    let values = [(name: "loss", value: 1.9463), (name: "accuracy", value: 0.5485)]
    #expect(
      Keras.ProgressLine.text(63, 63, elapsed: 75.2, perStep: 1.19, values)
        == "63/63 [==============================] - 75s 1s/step - loss: 1.9463 - accuracy: 0.5485")
    #expect(
      Keras.ProgressLine.text(63, 63, elapsed: 63, perStep: 0.963, [])
        == "63/63 [==============================] - 63s 963ms/step")
    #expect(
      Keras.ProgressLine.text(7, 63, elapsed: 9, perStep: 1.2, values)
        == " 7/63 [==>...........................] - ETA: 1:07 - loss: 1.9463 - accuracy: 0.5485")
    #expect(Keras.ProgressLine.text(1, 1, elapsed: 0, perStep: 0.5, [("loss", 1e-5)]).hasSuffix("loss: 1.0000e-05"))
  }
}
