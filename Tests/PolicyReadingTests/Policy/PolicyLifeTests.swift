import DeskCore
import Testing

@testable import PolicyReading

@Suite("Policy syntax of closing, answers and learning")
struct PolicyLifeTests {
  private static let ground = """
    version: 1
    agents: [{ id: ann, capacity: 4 }]
    queues: { general: { reclaim_after: 20m } }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { app: { replies: fetch, answers_by_itself: true }, web: { replies: fetch } }

    """

  private func life(_ more: String = "") throws -> LifePolicy {
    try PolicyDocument.load(yaml: Self.ground + more, version: 1).life
  }

  private func mistakes(_ more: String) -> [String] {
    do {
      _ = try life(more)
      return []
    } catch let error as PolicyMistakes {
      return error.mistakes.map { "\($0.path): \($0.problem)" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func omittedSettingsHaveDefaults() throws {
    let life = try life()
    #expect(life.reclaimAfter == ["general": .seconds(1_200)])
    #expect(life.closing == ClosingPolicy())
    #expect(life.answers.channels == ["app"])
    #expect(life.answers.articles.isEmpty)
    #expect(life.learning == LearningPolicy())
  }

  @Test func reportsAreScheduled() throws {
    #expect(try life().reportSchedules.isEmpty)
    let hook =
      "hooks: { bi: { url: https://example.com/h, secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw], kinds: [] } }\n"
    let schedules = try life(
      hook + """
        reports:
          schedules:
            weekly: { report: change, figure: late_share, every: monday, at: "00:00", time_zone: UTC, format: json, file: true }
            daily: { report: handling, by: queue, every: day, at: "07:30", time_zone: Asia/Shanghai, hook: bi, days: 3 }
        """
    ).reportSchedules
    #expect(schedules.map(\.name) == ["daily", "weekly"])
    let (daily, weekly) = (schedules[0], schedules[1])
    #expect(daily.request == ReportRequest(.handling, by: .queue) && daily.days == 3 && daily.weekday == nil)
    #expect(daily.minute == 450 && daily.zone.name == "Asia/Shanghai" && daily.format == .csv)
    #expect(daily.destination == .hook("bi"))
    #expect(weekly.request == ReportRequest(.change, of: .lateShare) && weekly.days == 7 && weekly.weekday == 1)
    #expect(weekly.minute == 0 && weekly.format == .json && weekly.destination == .file)
  }

  @Test(arguments: [
    "report: weather, every: day, at: \"07:30\", time_zone: UTC, file: true",
    "report: path, by: queue, every: day, at: \"07:30\", time_zone: UTC, file: true",
    "report: path, figure: volume, every: day, at: \"07:30\", time_zone: UTC, file: true",
    "report: handling, format: svg, every: day, at: \"07:30\", time_zone: UTC, file: true",
    "report: path, every: often, at: \"07:30\", time_zone: UTC, file: true",
    "report: path, every: day, at: \"24:00\", time_zone: UTC, file: true",
    "report: path, every: day, at: \"7:30\", time_zone: UTC, file: true",
    "report: path, every: day, at: \"07:30\", time_zone: Atlantis, file: true",
    "report: path, every: day, at: \"07:30\", time_zone: UTC",
    "report: path, every: day, at: \"07:30\", time_zone: UTC, hook: nowhere",
    "report: occupancy, days: 32, every: day, at: \"07:30\", time_zone: UTC, file: true",
    "every: day, at: \"07:30\", time_zone: UTC, file: true",
  ])
  func mistakesInSchedulesAreReportedOnce(_ schedule: String) {
    #expect(mistakes("reports: { schedules: { s: { \(schedule) } } }").count == 1, "\(schedule)")
  }

  @Test func conversationsHaveDefaultsAndCanBeSet() throws {
    #expect(try life().conversation == ConversationPolicy())
    let conversation = try life(
      """
      conversation:
        calm_after: 5
        concern_from: 0.6
        greeting_from: 0.7
        closing_from: 0.9
        greetings: [moin, 吃了吗]
        closings: [merci]
        objections: []
        fillers: [beaucoup]
      """
    ).conversation
    let wanted = ConversationPolicy(
      calmAfter: 5, concernFrom: 0.6, closingFrom: 0.9, greetingFrom: 0.7, greetings: ["moin", "吃了吗"],
      closings: ["merci"], objections: [], fillers: ["beaucoup"])
    #expect(conversation == wanted)
    #expect(mistakes("conversation: { calm_after: 0 }").count == 1)
    #expect(mistakes("conversation: { closing_from: 1.5 }").count == 1)
    #expect(mistakes(#"conversation: { greetings: ["\u200b"] }"#).count == 1)
    #expect(mistakes("conversation: { words: [a] }").count == 1)
  }

  @Test func aChannelSaysWhatHappensToAGreeting() throws {
    func greeting(_ channel: String) throws -> GreetingPolicy? {
      let ground = Self.ground.replacing("web: {", with: "web: { \(channel)")
      return try PolicyDocument.load(yaml: ground, version: 1).channels["web"]?.greeting
    }
    #expect(try greeting("") == GreetingPolicy())
    let both = try #require(try greeting("greeting: { wait: 20s, answer: { zh: 您好, en: Hello } },"))
    #expect(both.wait == .seconds(20))
    #expect(both.answer(in: "zh-Hans") == "您好" && both.answer(in: "en") == "Hello" && both.answer(in: "und") == "Hello")
    #expect(throws: PolicyMistakes.self) { try greeting("greeting: { wait: 11m },") }
    #expect(throws: PolicyMistakes.self) { try greeting("greeting: { answer: { fr: Bonjour } },") }
  }

  @Test func everySettingCanBeGiven() throws {
    let life = try life(
      """
      closing: { confirm_within: 2d, low_rating_below: 4 }
      answers: { confident_from: 0.7 }
      articles:
        hours:
          category: [consulting]
          answers_by_itself: true
          zh: { title: 营业时间, answer: 全天, questions: 几点开门, steps: [查看日历] }
          en: { title: Hours, answer: All day. }
      feedback: { categories: [suggestion], alike_from: 0.5 }
      hot_issues: { least: 20, times: 5 }
      """)
    #expect(life.closing == ClosingPolicy(confirmWithin: .seconds(2 * 86_400), lowRatingBelow: 4))
    let article = try #require(life.answers.articles["hours"])
    #expect(article.categories == ["consulting"] && article.answersByItself)
    #expect(article.version(for: "zh-Hans")?.questions == ["几点开门"])
    #expect(article.version(for: "en")?.steps == [])
    #expect(life.answers.confidentFrom == 0.7)
    #expect(life.learning.feedbackCategories == ["suggestion"] && life.learning.alikeFrom == 0.5)
    #expect(life.learning.hotIssues.least == 20 && life.learning.hotIssues.times == 5)
  }

  @Test func crisesCanBeDescribed() throws {
    let crisis = try life(
      """
      crises:
        rest: 30m
        hot_kinds: 3
        surge: { least: 100, times: 4 }
        anger: { least: 20, share: 0.5 }
        topics:
          recall: { words: [召回, recall], least: 3 }
          injury: { words: injured }
        checklist: [Inform legal, Call back]
        answers:
          checking: { zh: 正在核实, en: We are checking. }
          app: { when: { channel: app }, en: Please update the app. }
      """
    ).crisis
    #expect(crisis.owner == nil && crisis.rest == .seconds(1_800) && crisis.hotKinds == 3)
    #expect(crisis.surge == HotIssueRule(least: 100, times: 4) && crisis.anger == .init(least: 20, share: 0.5))
    #expect(crisis.topics.map(\.name).sorted() == ["injury", "recall"])
    #expect(crisis.topics.first { $0.name == "recall" }?.least == 3)
    #expect(crisis.topics.first { $0.name == "injury" }?.least == 1)
    #expect(crisis.checklist == ["Inform legal", "Call back"])
    #expect(crisis.answers.first { $0.name == "checking" }?.text(in: "zh-Hans") == "正在核实")
    #expect(crisis.answers.first { $0.name == "app" }?.condition == .oneOf(.channel, ["app"]))
    #expect(try life("closing: { confirm_within: 2d }").crisis == CrisisPolicy(), "without settings none opens")
  }

  @Test func pointsOfAChecklistCanHaveBothLanguages() throws {
    let points = try life("crises: { checklist: [{ zh: 通知法务, en: Inform legal }, Call back] }").crisis.checklist
    #expect(points.map(\.text) == ["Inform legal", "Call back"])
    #expect(points.map(\.texts) == [["zh": "通知法务", "en": "Inform legal"], [:]])
  }

  @Test func channelTicketsUseANumberOrAWholeAgent() throws {
    let policy = try PolicyDocument.load(
      yaml: Self.ground.replacing("web: {", with: "phone: { weight: whole }, web: { weight: 4,"), version: 1)
    #expect(policy.channels.mapValues(\.weight) == ["app": 1, "web": 4, "phone": TicketWeight.whole])
    for weight in ["all", "0", "1001", "5"] {
      #expect(throws: PolicyMistakes.self) {
        try PolicyDocument.load(yaml: Self.ground.replacing("web: {", with: "web: { weight: \(weight),"), version: 1)
      }
    }
  }

  @Test func mistakesAreNamed() {
    #expect(
      mistakes("articles: { hours: { en: { title: Hours } } }").contains("articles.hours.en: 'answer' is missing"))
    #expect(mistakes("articles: { hours: {} }") == ["articles.hours: the article has no content"])
    #expect(mistakes("closing: { low_rating_below: 9 }").count == 1)
    #expect(mistakes("hot_issues: { least: 1 }").count == 1)
    #expect(mistakes("feedback: { category: [x] }").count == 1)
    #expect(mistakes("crises: { owner: zoe }").count == 1)
    #expect(mistakes("crises: { surge: { least: 100 } }") == ["crises.surge: 'times' is missing"])
    #expect(mistakes("crises: { topics: { recall: { least: 3 } } }") == ["crises.topics.recall: 'words' is missing"])
    #expect(mistakes("crises: { answers: { checking: {} } }") == ["crises.answers.checking: the answer has no text"])
  }
}
