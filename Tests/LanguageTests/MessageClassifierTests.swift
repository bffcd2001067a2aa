import Testing

@testable import Language

@Suite struct MessageClassifierTests {
  private let classifier: MessageClassifier

  init() throws {
    classifier = MessageClassifier(model: try ToyExamples.model())
  }

  @Test func labelsABatchInOrder() {
    let texts = ["我要退款，急！急用", "my parcel is late, terrible", "忘記密碼了", "refund please"]
    let labels = classifier.labels(for: texts)
    #expect(labels.map(\.category) == ["refund", "logistics", "account", "refund"])
    #expect(labels.map(\.intent) == ["refund", "late", "account", "refund"])
    #expect(labels.map(\.language) == ["zh-Hans", "en", "zh-Hant", "en"])
    #expect(labels.map(\.urgency) == [2, 1, 1, 1])
    #expect(labels.map(\.sentiment) == [0, -1, 0, 0])
    #expect(labels.allSatisfy { $0.modelVersion == classifier.model.version })
    #expect(labels == texts.flatMap { classifier.labels(for: [$0]) })
  }

  @Test func readsTheSubjectToo() {
    let alone = classifier.labels(for: ["as said"])
    let withSubject = classifier.labels(for: [MessageText(subject: "refund", text: "as said")])
    #expect(withSubject[0].category == "refund")
    #expect(withSubject[0].confidence > alone[0].confidence)
    #expect(classifier.labels(for: [MessageText(subject: nil, text: "as said")]) == alone)
  }

  @Test(
    "handles any text safely",
    arguments: [
      "", " ", "\n\n", "0", "\0", "🙂", "\u{FFFD}", "\u{10FFFF}", "\u{E0041}", "é", "ｱ", "ß",
      String(repeating: "退款", count: 50_000),
      String(repeating: "a", count: 100_000), String(repeating: "x ", count: 100_000),
      String(repeating: "\u{301}", count: 9_999),
    ])
  func handlesUnusualInput(text: String) throws {
    let label = try #require(classifier.labels(for: [text]).first)
    #expect(label.guesses.count == 3)
    #expect((0...1).contains(label.confidence))
    #expect(label.confidence == (label.category == MessageLabels.outOfScope ? 0 : label.guesses[0].probability))
    #expect(label.guesses.map(\.probability) == label.guesses.map(\.probability).sorted(by: >))
    #expect(abs(label.guesses.reduce(0) { $0 + $1.probability } - 1) < 1e-4)
  }

  @Test func ignoresTextBeyondTheLimit() {
    let filler = String(repeating: "快递 ", count: LanguageLimits.normalisedScalars)
    #expect(classifier.labels(for: [filler]) == classifier.labels(for: [filler + "urgent lawyer refund"]))
  }

  @Test func picksTheBestWithoutSortingAll() {
    #expect(MessageClassifier.best([0.1, 0.5, 0.2, 0.5, 0.9], count: 3) == [4, 1, 3])
    #expect(MessageClassifier.best([1], count: 3) == [0])
    #expect(MessageClassifier.best([0, 0, 0, 0], count: 3) == [0, 1, 2])
  }

  @Test func unknownLabelsCountAsErrors() {
    let unknown = [
      LabelledExample(text: "refund", label: "elsewhere"), LabelledExample(text: "refund", label: "refund"),
    ]
    #expect(classifier.evaluate(unknown).evaluation.accuracy == 0.5)
  }

  @Test func concurrentCallsGiveTheSameAnswers() async {
    let texts = ToyExamples.all.map(\.text)
    let expected = classifier.labels(for: texts)
    let shared = classifier
    let answers = await withTaskGroup(of: [MessageLabels].self) { group in
      for _ in 0..<8 {
        group.addTask { shared.labels(for: texts) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.allSatisfy { $0 == expected })
  }
}
