import DeskCore
import Foundation
import Language
import PolicyReading
import Testing

@testable import Classifier

/// The shipped articles against questions that were written separately from them (`self_service.csv`: the text, and the article that
/// answers it or `none`), with the labels of a model trained on the sample set and without an encoder.
@Suite struct SelfServiceTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private let policy: Policy
  private let questions: [LabelledExample]
  private let index: ArticleSearch

  init() throws {
    let deploy = SelfServiceTests.root.appending(path: "deploy")
    policy = try PolicyBundle(
      bytes: Data(contentsOf: deploy.appending(path: "desk.yaml")), version: 1, environment: [:], folder: deploy.path
    ).document.policy
    questions = try LabelledCSV.read(
      path: SelfServiceTests.root.appending(path: "Tests/ClassifierTests/self_service.csv").path)
    let articles = LiveArticles()
    articles.adopt(policy.life.answers.articles.values)
    index = try #require(articles.index)
  }

  private func fits(_ text: String) -> [ArticleSuggestion] {
    index.search(text) { false }.map { ArticleSuggestion(ArticleID($0.identifier), coverage: Double($0.coverage)) }
  }

  @Test func greetingsDoNotHideTheQuestion() {
    let plain = fits("Where is my parcel?").map(\.coverage).max() ?? 0
    let polite = fits("Hi, good morning. Where is my parcel? Many thanks").map(\.coverage).max() ?? 0
    #expect(plain > 0.9 && polite == plain)
    #expect(fits("你好，请问怎么开发票？谢谢").map(\.coverage) == fits("怎么开发票").map(\.coverage))
    #expect(fits("Hello, good morning").allSatisfy { $0.coverage == 0 }, "a greeting is not a question")
  }

  @Test func everyQuestionNamesAnArticleThatExists() {
    #expect(questions.count >= 350)
    for question in questions where question.label != "none" {
      #expect(policy.life.answers.articles[ArticleID(question.label)]?.answersByItself == true, "\(question.text)")
    }
  }

  @Test func manyCommonQuestionsAreAnsweredAndFewWrongly() throws {
    var options = TrainingOptions()
    options.costs = [1]
    let samples = SelfServiceTests.root.appending(path: "Services/Classifier/Samples/concerns.csv")
    let classifier = MessageClassifier(
      model: try Trainer(options: options).train(LabelledCSV.read(path: samples.path)).model)
    let labels = classifier.labels(for: questions.map(\.text))
    var right = 0
    var wrong: [String] = []
    for (question, labels) in zip(questions, labels) {
      let facts = RoutingFacts(
        channel: "wechat", tier: .standard, labels: Labels(labels), text: question.text,
        openedAt: Instant(seconds: 1_772_442_000))
      guard let answer = policy.answer(to: facts, suggested: fits(question.text)) else { continue }
      if answer.rawValue == question.label { right += 1 } else { wrong.append(question.text) }
    }
    let common = questions.count { $0.label != "none" }
    // Measured: 63 % answered, 2.0 % wrong.
    #expect(Double(right) >= 0.57 * Double(common), "\(right) of \(common)")
    #expect(Double(wrong.count) <= 0.03 * Double(questions.count), "\(wrong)")
  }
}
