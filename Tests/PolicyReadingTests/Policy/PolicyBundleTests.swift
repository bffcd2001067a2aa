import DeskCore
import Foundation
import TestKit
import Testing

@testable import PolicyReading

@Suite("A policy and its article files")
final class PolicyBundleTests {
  private static let ground = """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { wechat: { answers_by_itself: true }, web: { answers_by_itself: true } }
    """

  private static let english = """
    ---
    id: hours
    language: en
    title: Opening hours
    category: [consulting, account]
    answers_by_itself: true
    channels: wechat
    ---
    We are here all day, *every* day,
    also on holidays.

    - by chat
    - by mail,
      which takes longer

    ## Questions
    - When do you open?
    - Are you there
      on Sundays?

    ## Steps
    1. Look at the calendar.
    2. Say it: "always" \\ ever.

    """

  private static let chinese = """
    ---
    id: hours
    language: zh
    title: 营业时间
    ---
    我们全天在线，
    节假日也一样。

    ## 问法
    - 几点开门

    ## 步骤
    1. 查看日历

    """

  private let temporary: TemporaryFolder
  private var folder: URL { URL(filePath: temporary.path) }

  init() throws {
    temporary = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.appending(path: "articles"), withIntermediateDirectories: true)
  }

  @Test func anUnreachableTargetPreventsApplyingAPolicyButNotUsingIt() throws {
    let levels = """

      calendars:
        short: { time_zone: UTC, week: { monday: ["09:00-18:00"] } }
      service_levels:
        - { name: slow, calendar: short, first_response: 2h, resolution: { high: 100h, normal: 5000h } }
        - { name: never, calendar: short, resolution: 4000h, when: { channel: web }, escalation: [ { after: 900h, tell_lead: true } ] }
      """
    let text =
      Self.ground
      + levels.replacing("when: { channel: web }, ", with: "").replacing(
        "name: slow,", with: "name: slow, when: { channel: web },")
    let expected = [
      "here/desk.yaml:11:114: service_levels[0].resolution.normal: 208d8h is more than the calendar 'short' opens in ten years; write 195d18h at most, or use a calendar with longer hours",
      "here/desk.yaml:12:79: service_levels[1].escalation[0].after: 37d12h after a target of 166d16h is more than the calendar 'short' opens in ten years; write 29d2h at most, or use a calendar with longer hours",
    ]
    do {
      _ = try PolicyBundle(bytes: Array(text.utf8), version: 1, environment: [:], folder: folder.path)
      Issue.record("it was taken")
    } catch let error {
      #expect(error.mistakes.map { $0.text(file: "here/desk.yaml") } == expected)
    }
    // One that an older build has applied is still read, and reports the target that it cannot reach.
    let policy = try PolicyDocument.load(yaml: text, version: 1)
    #expect(policy.unreachablePromises.map(\.serviceLevel) == ["slow"])
    // It is reported along with other mistakes.
    #expect(throws: PolicyMistakes.self) {
      try PolicyDocument.load(yaml: text.replacing("capacity: 4", with: "capacity: 0"), version: 1)
    }
  }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  private func bundle(_ more: String = "\narticle_files: articles/*.md") throws -> PolicyBundle {
    try PolicyBundle(
      bytes: Array((Self.ground + more).utf8), version: 3, environment: [:], folder: folder.path)
  }

  private func mistakes(_ more: String = "\narticle_files: articles/*.md") -> [String] {
    do {
      _ = try bundle(more)
      return []
    } catch let error as PolicyMistakes {
      return error.mistakes.map { $0.text(file: "here/desk.yaml") }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func languagesOfAnArticleAreCombined() throws {
    try write(Self.english, "articles/hours.en.md")
    try write(Self.chinese.replacing("\n", with: "\r\n"), "articles/hours.zh.md")
    try write("not an article", "articles/notes.txt")
    let article = try #require(try bundle().document.policy.life.answers.articles["hours"])
    #expect(article.categories == ["consulting", "account"] && article.answersByItself)
    #expect(article.channels == ["wechat"])
    #expect(
      article.versions["en"]
        == Article.Version(
          title: "Opening hours",
          answer: "We are here all day, *every* day, also on holidays.\n\n- by chat\n- by mail, which takes longer",
          questions: ["When do you open?", "Are you there on Sundays?"],
          steps: ["Look at the calendar.", "Say it: \"always\" \\ ever."]))
    #expect(
      article.versions["zh"]
        == Article.Version(title: "营业时间", answer: "我们全天在线，节假日也一样。", questions: ["几点开门"], steps: ["查看日历"]))
  }

  /// A rule that says 退款 in GBK, and é in Latin-1, in an otherwise valid policy that references files.
  @Test(arguments: [[0xCD, 0xCB, 0xBF, 0xEE], [0xE9]] as [[UInt8]])
  func policiesInOtherEncodingsAreRefusedWithPosition(_ word: [UInt8]) throws {
    try write(Self.english, "articles/hours.en.md")
    let bytes =
      Array((Self.ground + "\nfeedback: { categories: [好").utf8) + word
      + Array("] }\narticle_files: articles/*.md\n".utf8)
    let error = #expect(throws: PolicyMistakes.self) {
      try PolicyBundle(bytes: bytes, version: 1, environment: [:], folder: folder.path)
    }
    #expect(error?.mistakes.map { "\($0.line):\($0.column) \($0.problem)" } == ["8:27 the file is not UTF-8"])
    #expect(error?.mistakes.first?.remedy.contains("UTF-8") == true)
  }

  @Test func articlesInOtherEncodingsAreRefusedWithPosition() throws {
    try Data(Array("---\nid: hours\ntitle: caf".utf8) + [0xE9]).write(
      to: folder.appending(path: "articles/hours.en.md"))
    #expect(mistakes().map { $0.prefix { $0 != ";" } } == ["here/articles/hours.en.md:3:11: the file is not UTF-8"])
  }

  @Test func fileNamesAreComparedAsBytes() throws {
    try write(Self.english, "articles/caf\u{E9}.md")
    try write(Self.chinese, "articles/cafe\u{301}.md")
    #expect(
      mistakes().map { $0.prefix { $0 != ";" } } == [
        "here/desk.yaml:8:16: article_files: two files have the same name in different Unicode normal forms"
      ])
    let decomposed = try bundle("\narticle_files: 'articles/*e\u{301}.md'\n").document.policy
    #expect(decomposed.life.answers.articles["hours"]?.versions.keys.sorted() == ["zh"])
    // Combining marks and control characters in names are kept, in the stored text too.
    try write(Self.english, "articles/\u{301}x\u{7}\ty.md")
    #expect(try bundle("\narticle_files: 'articles/*\u{301}x*y.md'\n").document.policy.life.answers.articles.count == 1)
  }

  @Test func aLeadingSpaceBeforeACombiningMarkIsKept() throws {
    try write(Self.english.replacing("## Steps", with: "## Steps\n1. a\n \u{301}b\n"), "articles/hours.en.md")
    let steps = try bundle().document.policy.life.answers.articles["hours"]?.versions["en"]?.steps
    #expect(steps?.first.map { Array($0.unicodeScalars) } == Array("a \u{301}b".unicodeScalars))
  }

  @Test func aStoredPolicyNeedsNoFiles() throws {
    try write(Self.english, "articles/hours.en.md")
    try write(Self.chinese, "articles/hours.zh.md")
    let bundle = try bundle()
    try FileManager.default.removeItem(at: folder.appending(path: "articles"))
    #expect(try PolicyDocument.load(yaml: bundle.text, version: 3) == bundle.document.policy)
    // The text fetched from the desk can be applied again.
    let again = try PolicyBundle(bytes: Array(bundle.text.utf8), version: 3, environment: [:], folder: folder.path)
    #expect(again == bundle)
  }

  @Test func manyAsterisksAreNotAnAliasChain() throws {
    let stars = (0..<60).map { "*word\($0)*" }.joined(separator: "\n")
    try write(Self.english.replacing("We are", with: stars + "\n We are"), "articles/hours.en.md")
    let article = try bundle().document.policy.life.answers.articles["hours"]
    #expect(article?.versions["en"]?.answer.hasPrefix("*word0* *word1* ") == true)
  }

  @Test func foldersAndSingleFilesCanBeListed() throws {
    try write(Self.english, "articles/hours.en.md")
    try write(Self.chinese, "hours.md")
    let policy = try bundle("\narticle_files: [articles, hours.md]\n").document.policy
    #expect(policy.life.answers.articles["hours"]?.versions.keys.sorted() == ["en", "zh"])
  }

  @Test func anArticleAnswersAutomaticallyOnlyOnItsChannels() throws {
    try write(Self.english, "articles/hours.en.md")
    let policy = try bundle().document.policy
    func answer(on channel: ChannelID) -> ArticleID? {
      policy.answer(
        to: RoutingFacts(
          channel: channel, tier: .standard,
          labels: Labels(
            category: "consulting", intent: "hours", confidence: 0.9, urgency: .normal, sentiment: .neutral,
            language: "en", modelVersion: "m"), text: "When do you open?", openedAt: Instant(seconds: 0)),
        suggested: [ArticleSuggestion("hours", coverage: 0.9)])
    }
    #expect(answer(on: "wechat") == "hours" && answer(on: "web") == nil)
  }

  @Test func mistakesNameFileLineAndColumn() throws {
    try write(
      """
      ---
      id: parcels
      language: en
      title: Parcels
      ---
      Always.
      ## Questons
      ## Steps
      first look
      """, "articles/a.md")
    try write(Self.english, "articles/b.md")
    try write(Self.english.replacing("answers_by_itself: true", with: "answers_by_itself: false"), "articles/c.md")
    try write("Always.", "articles/d.md")
    try write(Self.english.replacing("also on", with: "also\u{200B}\u{7} on"), "articles/e.md")
    let found = mistakes()
    #expect(found.contains { $0.hasPrefix("here/articles/a.md:7:1: unknown heading 'Questons'") }, "\(found)")
    #expect(found.contains { $0.hasPrefix("here/articles/a.md:9:1: not a list item") }, "\(found)")
    #expect(
      found.contains { $0.hasPrefix("here/articles/c.md:3:11: language: another file already contains 'hours'") },
      "\(found)")
    #expect(
      found.contains { $0.hasPrefix("here/articles/c.md:6:20: answers_by_itself: another file") }, "\(found)")
    #expect(found.contains { $0.hasPrefix("here/articles/d.md:1:1: the file has no front matter") }, "\(found)")
    #expect(found.contains { $0.hasPrefix("here/articles/e.md:10:6: an invisible character") }, "\(found)")
    #expect(!found.contains { $0.hasPrefix("here/desk.yaml") }, "\(found)")
  }

  @Test func theFrontMatterIsValidatedLikeThePolicy() throws {
    try write(
      Self.english.replacing("language: en", with: "language: klingon").replacing("title:", with: "titel:")
        .replacing("channels: wechat", with: "channels: wechta"), "articles/a.md")
    #expect(
      mistakes().map { $0.prefix { $0 != ";" } } == [
        "here/articles/a.md:2:1: 'title' is missing", "here/articles/a.md:3:11: language: unknown value 'klingon'",
        "here/articles/a.md:4:1: titel: unknown key 'titel'",
        "here/articles/a.md:7:11: channels: unknown channel 'wechta'",
      ])
  }

  @Test func policyMistakesKeepTheirPositionAmongFileMistakes() throws {
    try write("Always.", "articles/a.md")
    let found = mistakes("\narticle_files: articles/*.md\ncolour: blue")
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix("here/desk.yaml:9:1: colour: unknown key") == true, "\(found)")
    #expect(found.last?.hasPrefix("here/articles/a.md:1:1: ") == true, "\(found)")
  }

  @Test(arguments: [
    "/etc/*.md", "/\u{301}*.md", "../articles/*.md", "a/..", "../\u{301}x.md", "articles/*.md", "nowhere/x.md",
  ])
  func missingArticleFilesArePolicyMistakes(_ pattern: String) {
    let found = mistakes("\narticle_files: \(pattern)")
    #expect(found.count == 1 && found[0].hasPrefix("here/desk.yaml:8:16: article_files: "), "\(found)")
  }

  @Test func anUnbundledPolicyIsNotAcceptedWithoutItsArticles() {
    #expect(throws: PolicyMistakes.self) {
      try PolicyDocument.load(yaml: Self.ground + "\narticle_files: articles/*.md", version: 1)
    }
  }
}
