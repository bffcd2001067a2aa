import Language
import Observability
import Testing

@testable import Classifier

@Suite struct DriftMetricsTests {
  private func labels(_ category: String, confidence: Float, unfamiliar: Float) -> MessageLabels {
    MessageLabels(
      category: category, intent: category, confidence: confidence, guesses: [], urgency: 1, sentiment: 0,
      language: "en", modelVersion: "m", unfamiliar: unfamiliar)
  }

  @Test func countsCategoriesConfidenceAndUnfamiliarText() {
    let registry = MetricsRegistry()
    let drift = DriftMetrics(registry)
    drift.observe([
      labels("refund", confidence: 0.9, unfamiliar: 0), labels("refund", confidence: 0.5, unfamiliar: 0.25),
      labels("out_of_scope", confidence: 0, unfamiliar: 1),
    ])
    drift.observe([labels("refund", confidence: 1, unfamiliar: 0)])
    let lines = Set(registry.render().split(separator: "\n").map(String.init))
    #expect(lines.contains(#"frontdesk_classifier_categories_total{category="refund"} 3"#))
    #expect(lines.contains(#"frontdesk_classifier_categories_total{category="out_of_scope"} 1"#))
    #expect(lines.contains("frontdesk_classifier_confidence_count 4"))
    #expect(lines.contains("frontdesk_classifier_unfamiliar_share_sum 1.25"))
    #expect(lines.contains(#"frontdesk_classifier_unfamiliar_share_bucket{le="0.1"} 2"#))
  }

  @Test func reportsTheModelsValidationAccuracy() throws {
    let registry = MetricsRegistry()
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(2)
    let texts = ["refund me", "my parcel is late", "please refund", "where is the parcel", "refund", "parcel"]
    let model = try Trainer(options: options).train(
      texts.enumerated().map { LabelledExample(text: $1, label: $0 % 2 == 0 ? "refund" : "parcel") }
    ).model
    DriftMetrics(registry).use(model)
    let line = registry.render().split(separator: "\n").last {
      $0.hasPrefix("frontdesk_classifier_model_accuracy ")
    }
    #expect(line.flatMap { Double($0.drop { $0 != " " }.dropFirst()) } == model.summary.accuracy)
    #expect(model.summary.accuracy > 0)
  }
}
