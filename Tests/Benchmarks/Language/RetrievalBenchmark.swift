import DeskCore
import Language

/// The accuracy and speed of article retrieval, by words alone and blended with the encoder.
enum RetrievalBenchmark {
  private static let weights: [Float] = [0.5, 1, 2, 3, 5]

  /// Each label becomes an article of a few of its examples; other examples are the questions.
  static func questions(_ examples: [LabelledExample], encoder: SentenceEncoder) {
    for perLabel in [5, 30] {
      var random = SeededGenerator(seed: 11)
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

  /// A file with the columns title, question, answer: the titles are the queries, the questions are the articles.
  static func letters(path: String, encoder: SentenceEncoder) throws {
    let rows = try QuestionFile.read(path)
    let articles = rows.enumerated().map { ArticleIndex.Article(identifier: "\($0)", passages: [$1.question]) }
    let questions = rows.enumerated().map { (text: $1.title, answer: "\($0)") }
    measure("\(rows.count) letters by their titles", articles, questions, encoder)
    let many = (0..<10_000).map {
      ArticleIndex.Article(identifier: "\($0)", passages: [rows[$0 % rows.count].question])
    }
    let asked = questions.prefix(200)
    Table.head("A search among 10,000 letters (limit 2 ms)", ["index", "milliseconds"])
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
    let byWords = places(questions) { words.search($0) }
    row("words", byWords)
    var all = [byWords]
    for weight in weights {
      let blended = BlendedArticleIndex(articles, encoder: encoder, weight: weight)
      let found = places(questions) { blended.search($0) }
      row("nearness \(weight)", found)
      all.append(found)
    }
    row("chosen on the other half of the questions", chosenOnOtherHalf(all))
  }

  /// The rank at which each question's answer was found: 0 for first, nil for not among three.
  private static func places(
    _ questions: [(text: String, answer: String)], _ search: (String) -> [ArticleIndex.Match]
  ) -> [Int?] {
    questions.map { question in search(question.text).firstIndex { $0.identifier == question.answer } }
  }

  /// Cross-validated: for each half of the questions, the index that was best on the other half.
  private static func chosenOnOtherHalf(_ all: [[Int?]]) -> [Int?] {
    let questions = all[0].indices
    return (0...1).flatMap { half -> [Int?] in
      let best = all.max { one, other in
        let counts = [one, other].map { found in questions.count { $0 % 2 != half && found[$0] == 0 } }
        return counts[0] < counts[1]
      }
      return questions.filter { $0 % 2 == half }.map { best?[$0] }
    }
  }

  private static func row(_ name: String, _ found: [Int?]) {
    let count = Double(max(1, found.count))
    Table.row([
      name, Table.percent(Double(found.count { $0 == 0 }) / count),
      Table.percent(Double(found.count { $0 != nil }) / count),
    ])
  }
}
