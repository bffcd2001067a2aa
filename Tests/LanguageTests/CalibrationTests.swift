import DeskCore
import Testing

@testable import Language

@Suite struct CalibrationTests {
  /// Random margins, with labels drawn from the softmax of the margins times a known temperature.
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

  @Test("recovers the temperature that generated the labels", arguments: [Float(1), 3, 6])
  func recoversTheTemperature(temperature: Float) {
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

  @Test func theScopeThresholdLosesItsAllowedShare() {
    let held = synthetic(temperature: 4, count: 4_000, labels: 6)
    let all = Array(0..<held.count)
    let threshold = Calibration.scopeThreshold(held, indices: all)
    let right = held.highestOfRight(all)
    let lost = Double(right.count { $0 < threshold }) / Double(right.count)
    #expect(abs(lost - Calibration.scopeLoss) < 0.001)
    #expect(Calibration.scopeThreshold(held, indices: Array(0..<50)) == -.infinity)
  }

  /// Random confidences, with labels drawn from the line to recover.
  @Test("recovers the line that generated the labels", arguments: [(Float(0.5), Float(0.3)), (1, 0), (1.6, -0.4)])
  func recoversThePlattScaling(slope: Float, intercept: Float) {
    var generator = SeededGenerator(seed: 9)
    let line = PlattScaling(slope: slope, intercept: intercept)
    let drawn = (0..<20_000).map { _ in
      let confidence = Float.random(in: 0.4..<0.999, using: &generator)
      var probabilities = [confidence, (1 - confidence) / 2, (1 - confidence) / 2]
      line.apply(to: &probabilities)
      return (confidence, Float.random(in: 0..<1, using: &generator) < probabilities[0])
    }
    let found = PlattScaling.fit(drawn.map { (confidence: $0.0, isRight: $0.1) })
    #expect(abs(found.slope - slope) < 0.1 && abs(found.intercept - intercept) < 0.15, "found \(found)")
  }

  @Test("keeps the best guess the best and the sum at one", arguments: [Float(-9), -1, 0, 1, 9])
  func scalingKeepsTheOrder(intercept: Float) {
    var probabilities: [Float] = [0.2, 0.45, 0.35]
    PlattScaling(slope: 0.8, intercept: intercept).apply(to: &probabilities)
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
    #expect(probabilities[1] >= probabilities[2] && probabilities[2] >= probabilities[0])
    var certain: [Float] = [1, 0]
    PlattScaling(slope: 0.8, intercept: intercept).apply(to: &certain)
    #expect(certain == [1, 0])
  }

  @Test func oneSidedEvidenceStaysBounded() {
    let found = PlattScaling.fit((0..<50).map { _ in (confidence: 0.9, isRight: true) })
    #expect(found.slope > 0 && found.slope < 10 && found.intercept.magnitude < 10)
    #expect(PlattScaling.fit([]) == .none)
  }

  @Test func handlesPerfectSeparationAndEmptyInput() {
    var held = HeldOutMargins(labelCount: 2)
    for _ in 0..<10 {
      held.append([SIMD8<Float>(1, -1, 0, 0, 0, 0, 0, 0)], truth: 0)
    }
    let found = Calibration.temperature(held, indices: Array(0..<10))
    #expect(found.isFinite && found <= Calibration.highest)
    #expect(Calibration.temperature(HeldOutMargins(labelCount: 2), indices: []) == 1)
  }
}
