import Language

/// How well and how fast articles are found, by words alone and blended with the encoder.
enum RetrievalBenchmark {
  private static let weights: [Float] = [0.5, 1, 2, 3, 5]

  /// Each label is an article of a few of its examples; others are the questions.
  static func questions(_ examples: [LabelledExample], encoder: SentenceEncoder) {
    for perLabel in [5, 30] {
      var random = SplitMix(state: 11)
      var passages: [String: [String]] = [:]
      var questions: [(text: String, answer: String)] = []
      for example in examples.shuffled(using: &random) {
        if passages[example.label, default: []].count < perLabel {
          passages[example.label, default: []].append(example.text)
        } else if questions.count < 2_000 {
          questions.append((example.text, example.label))
        }
      }
      guard !questions.isEmpty else { continue }
      let articles = passages.sorted { $0.key < $1.key }.map { ArticleIndex.Article(identifier: $0, passages: $1) }
      measure("\(articles.count) labels, \(perLabel) questions each", articles, questions, encoder)
    }
  }

  /// A file with the columns title, question, answer: the titles are asked, the questions are the articles.
  static func letters(path: String, encoder: SentenceEncoder) throws {
    let rows = try QuestionFile.read(path)
    let articles = rows.enumerated().map { ArticleIndex.Article(identifier: "\($0)", passages: [$1.question]) }
    let questions = rows.enumerated().map { (text: $1.title, answer: "\($0)") }
    measure("\(rows.count) letters by their titles", articles, questions, encoder)
    let many = (0..<10_000).map {
      ArticleIndex.Article(identifier: "\($0)", passages: [rows[$0 % rows.count].question])
    }
    let asked = questions.prefix(200)
    Table.head("A search among 10,000 letters", ["index", "milliseconds"])
    let words = ArticleIndex(many)
    let seconds = Stopwatch.best { for question in asked { _ = words.search(question.text) } }
    Table.row(["words", milliseconds(seconds, asked.count)])
    let blended = BlendedArticleIndex(many, encoder: encoder)
    let blendedSeconds = Stopwatch.best { for question in asked { _ = blended.search(question.text) } }
    Table.row(["blended", milliseconds(blendedSeconds, asked.count)])
  }

  private static func milliseconds(_ seconds: Double, _ count: Int) -> String {
    let hundredths = Int(seconds / Double(count) * 100_000)
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }

  private static func measure(
    _ title: String, _ articles: [ArticleIndex.Article], _ questions: [(text: String, answer: String)],
    _ encoder: SentenceEncoder
  ) {
    Table.head(title, ["index", "first", "among three"])
    let words = ArticleIndex(articles)
    row("words", questions) { words.search($0) }
    for weight in weights {
      let blended = BlendedArticleIndex(articles, encoder: encoder, weight: weight)
      row("nearness \(weight)", questions) { blended.search($0) }
    }
  }

  private static func row(
    _ name: String, _ questions: [(text: String, answer: String)], _ search: (String) -> [ArticleIndex.Match]
  ) {
    var first = 0
    var three = 0
    for question in questions {
      let found = search(question.text).map(\.identifier)
      first += found.first == question.answer ? 1 : 0
      three += found.contains(question.answer) ? 1 : 0
    }
    let count = Double(questions.count)
    Table.row([name, Table.percent(Double(first) / count), Table.percent(Double(three) / count)])
  }
}
