import DeskCore
import Foundation
import Testing

@testable import PolicyReading

@Suite("The shipped sample policy")
struct SamplePolicyTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private let policy: Policy

  init() throws {
    let bytes = try Data(contentsOf: SamplePolicyTests.root.appending(path: "deploy/desk.yaml"))
    policy = try PolicyBundle(
      bytes: bytes, version: 1, environment: [:], folder: SamplePolicyTests.root.appending(path: "deploy").path
    ).document.policy
  }

  @Test func everyCategoryHasATitleInBothLanguages() throws {
    let bytes = try Data(contentsOf: SamplePolicyTests.root.appending(path: "deploy/desk.yaml"))
    let titles = try PolicyBundle(
      bytes: bytes, version: 1, environment: [:], folder: SamplePolicyTests.root.appending(path: "deploy").path
    ).document.titles
    for category in policy.categories {
      #expect(Set(titles["categories.\(category)"]?.byLanguage.keys ?? [:].keys) == ["zh", "en"], "\(category)")
    }
  }

  private func decide(
    _ category: String, channel: ChannelID = "web", urgency: Urgency = .normal, sentiment: Sentiment = .neutral,
    confidence: Double = 0.9, text: String = "", at opened: Instant = Instant(seconds: 1_772_442_000)
  ) -> RoutingDecision {
    policy.decide(
      RoutingFacts(
        channel: channel, tier: .standard,
        labels: Labels(
          category: category, intent: category, confidence: confidence, urgency: urgency, sentiment: sentiment,
          language: "zh-Hans", modelVersion: "m"),
        text: text, openedAt: opened))
  }

  @Test func staffAndChannelsMatchItsDescription() {
    #expect(policy.agents.count == 60)
    #expect(policy.agents["agent-060"]?.capacity == 5)
    #expect(policy.channels.keys.sorted() == ["app", "email", "partner", "social", "web", "wechat"])
    #expect(policy.queues.count == 12)
    #expect(
      policy.headStarts == HeadStarts(high: .seconds(300), vip: .seconds(180), keyAccount: .seconds(480)),
      "it shows the defaults")
    #expect(policy.hooks.isEmpty, "a sample has no hooks")
    // Not on the chats of sample traffic, whose customers see their position.
    #expect(policy.life.progress.channels == ["email"])
    #expect(Set(policy.life.progress.notices.keys) == [.received, .waiting, .solved, .reopened])
  }

  @Test(
    arguments: [
      ("account", "accounts"), ("logistics", "shipping"), ("refund", "returns"), ("exchange_return", "returns"),
      ("delivery_damage", "returns"), ("product_fault", "technical"), ("technical_app", "technical"),
      ("billing", "billing"), ("payment", "billing"), ("invoice", "billing"), ("promotion", "billing"),
      ("complaint", "complaints"), ("safety", "complaints"), ("suggestion", "feedback"), ("praise", "feedback"),
      ("consulting", "general"), ("order_change", "orders"), ("cancellation", "orders"), ("never-heard-of", "general"),
    ] as [(String, QueueID)])
  func eachCategoryHasItsQueue(_ category: String, _ queue: QueueID) {
    #expect(decide(category).queue == queue)
  }

  @Test(
    arguments: [
      ("这款产品会召回吗", ["recall"]), ("Is there a product recall?", ["recall"]), ("孩子被烫伤了", ["injury"]),
      ("The charger caught fire", ["injury"]), ("我的个人信息被泄露了", ["data_leak"]),
      ("Was there a data breach?", ["data_leak"]),
      ("Where is my parcel?", []), ("快递到哪了", []),
    ] as [(String, [String])])
  func graveWordsAreFoundInBothLanguages(_ text: String, _ topics: [String]) {
    #expect(policy.life.crisis.topics(in: FoldedText(text)) == topics)
  }

  @Test func aCrisisHasAnOwnerAChecklistAndAnswersInBothLanguages() throws {
    let crisis = policy.life.crisis
    let owner = try #require(crisis.owner)
    #expect(policy.teams.values.contains { $0.lead == owner })
    #expect(!crisis.checklist.isEmpty && crisis.hotKinds != nil && crisis.surge != nil && crisis.anger != nil)
    #expect(Set(crisis.answers.map(\.name)) == Set(crisis.topics.map(\.name)))
    for point in crisis.checklist { #expect(point.texts.keys.sorted() == ["en", "zh"], "\(point.text)") }
    for answer in crisis.answers { #expect(answer.texts.keys.sorted() == ["en", "zh"], "\(answer.name)") }
  }

  @Test func everySampleCategoryIsInTheTable() throws {
    let samples = SamplePolicyTests.root.appending(path: "Services/Classifier/Samples/concerns.csv")
    let lines = try String(contentsOf: samples, encoding: .utf8).split(separator: "\n")
    let known = policy.rules.flatMap { rule in categories(of: rule.condition) } + ["consulting"]
    for category in Set(known) {
      #expect(lines.contains { $0.contains(",\(category),") }, "no sample is labelled \(category)")
    }
  }

  private func categories(of condition: Condition) -> [String] {
    switch condition {
    case .oneOf(.category, let values): Array(values)
    case .all(let parts), .any(let parts): parts.flatMap { categories(of: $0) }
    case .not(let part): categories(of: part)
    default: []
    }
  }

  @Test func uncertainLabelsGoToAPerson() {
    #expect(decide("complaint", confidence: 0.34).queue == "triage")
    #expect(decide("complaint", confidence: 0.35).queue == "complaints")
  }

  @Test func legalThreatsAreUrgent() {
    let threat = decide("refund", sentiment: .negative, text: "不退款我就打12315")
    #expect(threat.queue == "complaints")
    #expect(threat.priority == .urgent)
    #expect(decide("refund", text: "an issue with my refund").queue == "returns")
  }

  @Test func complaintsAreAnsweredWithinHalfAnHour() {
    let complaint = decide("complaint")
    #expect(complaint.targets.policy == "complaints")
    #expect(complaint.targets.firstResponse?.allowed == .seconds(1_800))
    #expect(decide("logistics").targets.firstResponse?.allowed == .seconds(7_200))
  }

  @Test func partnersHaveOfficeHoursThroughTheSpringFestival() {
    // Saturday 2026-02-14, a make-up day, 17:00 in Shanghai: one hour is left, the next work day is Tuesday the 24th.
    let decision = decide("consulting", channel: "partner", at: Instant(seconds: 1_771_059_600))
    #expect(decision.queue == "partners")
    #expect(decision.weight == 2)
    // Tuesday 2026-02-24 10:00 in Shanghai.
    #expect(decision.targets.firstResponse?.dueAt == Instant(seconds: 1_771_898_400))
  }

  @Test func articlesAnswerInChineseAndEnglish() {
    let articles = policy.life.answers.articles
    #expect(articles.count == 33)
    #expect(articles.values.count { $0.answersByItself } == 28)
    #expect(
      Set(["ask-for-an-invoice", "reset-a-password", "return-an-item", "track-a-parcel"]).isSubset(
        of: articles.keys.map(\.rawValue)))
    for article in articles.values {
      #expect(article.versions.keys.sorted() == ["en", "zh"], "\(article.id)")
      #expect(article.versions.values.allSatisfy { !$0.questions.isEmpty && !$0.steps.isEmpty }, "\(article.id)")
    }
  }

  @Test func everyQueueCanBeServedInChineseAndEnglish() {
    for queue in policy.queues.values {
      for language in ["zh-Hans", "en"] {
        let isServed = policy.agents.values.contains {
          (queue.teams.isEmpty || !queue.teams.isDisjoint(with: $0.teams)) && $0.masters(queue.skills)
            && $0.speaks(language)
        }
        #expect(isServed, "\(queue.id) in \(language)")
      }
    }
  }

  // MARK: The calendars of 2026

  /// The dates of 2026 on which a calendar opens, as months and days.
  private func openDays(of calendar: CalendarID) throws -> Set<String> {
    let calendar = try #require(policy.calendars[calendar])
    var days: Set<String> = []
    for (month, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
      for date in 1...length {
        let day = try #require(PolicyTime.day("2026-\(Self.digits(month + 1))-\(Self.digits(date))"))
        let from = calendar.zone.instant(day: day, minute: 0)
        if calendar.openTime(from: from, to: calendar.zone.instant(day: day + 1, minute: 0)) > .zero {
          days.insert("\(Self.digits(month + 1))-\(Self.digits(date))")
        }
      }
    }
    return days
  }

  private static func digits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test func chinaCalendarFollowsTheStateCouncil() throws {
    let open = try openDays(of: "shanghai-office")
    // 365 days, 104 of them on weekends; 19 weekdays are free, and 6 days of weekends are worked.
    #expect(open.count == 365 - 104 - 19 + 6)
    for worked in ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"] { #expect(open.contains(worked)) }
    for free in ["01-02", "02-16", "02-23", "04-06", "05-05", "06-19", "09-25", "10-01", "10-07"] {
      #expect(!open.contains(free))
    }
  }

  @Test func berlinIsClosedOnGermanHolidays() throws {
    let open = try openDays(of: "berlin-office")
    // Three of the ten holidays fall on weekends: 8 March, 3 October and 26 December.
    #expect(open.count == 365 - 104 - 7)
    for free in ["01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "12-25"] { #expect(!open.contains(free)) }
    // Clock changes are outside all office hours.
    let berlin = try #require(policy.calendars["berlin-office"])
    #expect(
      berlin.zone.transitions.count {
        $0.at > Instant(seconds: 1_767_225_600) && $0.at < Instant(seconds: 1_798_761_600)
      } == 2)
  }

  @Test func lateComplaintsAreEscalated() throws {
    let level = try #require(policy.serviceLevels.first { $0.name == "complaints" })
    #expect(level.warningPercents == [50, 75, 90])
    #expect(level.escalation.map(\.after) == [.zero, .seconds(600), .seconds(1_800)])
    #expect(level.escalation.last?.actions == [.tellLead, .hand(to: "escalations")])
  }
}
