import Testing

@testable import Language

@Suite struct CalibrationTests {
  /// Margins drawn at random, truths drawn from the softmax of the margins times a known temperature.
  private func synthetic(temperature: Float, count: Int, labels: Int) -> HeldOutMargins {
    var generator = SeededGenerator(seed: 42)
    var held = HeldOutMargins(labelCount: labels)
    for _ in 0..<count {
      var row = [SIMD8<Float>](repeating: .zero, count: LinearModel.blocks(labels: labels))
      var probabilities: [Float] = []
      for label in 0..<labels {
        let margin = Float.random(in: -1...1, using: &generator)
        row[label >> 3][label & 7] = margin
        probabilities.append(margin * temperature)
      }
      Softmax.apply(to: &probabilities)
      var draw = Float.random(in: 0..<1, using: &generator)
      var truth = labels - 1
      for (label, probability) in probabilities.enumerated() {
        draw -= probability
        if draw < 0 {
          truth = label
          break
        }
      }
      held.append(row, truth: truth)
    }
    return held
  }

  @Test("finds the temperature that made the truths", arguments: [Float(1), 3, 6])
  func findsTheTruth(temperature: Float) {
    let held = synthetic(temperature: temperature, count: 5_000, labels: 6)
    let found = Calibration.temperature(held, indices: Array(0..<held.count))
    #expect(abs(found / Double(temperature) - 1) < 0.1, "found \(found)")
  }

  @Test func calibratedOutcomesHaveSmallError() {
    let held = synthetic(temperature: 4, count: 5_000, labels: 6)
    let labels = (0..<6).map { "label \($0)" }
    let evaluation = Evaluation(outcomes: Calibration.outcomes(held), labels: labels)
    #expect(evaluation.expectedCalibrationError < 0.03)
    #expect(evaluation.accuracy == held.accuracy())
  }

  @Test func survivesPerfectSeparationAndNothing() {
    var held = HeldOutMargins(labelCount: 2)
    for _ in 0..<10 {
      held.append([SIMD8<Float>(1, -1, 0, 0, 0, 0, 0, 0)], truth: 0)
    }
    let found = Calibration.temperature(held, indices: Array(0..<10))
    #expect(found.isFinite && found <= Calibration.highest)
    #expect(Calibration.temperature(HeldOutMargins(labelCount: 2), indices: []) == 1)
  }
}
