import DeskCore
import Yams

// MARK: - Articles in separate files

extension PolicyReader {
  /// The combined content of one article's files.
  private struct Draft {
    var categories: Set<String>?
    var answersByItself: Bool?
    var channels: Set<ChannelID>?
    var versions: [String: Article.Version] = [:]
  }

  /// Reads `article_files:`, the article files, and `article_texts:`, their content when the policy was applied.
  mutating func articleFiles(_ place: PolicyNode?, texts: PolicyNode?) {
    if let place, texts == nil {
      report(
        place, "the articles of these files are not included in this text",
        remedy: "apply the policy with `frontdesk apply`, which reads and includes them")
    }
    var drafts: [ArticleID: Draft] = [:]
    for entry in entries(texts) {
      guard let (text, _) = scalar(entry.value) else { continue }
      file = entry.name
      read(text, into: &drafts)
      file = ""
    }
    for (id, draft) in drafts {
      life.answers.articles[id] = Article(
        id: id, categories: draft.categories ?? [], answersByItself: draft.answersByItself ?? false,
        channels: draft.channels ?? [], versions: draft.versions)
    }
    if life.answers.articles.count > PolicyLimits.articles, let place = texts {
      report(place, "there are more than \(PolicyLimits.articles) articles", remedy: "remove those that are not needed")
    }
  }

  /// Reads one language of an article.
  private mutating func read(_ text: String, into drafts: inout [ArticleID: Draft]) {
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Substring($0) }
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      report(
        line: 1, column: 1, path: "", "the file has no front matter",
        remedy: "begin the file with a line `---`, then id, language and title, then another line `---`")
      return
    }
    let body = ArticleBody(lines[(end + 1)...], first: end + 2)
    for (piece, problem, remedy) in body.mistakes {
      report(line: piece.line, column: piece.column, path: "", problem, remedy: remedy)
    }
    let head = lines[..<end].joined(separator: "\n") + "\n"
    do {
      let parser = try Yams.Parser(yaml: head, resolver: .basic, encoding: .utf8)
      let root = try parser.singleRoot()
      withExtendedLifetime(parser) {
        take(PolicyNode(root ?? Node([] as [(Node, Node)]), path: ""), body, bodyLine: end + 2, into: &drafts)
      }
    } catch {
      for mistake in PolicyDocument.notYAML(error, in: head).mistakes {
        report(
          line: mistake.line, column: mistake.column, path: mistake.path, mistake.problem, remedy: mistake.remedy)
      }
    }
  }

  private mutating func take(
    _ root: PolicyNode, _ body: ArticleBody, bodyLine: Int, into drafts: inout [ArticleID: Draft]
  ) {
    let known = ["id", "language", "title", "category", "answers_by_itself", "channels"]
    guard let head = fields(of: root, known: known) else { return }
    let name = needed("id", in: head).flatMap { place -> String? in
      guard let (name, _) = scalar(place), isWellFormed(name, at: place) else { return nil }
      return name
    }
    let language = needed("language", in: head).flatMap {
      word($0, among: PolicyReader.articleLanguages.map { ($0, $0) })
    }
    let title = needed("title", in: head).flatMap { text($0) }
    let categories = head["category"].map { place in Set(itemsOrOne(place).compactMap { text($0) }) }
    let answersByItself = head["answers_by_itself"].flatMap { flag($0) }
    let channels = head["channels"].map { place -> Set<ChannelID> in
      references(place, to: "channel", among: channelNames)
    }
    if body.answer.isEmpty {
      report(
        line: bodyLine, column: 1, path: "", "the article has no answer",
        remedy: "write the answer for customers before the first heading")
    }
    checkLengths(body, bodyLine: bodyLine)
    guard let name, let language, let title, !body.answer.isEmpty else { return }
    let id = ArticleID(name)
    var draft = drafts[id] ?? Draft()
    if draft.versions.isEmpty, life.answers.articles[id] != nil, let place = head["id"] {
      report(place, "\(quoted(name)) is already declared in the policy", remedy: "keep one of the two")
    }
    if draft.versions[language] != nil, let place = head["language"] {
      report(
        place, "another file already contains \(quoted(name)) in this language",
        remedy: "give one of them another id or language")
    }
    agree(&draft.categories, categories, on: "category", in: head)
    agree(&draft.answersByItself, answersByItself, on: "answers_by_itself", in: head)
    agree(&draft.channels, channels, on: "channels", in: head)
    draft.versions[language] = Article.Version(
      title: title, answer: body.answer, questions: body.questions.map(\.text), steps: body.steps.map(\.text))
    drafts[id] = draft
  }

  /// Reads fields of the whole article, which must be equal in each file that has them.
  private mutating func agree<Value: Equatable>(
    _ known: inout Value?, _ said: Value?, on key: String, in head: PolicyFields
  ) {
    guard let said else { return }
    if let known, known != said, let place = head[key] {
      report(
        place, "another file of the article has a different value",
        remedy: "use the same value in both, or set it in only one of them"
      )
    }
    known = said
  }

  private mutating func checkLengths(_ body: ArticleBody, bodyLine: Int) {
    let longest = PolicyLimits.articleCharacters
    let remedy = "write at most \(longest) characters"
    if body.answer.unicodeScalars.count > longest {
      report(line: bodyLine, column: 1, path: "", "the answer is too long", remedy: remedy)
    }
    for list in [body.questions, body.steps] {
      for piece in list where piece.text.unicodeScalars.count > longest || piece.text.isEmpty {
        report(line: piece.line, column: piece.column, path: "", "the item is blank or too long", remedy: remedy)
      }
      if list.count > PolicyLimits.articleLines, let place = list.dropFirst(PolicyLimits.articleLines).first {
        report(
          line: place.line, column: place.column, path: "", "the list has more than \(PolicyLimits.articleLines) items",
          remedy: "remove duplicates")
      }
    }
  }
}
