import DeskCore
import Testing

@testable import PolicyReading

@Suite("Policy syntax of progress notices")
struct PolicyProgressTests {
  private static let ground = """
    version: 1
    agents: [{ id: ann, capacity: 4, title: { zh: 小安, en: Ann } }]
    queues: { general: { title: 综合 } }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { app: { replies: fetch }, web: { replies: fetch } }

    """

  private func progress(_ text: String) throws -> ProgressPolicy {
    try PolicyDocument.load(yaml: Self.ground + text, version: 1).life.progress
  }

  /// The mistakes of a text: line and column counted from its start, path, problem.
  private func mistakes(_ text: String) -> [String] {
    do {
      _ = try progress(text)
      return []
    } catch let error as PolicyMistakes {
      let lines = Self.ground.split(separator: "\n", omittingEmptySubsequences: false).count - 1
      return error.mistakes.map { "\($0.line - lines):\($0.column) \($0.path): \($0.problem)" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test func withoutItNothingIsSent() throws {
    #expect(try progress("") == ProgressPolicy())
  }

  @Test func everySettingCanBeGiven() throws {
    let progress = try progress(
      """
      progress:
        channels: [web]
        default_language: zh
        interval: 10m
        quiet_hours: { hours: "22:00-08:00", time_zone: Asia/Shanghai }
        agent_names: title_or_login
        received: { after: 30s, zh: "收到（第 {position} 位）", en: Received }
        solved: { zh: 已解决 }
      """)
    #expect(progress.channels == ["web"] && progress.defaultLanguage == "zh" && progress.interval == .seconds(600))
    #expect(progress.showsLogins)
    #expect(progress.quietHours?.from == 1_320 && progress.quietHours?.to == 480)
    #expect(progress.quietHours?.zone.offsetSeconds(at: Instant(seconds: 1_772_442_000)) == 28_800)
    #expect(progress.notices.keys.sorted { $0.rawValue < $1.rawValue } == [.received, .solved])
    #expect(progress.notices[.received]?.after == .seconds(30))
    #expect(progress.notices[.received]?.texts["zh"]?.namesPosition == true)
    #expect(progress.notices[.solved]?.texts.keys.sorted() == ["zh"])
    #expect(progress.agentTitles == ["ann": ["zh": "小安", "en": "Ann"]])
    #expect(progress.queueTitles == ["general": ["und": "综合"]])
  }

  @Test(
    arguments: [
      (#""您好 {agnt}""#, "4:13", "unknown placeholder '{agnt}'"), ("您好 {name}", "4:12", "unknown placeholder '{name}'"),
      ("'{position}'", "4:10", "{position} has no value when a ticket is 'assigned'"),
      (#""a } b""#, "4:12", "a brace has no counterpart"),
      (#""""#, "4:9", "the text is blank, too long or contains U+0000"),
      // Of several lines: the place of the text.
      ("|\n      您好\n      {name}", "4:9", "unknown placeholder '{name}'"),
    ])
  func aMistakeInATextHasItsLineAndColumn(_ text: String, _ place: String, _ problem: String) {
    let found = mistakes("progress:\n  channels: [web]\n  assigned:\n    zh: \(text)")
    #expect(found == ["\(place) progress.assigned.zh: \(problem)"])
  }

  @Test(
    arguments: [
      ("assigned: { en: x }", "'channels' is missing"),
      ("channels: [mail], assigned: { en: x }", "unknown channel 'mail'"),
      ("channels: [web]", "no state has a text"),
      ("channels: [web], assigned: { after: 1m }", "the notice has no text"),
      (
        "channels: [web], default_language: zh, assigned: { en: x }", "the text in the default language is missing"
      ),
      ("channels: [web], closed: { en: x }", "unknown key 'closed'"),
      ("channels: [web], agent_names: login, assigned: { en: x }", "unknown value 'login'"),
      ("channels: [web], interval: 8d, assigned: { en: x }", "'8d' is too short or too long"),
    ])
  func eachMistakeIsReported(_ settings: String, _ problem: String) {
    #expect(mistakes("progress: { \(settings) }").contains { $0.hasSuffix(problem) })
  }

  @Test(arguments: ["22:00", "08:00-08:00", "00:00-24:00", "24:00-08:00", "22:00-25:00"])
  func quietHoursAreAPartOfTheDay(_ hours: String) {
    let text = #"progress: { channels: [web], quiet_hours: { hours: "\#(hours)", time_zone: UTC }, solved: { en: x } }"#
    #expect(mistakes(text).contains { $0.hasSuffix("'\(hours)' is not a part of the day") })
  }

  @Test func quietHoursNeedAKnownTimeZone() {
    let text =
      #"progress: { channels: [web], quiet_hours: { hours: "22:00-08:00", time_zone: Mars }, solved: { en: x } }"#
    #expect(mistakes(text).contains { $0.hasSuffix("unknown time zone 'Mars'") })
    #expect(mistakes(text.replacing(", time_zone: Mars", with: "")).contains { $0.hasSuffix("'time_zone' is missing") })
  }
}
