import Foundation
import FoundationXML
import Testing

@testable import Language

@Suite struct EvaluationTests {
  private func outcome(_ truth: Int, _ guess: Int, _ confidence: Float) -> Evaluation.Outcome {
    Evaluation.Outcome(truth: truth, guess: guess, confidence: confidence)
  }

  @Test func countsMatchAManualExample() {
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

  @Test func countsOutOfScopeSeparately() {
    let outside = Evaluation.Outcome.outside
    let evaluation = Evaluation(
      outcomes: [
        outcome(0, 0, 0.9), outcome(1, 1, 0.8), outcome(0, 1, 0.4),
        Evaluation.Outcome(truth: 1, guess: 1, confidence: 0.2, isRefused: true),
        Evaluation.Outcome(truth: outside, guess: 0, confidence: 0.2, isRefused: true), outcome(outside, 0, 0.9),
      ], labels: ["a", "b"])
    #expect(evaluation.count == 4)
    #expect(evaluation.accuracy == 0.75)
    #expect(
      evaluation.scope == Evaluation.Scope(examples: 2, recall: 0.5, acceptedAccuracy: 0.5, refused: 0.25))
    #expect(evaluation.table().contains("out of scope, recognised     50.0 % of 2"))
  }

  @Test func drawsConfusions() {
    let evaluation = Evaluation(
      outcomes: [outcome(0, 0, 0.9), outcome(0, 1, 0.4), outcome(1, 1, 0.3)], labels: ["a<b", "c"])
    let svg = ConfusionPicture(evaluation).svg
    #expect(svg.hasPrefix("<svg") && svg.contains("a&lt;b as c: 1 of 2") && !svg.contains("a<b"))
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    let many = (0..<100).map { outcome($0, $0 < 70 ? $0 : 0, 0.5) }
    let wide = Evaluation(outcomes: many, labels: (0..<100).map { "label \($0)" })
    #expect(ConfusionPicture.labels(of: wide).count == ConfusionPicture.rowsAtMost)
    #expect(ConfusionPicture(wide).svg.contains("40 labels with fewer errors are not shown"))
    #expect(XMLParser(data: Data(ConfusionPicture(Evaluation(outcomes: [], labels: [])).svg.utf8)).parse())
  }

  @Test func equalConfidencesStayTogether() {
    let mixed = [outcome(0, 0, 0.5), outcome(0, 1, 0.5)]
    #expect(Evaluation.automaticShare(mixed, precision: 0.95).share == 0)
    #expect(Evaluation.automaticShare(mixed, precision: 0.5).share == 1)
  }

  @Test func emptyInputIsNotAnError() {
    let evaluation = Evaluation(outcomes: [], labels: ["a", "b"])
    #expect(evaluation.accuracy == 0)
    #expect(evaluation.macroF1 == 0)
    #expect(evaluation.expectedCalibrationError == 0)
    #expect(evaluation.automaticShareAt95 == 0)
    #expect(!evaluation.table().isEmpty)
  }

  @Test func writesMachineReadableNames() throws {
    let data = try JSONEncoder().encode(
      Evaluation(outcomes: [outcome(0, 0, 0.9), outcome(1, 0, 0.4)], labels: ["a", "b"]))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for name in ["accuracy", "macro_f1", "expected_calibration_error", "automatic_share_at_95"] {
      let value = try #require(object[name] as? Double)
      #expect((0...1).contains(value))
    }
  }

  @Test func aMissingThresholdIsNull() throws {
    let evaluation = Evaluation(outcomes: [outcome(0, 1, 0.9), outcome(1, 0, .nan)], labels: ["a", "b"])
    #expect(evaluation.automaticThreshold == .infinity)
    let data = try JSONEncoder().encode(evaluation)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["automatic_threshold"] is NSNull)
    #expect(try JSONDecoder().decode(Evaluation.self, from: data) == evaluation)
  }

  @Test func combiningMarksDoNotBreakMarkup() {
    let svg = ConfusionPicture(
      Evaluation(outcomes: [outcome(0, 1, 0.9), outcome(1, 1, 0.5)], labels: ["<\u{301}b>&\u{FE0F}\u{1}", "c"])
    ).svg
    #expect(XMLParser(data: Data(svg.utf8)).parse())
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
