import Testing

@testable import DeskCore

@Suite("Texts of progress notices")
struct ProgressTemplateTests {
  private static let values = ProgressValues(
    ticket: .number(1), agent: "小安", queue: "物流", position: 3, expectedWait: .seconds(125))

  @Test func placeholdersGetTheirValues() throws {
    let received = try ProgressTemplate("{ticket} {queue} {position} {expected_wait} {{x}}", for: .received)
    #expect(
      received.text(with: Self.values, in: "en")
        == "00000000-0000-0000-0000-000000000001 物流 3 about 3 minutes {x}")
    #expect(received.namesPosition)
    let assigned = try ProgressTemplate("{agent}正在处理您的问题。", for: .assigned)
    #expect(assigned.text(with: Self.values, in: "zh") == "小安正在处理您的问题。")
    #expect(!assigned.namesPosition)
  }

  @Test func valuesThatAreNotKnownAreDescribed() throws {
    let values = ProgressValues(ticket: .number(1))
    let assigned = try ProgressTemplate("{agent}/{queue}", for: .assigned)
    #expect(assigned.text(with: values, in: "en") == "a colleague/support")
    #expect(assigned.text(with: values, in: "zh-Hans") == "客服人员/客服")
    let received = try ProgressTemplate("{position}/{expected_wait}", for: .received)
    #expect(received.text(with: values, in: "en") == "unknown/not known yet")
    #expect(received.text(with: values, in: "zh") == "未知/暂时无法估计")
  }

  @Test(
    arguments: [
      (0.0, "less than a minute", "不到 1 分钟"), (59, "less than a minute", "不到 1 分钟"), (60, "about 1 minute", "约 1 分钟"),
      (61, "about 2 minutes", "约 2 分钟"), (5_400, "about 90 minutes", "约 90 分钟"), (5_401, "about 2 hours", "约 2 小时"),
      (90_000, "about 25 hours", "约 25 小时"),
    ])
  func waitsAreRoundedUp(_ seconds: Double, _ english: String, _ chinese: String) throws {
    let template = try ProgressTemplate("{expected_wait}", for: .reopened)
    let values = ProgressValues(ticket: .number(1), expectedWait: .seconds(seconds))
    #expect(template.text(with: values, in: "en") == english)
    #expect(template.text(with: values, in: "zh-Hant") == chinese)
  }

  @Test func mistakesAreFoundWithTheirPlace() {
    func mistake(_ text: String, _ event: ProgressEvent = .assigned) -> ProgressTemplate.Mistake? {
      do throws(ProgressTemplate.Mistake) {
        _ = try ProgressTemplate(text, for: event)
        return nil
      } catch {
        return error
      }
    }
    #expect(mistake("您好 {name}") == .init(kind: .unknown("name"), offset: 3))
    #expect(mistake("{}") == .init(kind: .unknown(""), offset: 0))
    #expect(mistake("{ agent }") == .init(kind: .unknown(" agent "), offset: 0))
    #expect(mistake("a {position}") == .init(kind: .unavailable(.position), offset: 2))
    #expect(mistake("{agent}", .received) == .init(kind: .unavailable(.agent), offset: 0))
    #expect(mistake("a {agent") == .init(kind: .unpairedBrace, offset: 2))
    #expect(mistake("a } b") == .init(kind: .unpairedBrace, offset: 2))
    #expect(mistake("{{agent}}") == nil)
    // Canonically equivalent to no placeholder, byte by byte another name.
    #expect(mistake("{agent\u{301}}")?.kind == .unknown("agent\u{301}"))
  }

  @Test func theLanguageIsTheCustomersElseTheDefault() throws {
    func policy(_ languages: [String], default language: String?) throws -> ProgressPolicy {
      var texts: [String: ProgressTemplate] = [:]
      for language in languages { texts[language] = try ProgressTemplate(language, for: .solved) }
      return ProgressPolicy(channels: ["web"], notices: [.solved: .init(texts: texts)], defaultLanguage: language)
    }
    let both = try policy(["zh", "en"], default: "zh")
    #expect(both.template(of: .solved, for: "zh-Hans")?.language == "zh")
    #expect(both.template(of: .solved, for: "en")?.language == "en")
    #expect(both.template(of: .solved, for: "mixed")?.language == "zh")
    #expect(both.template(of: .solved, for: "")?.language == "zh")
    #expect(try policy(["zh", "en"], default: nil).template(of: .solved, for: "fr")?.language == "en")
    #expect(try policy(["zh"], default: "en").template(of: .solved, for: "fr")?.language == "zh")
    #expect(both.template(of: .received, for: "en") == nil)
  }

  @Test func anAgentIsNamedByTitleAndByLoginOnlyWhereThePolicySaysSo() throws {
    var ticket = try Ticket.example(in: .assigned)
    var policy = ProgressPolicy(
      agentTitles: ["ann": ["zh": "小安", "en": "Ann"]], queueTitles: ["shipping": ["und": "Parcels"]])
    #expect(policy.values(of: ticket, in: "zh").agent == "小安")
    #expect(policy.values(of: ticket, in: "en").agent == "Ann")
    #expect(policy.values(of: ticket, in: "en").queue == "Parcels")
    policy.agentTitles = [:]
    #expect(policy.values(of: ticket, in: "en").agent == nil)
    policy.showsLogins = true
    #expect(policy.values(of: ticket, in: "en").agent == "ann")
    _ = try ticket.handle(.resolved(by: "ann"), now: .at(200))
    #expect(policy.values(of: ticket, in: "en").agent == "ann", "who settled it")
  }
}
