import DeskCore
import Foundation
import Testing

@testable import Language

/// The sample set that ships with the classifier service.
@Suite struct SampleSetTests {
  private let examples: [LabelledExample]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    examples = try LabelledCSV.read(path: root.appending(path: "Services/Classifier/Samples/concerns.csv").path)
  }

  @Test func hasVariedExamplesPerCategoryAndLanguage() {
    var counts: [String: [Bool: Int]] = [:]
    for example in examples {
      let isChinese = MessageLanguage(of: example.text).rawValue.hasPrefix("zh")
      counts[example.label, default: [:]][isChinese, default: 0] += 1
    }
    #expect(counts.count >= 15)
    for (label, count) in counts {
      #expect(count[true, default: 0] >= 30, "\(label) in Chinese")
      #expect(count[false, default: 0] >= 30, "\(label) in English")
    }
    let folded = Set(examples.map { Normaliser().normalise($0.text).string })
    #expect(folded.count == examples.count, "an example appears twice")
    #expect(examples.allSatisfy { $0.urgency != nil && $0.sentiment != nil })
  }

  /// The figures in the README are higher; only a defect falls below these minimums. Guessing gets 6 %.
  @Test func trainsAnAccurateCalibratedModel() throws {
    var options = TrainingOptions()
    options.costs = [1]
    let outcome = try Trainer(options: options).train(examples)
    let evaluation = outcome.report.evaluation
    #expect(evaluation.count == examples.count)
    #expect(evaluation.accuracy > 0.72)
    #expect(evaluation.macroF1 > 0.72)
    #expect(evaluation.expectedCalibrationError < 0.05)
    #expect(evaluation.automaticShareAt95 > 0.40)
    let heads = outcome.report.heads
    #expect(Double(heads.urgencyRight) > 0.78 * Double(heads.urgencyExamples))
    #expect(Double(heads.sentimentRight) > 0.72 * Double(heads.sentimentExamples))
    let labels = MessageClassifier(model: outcome.model).labels(for: [
      "退款怎么还没到账", "My parcel has not been delivered", "請幫我開發票", "I forgot my password",
    ])
    #expect(labels.map(\.category) == ["refund", "logistics", "invoice", "account"])
    let strange = MessageClassifier(model: outcome.model).labels(for: ["", " \n", "\u{200B}"])
    #expect(
      strange.allSatisfy { $0.category == MessageLabels.outOfScope && $0.confidence == 0 && $0.guesses.count == 3 })
  }
}
