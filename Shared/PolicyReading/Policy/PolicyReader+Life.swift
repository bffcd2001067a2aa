import DeskCore

// MARK: - Closing, answers and articles

extension PolicyReader {
  /// Reads `closing:`, how settled tickets are confirmed, rated and closed.
  mutating func closing(_ place: PolicyNode?) -> ClosingPolicy {
    var closing = ClosingPolicy()
    guard let place, let fields = fields(of: place, known: ["confirm_within", "low_rating_below"]) else {
      return closing
    }
    if let time = fields["confirm_within"].flatMap({ duration($0) }) { closing.confirmWithin = time }
    if let below = fields["low_rating_below"].flatMap({ integer($0, in: 1...6) }) { closing.lowRatingBelow = below }
    return closing
  }

  /// Reads `answers:`, the match from which articles answer automatically, and `articles:` by name.
  mutating func answers(_ place: PolicyNode?, articles: PolicyNode?) {
    if let place, let fields = fields(of: place, known: ["confident_from"]),
      let from = fields["confident_from"].flatMap({ share($0) })
    {
      life.answers.confidentFrom = from
    }
    for entry in named(articles, limit: PolicyLimits.articles) {
      if let article = article(entry) { life.answers.articles[article.id] = article }
    }
  }

  /// Reads `feedback:`, what is collected for the product team, and `hot_issues:`, when a kind of question is hot.
  mutating func learning(feedback: PolicyNode?, hotIssues: PolicyNode?) {
    if let feedback, let fields = fields(of: feedback, known: ["categories", "alike_from"]) {
      let categories = fields["categories"].map { itemsOrOne($0) } ?? []
      life.learning.feedbackCategories = Set(categories.compactMap { text($0) })
      if let from = fields["alike_from"].flatMap({ share($0) }) { life.learning.alikeFrom = from }
    }
    if let hotIssues, let fields = fields(of: hotIssues, known: ["least", "times"]) {
      if let least = fields["least"].flatMap({ integer($0, in: PolicyLimits.hotIssueTickets) }) {
        life.learning.hotIssues.least = least
      }
      if let times = fields["times"].flatMap({ integer($0, in: 2...100) }) {
        life.learning.hotIssues.times = Double(times)
      }
    }
  }

  /// The languages of articles.
  static let articleLanguages = ["zh", "zh-Hans", "zh-Hant", "en"]

  private mutating func article(_ entry: PolicyEntry) -> Article? {
    let known = ["category", "answers_by_itself", "channels"]
    guard let fields = fields(of: entry.value, known: known + PolicyReader.articleLanguages) else { return nil }
    var versions: [String: Article.Version] = [:]
    for language in PolicyReader.articleLanguages {
      if let place = fields[language], let version = version(place) { versions[language] = version }
    }
    if versions.isEmpty {
      report(entry.value, "the article has no content", remedy: "add `zh:` or `en:` with a title and an answer")
      return nil
    }
    return Article(
      id: ArticleID(entry.name),
      categories: Set((fields["category"].map { itemsOrOne($0) } ?? []).compactMap { text($0) }),
      answersByItself: fields["answers_by_itself"].flatMap { flag($0) } ?? false,
      channels: references(fields["channels"], to: "channel", among: channelNames), versions: versions)
  }

  private mutating func version(_ place: PolicyNode) -> Article.Version? {
    guard let fields = fields(of: place, known: ["title", "answer", "questions", "steps"]) else { return nil }
    let title = needed("title", in: fields).flatMap { text($0) }
    let answer = needed("answer", in: fields).flatMap { passage($0) }
    let questions = lines(fields["questions"])
    let steps = lines(fields["steps"])
    guard let title, let answer else { return nil }
    return Article.Version(title: title, answer: answer, questions: questions, steps: steps)
  }

  private mutating func lines(_ place: PolicyNode?) -> [String] {
    place.map { itemsOrOne($0, limit: PolicyLimits.articleLines) }?.compactMap { passage($0) } ?? []
  }

  /// Reads a text of bounded length.
  mutating func passage(_ place: PolicyNode) -> String? {
    guard let (text, _) = scalar(place) else { return nil }
    guard (1...PolicyLimits.articleCharacters).contains(text.unicodeScalars.count), !text.allSatisfy(\.isWhitespace),
      !text.unicodeScalars.contains("\0")
    else {
      report(
        place, "the text is blank, too long or contains U+0000",
        remedy: "write 1 to \(PolicyLimits.articleCharacters) characters")
      return nil
    }
    return text
  }
}
