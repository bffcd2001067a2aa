import Foundation
import Testing

@testable import Language

@Suite struct EvaluationTests {
  private func outcome(_ truth: Int, _ guess: Int, _ confidence: Float) -> Evaluation.Outcome {
    Evaluation.Outcome(truth: truth, guess: guess, confidence: confidence)
  }

  @Test func countsByHand() {
    let evaluation = Evaluation(
      outcomes: [outcome(0, 0, 0.9), outcome(0, 1, 0.4), outcome(1, 1, 0.8), outcome(1, 1, 0.7), outcome(-1, 0, 0.3)],
      labels: ["a", "b", "unused"])
    #expect(evaluation.count == 5)
    #expect(evaluation.accuracy == 0.6)
    #expect(evaluation.labels[0].precision == 0.5)
    #expect(evaluation.labels[0].recall == 0.5)
    #expect(evaluation.labels[1].f1 == 0.8)
    #expect(abs(evaluation.macroF1 - 0.65) < 1e-12)
    #expect(evaluation.confusions == [Evaluation.Confusion(truth: "a", guess: "b", count: 1)])
    #expect(evaluation.automaticShareAt95 == 0.6)
    #expect(abs(evaluation.automaticThreshold - 0.7) < 1e-6)
    #expect(abs(evaluation.expectedCalibrationError - (0.1 + 0.4 + 0.2 + 0.3 + 0.3) / 5) < 1e-6)
  }

  @Test func equalConfidencesStayTogether() {
    let mixed = [outcome(0, 0, 0.5), outcome(0, 1, 0.5)]
    #expect(Evaluation.automaticShare(mixed, precision: 0.95).share == 0)
    #expect(Evaluation.automaticShare(mixed, precision: 0.5).share == 1)
  }

  @Test func nothingIsNotAnError() {
    let evaluation = Evaluation(outcomes: [], labels: ["a", "b"])
    #expect(evaluation.accuracy == 0)
    #expect(evaluation.macroF1 == 0)
    #expect(evaluation.expectedCalibrationError == 0)
    #expect(evaluation.automaticShareAt95 == 0)
    #expect(!evaluation.table().isEmpty)
  }

  @Test func writesTheNamesThatProgramsRead() throws {
    let data = try JSONEncoder().encode(
      Evaluation(outcomes: [outcome(0, 0, 0.9), outcome(1, 0, 0.4)], labels: ["a", "b"]))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for name in ["accuracy", "macro_f1", "expected_calibration_error", "automatic_share_at_95"] {
      let value = try #require(object[name] as? Double)
      #expect((0...1).contains(value))
    }
  }

  @Test func drawsATable() {
    let evaluation = Evaluation(
      outcomes: [outcome(0, 0, 0.9), outcome(0, 1, 0.4), outcome(0, 1, 0.3)], labels: ["first", "second"])
    #expect(evaluation.table().contains("accuracy                     33.3 %"))
    #expect(evaluation.table().contains("    2 first -> second"))
    #expect(evaluation.labelTable().split(separator: "\n").count == 3)
    #expect(Evaluation.decimal(-0.04, places: 1) == "0.0")
    #expect(Evaluation.decimal(-1.25, places: 2) == "-1.25")
    #expect(Evaluation.decimal(.infinity, places: 2) == "-")
  }
}
