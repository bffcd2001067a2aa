import DeskCore
import PolicyReading
import Simulator
import Testing

@Suite("Scenario files")
struct ScenarioDocumentTests {
  private static let good = """
    title: { zh: 促销日, en: A sale day }
    start: 2026-11-11
    time_zone: Asia/Shanghai
    warm_up: 30m
    policy:
      version: 1
      teams: { all: {} }
      skills: { sales: {} }
      agents: [{ ids: a-01..a-10, teams: [all], skills: { sales: 5 }, capacity: 2 }]
      queues: { general: { teams: [all] } }
      rules: []
      default_queue: general
      triage: { queue: general, below: 0.1 }
      channels: { app: { replies: fetch } }
    kinds:
      question: { channel: app, category: question, tiers: { vip: 0.1 } }
    arrivals:
      - { per_hour: { "08:00": 60, "20:00": 120 } }
      - { kinds: question, burst: { at: "20:00", for: 10m, tickets: 50 } }
    handling: { time: { lognormal: 4m, variation: 0.7 } }
    patience: { time: { exponential: 10m } }
    agents:
      early: { ids: a-01..a-04, shifts: [{ weekdays: monday..friday, hours: "08:00-16:00", breaks: "12:00-12:30" }] }
      rest: { declines: 0.05, copies: 2 }
    """

  private func read(_ yaml: String) throws -> Scenario {
    try ScenarioDocument.read(Array(yaml.utf8)) { _ in nil }
  }

  @Test func readsAScenario() throws {
    let scenario = try read(Self.good)
    #expect(scenario.title["en"] == "A sale day")
    #expect(scenario.start == Instant(seconds: 1_794_355_200 - 8 * 3_600))
    #expect(scenario.length == .seconds(86_400))
    #expect(scenario.warmUp == .seconds(1_800))
    #expect(scenario.staff.map(\.agents.count) == [4, 12])
    #expect(scenario.staff[0].shifts.first?.breaks == [720..<750])
    // The last rate of the day holds until the first of the next one.
    #expect(scenario.arrivals[0].periods.map(\.ratePerHour) == [120, 60, 120])
    #expect(scenario.arrivals[1].periods.map(\.ratePerHour) == [300, 0])
    #expect(scenario.kinds[0].tiers[.standard] == 0.9)
    #expect(scenario.handling[0].time == .lognormal(mean: 240, variation: 0.7))
  }

  /// What reads well and cannot mean anything, each with a word of what is reported.
  @Test(arguments: [
    ("question: { channel: app, category: question, tiers: { vip: 0.1 } }", "{}", "there is no kind"),
    ("tiers: { vip: 0.1 }", "share: 0", "the share 0"),
    ("tiers: { vip: 0.1 }", "tiers: { vip: 0.9, key_account: 0.9 }", "more than 1"),
    ("title: {", "hours: 1\ndays: 1\ntitle: {", "'days' is given, too"),
    ("warm_up: 30m", "warm_up: 24h", "ends before its warm-up"),
    ("{ \"08:00\": 60, \"20:00\": 120 }", "1e-300", "at least 1e-06"),
    ("{ \"08:00\": 60, \"20:00\": 120 }", "{}", "there is no rate"),
    ("kinds: question, burst", "kinds: [], burst", "the stream has no kind"),
    ("warm_up: 30m", "hours: 4", "begins after the end"),
    ("lognormal: 4m, variation: 0.7", "lognormal: 4m, exponential: 4m, variation: 0.7", "both given"),
    ("exponential: 10m", "exponential: 10m, variation: 2", "only lognormal and gamma"),
    ("lognormal: 4m, variation: 0.7", "sample: []", "the sample has no times"),
    ("declines: 0.05", "declines: 0.7, ignores: 0.7", "add up to more than 1"),
    ("breaks: \"12:00-12:30\"", "breaks: \"17:00-17:30\"", "outside the hours of its shift"),
    (
      "shifts: [{", "shifts: [{ weekdays: friday, hours: \"15:00-17:00\" }, {", "overlaps another shift"
    ),
  ])
  func reportsWhatCannotMeanAnything(good: String, bad: String, problem: String) {
    #expect(Self.good.contains(good))
    let error = #expect(throws: PolicyMistakes.self) { try read(Self.good.replacing(good, with: bad)) }
    #expect(error?.mistakes.contains { $0.problem.contains(problem) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func reportsAScenarioWithoutAgents() throws {
    let lines = Self.good.split(separator: "\n").filter { !$0.hasPrefix("  early:") && !$0.hasPrefix("  rest:") }
    let yaml = lines.joined(separator: "\n").replacing("\nagents:", with: "\nagents: {}")
    let error = #expect(throws: PolicyMistakes.self) { try read(yaml) }
    #expect(error?.mistakes.map(\.problem) == ["there are no agents"])
  }

  @Test func readsAFileWithAByteOrderMark() throws {
    #expect(
      try ScenarioDocument.read([0xEF, 0xBB, 0xBF] + Array(Self.good.utf8)) { _ in nil }.length == .seconds(86_400))
  }

  @Test func reportsEveryMistakeWithItsPlace() {
    let yaml = Self.good
      .replacing("channel: app, category: question", with: "channel: fax, category: question")
      .replacing("\"20:00\": 120", with: "\"25:00\": 120")
      .replacing("lognormal: 4m, variation: 0.7", with: "lognormal: 4m")
      .replacing("ids: a-01..a-04", with: "ids: a-01..a-14")
      .replacing("declines: 0.05", with: "decline: 0.05")
    do {
      _ = try read(yaml)
      Issue.record("the mistakes were not found")
    } catch let mistakes as PolicyMistakes {
      let lines = mistakes.mistakes.map { "\($0.line) \($0.path)" }
      #expect(mistakes.mistakes.count == 5, "\(mistakes)")
      #expect(lines.contains("16 kinds.question.channel"))
      #expect(lines.contains("18 arrivals[0].per_hour.'25:00'") || lines.contains("18 arrivals[0].per_hour.25:00"))
      #expect(mistakes.mistakes.contains { $0.remedy == "did you mean 'declines'?" })
      #expect(mistakes.mistakes.contains { $0.problem == "'variation' is missing" })
    } catch {
      Issue.record(error)
    }
  }

  @Test func aPolicyFileIsReadByTheCaller() throws {
    let (policy, _) = QueueScenario.policy(agents: 3)
    let yaml = """
      start: 2026-11-11
      policy: desk.yaml
      kinds: { any: { channel: app, category: any } }
      arrivals: [{ per_hour: 60 }]
      handling: { time: 1m }
      agents: { all: {} }
      """
    let scenario = try ScenarioDocument.read(Array(yaml.utf8)) { $0 == "desk.yaml" ? policy : nil }
    #expect(scenario.staff[0].agents.count == 3)
    #expect(throws: PolicyMistakes.self) { try read(yaml) }
  }
}
